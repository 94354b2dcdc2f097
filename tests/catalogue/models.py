"""The models of the sample catalogue: 27 things, each with a name, a sentence and its materials."""

from words import Model, Phrase

MODELS = (
    Model(
        "CSH", "Hamra", "Textiles", Phrase("cushion", "kudde", "Kissen"),
        Phrase(
            "A soft cushion for the sofa, the reading chair or the window seat.",
            "En mjuk kudde till soffan, läsfåtöljen eller fönsterbänken.",
            "Ein weiches Kissen für Sofa, Lesesessel oder Fensterbank.",
        ),
        ("wool", "linen", "cotton"), 349.0, 0.6, (45, 12, 45), ("living room", "gift"),
    ),
    Model(
        "THR", "Vemdal", "Textiles", Phrase("throw", "pläd", "Plaid"),
        Phrase(
            "A throw for long evenings, woven in a herringbone that drapes well.",
            "En pläd för långa kvällar, vävd i fiskben och med fint fall.",
            "Ein Plaid für lange Abende, im Fischgrat gewebt und schön im Fall.",
        ),
        ("wool", "cotton"), 899.0, 1.1, (130, 1, 180), ("living room", "bedroom", "gift"),
    ),
    Model(
        "CRT", "Ronneby", "Textiles", Phrase("curtain", "gardin", "Vorhang"),
        Phrase(
            "A curtain that lets the morning in and keeps the neighbours out.",
            "En gardin som släpper in morgonen men inte grannarna.",
            "Ein Vorhang, der den Morgen hereinlässt, aber nicht die Nachbarn.",
        ),
        ("linen", "cotton"), 799.5, 1.3, (140, 1, 250), ("living room", "bedroom"),
    ),
    Model(
        "TOW", "Marstrand", "Textiles", Phrase("towel", "handduk", "Handtuch"),
        Phrase(
            "A generous towel with a loop where one looks for it.",
            "En generös handduk med hängaren där man letar efter den.",
            "Ein großzügiges Handtuch mit einem Aufhänger da, wo man ihn sucht.",
        ),
        ("linen", "cotton"), 199.0, 0.4, (70, 1, 140), ("bathroom",),
    ),
    Model(
        "TCL", "Sigtuna", "Textiles", Phrase("tablecloth", "duk", "Tischdecke"),
        Phrase(
            "A tablecloth for everyday suppers that also stands a feast.",
            "En duk till vardagsmiddagen som även klarar kalas.",
            "Eine Tischdecke für den Alltag, die auch ein Fest aushält.",
        ),
        ("linen", "cotton"), 549.0, 0.8, (145, 1, 240), ("dining room",),
    ),
    Model(
        "RUG", "Orsa", "Textiles", Phrase("rug", "matta", "Teppich"),
        Phrase(
            "A flat-woven rug that lies still and can be turned when one side is tired.",
            "En slätvävd matta som ligger still och kan vändas när ena sidan är trött.",
            "Ein flach gewebter Teppich, der liegen bleibt und sich wenden lässt.",
        ),
        ("wool", "cotton"), 2495.0, 7.5, (170, 1, 240), ("living room", "bedroom"),
    ),
    Model(
        "CHR", "Ekeby", "Seating", Phrase("chair", "stol", "Stuhl"),
        Phrase(
            "A chair that is easy to lift and hard to break, for kitchen and hall.",
            "En stol som är lätt att lyfta och svår att ha sönder, för kök och hall.",
            "Ein Stuhl, leicht zu heben und schwer zu zerbrechen, für Küche und Flur.",
        ),
        ("oak", "birch", "steel", "rattan"), 1295.0, 4.8, (46, 50, 81), ("dining room", "kitchen"),
    ),
    Model(
        "ARM", "Solna", "Seating", Phrase("armchair", "fåtölj", "Sessel"),
        Phrase(
            "An armchair with a back high enough to fall asleep in.",
            "En fåtölj med rygg hög nog att somna i.",
            "Ein Sessel, dessen Lehne hoch genug ist, um darin einzuschlafen.",
        ),
        ("wool", "linen", "leather", "rattan"), 5995.0, 19.0, (78, 82, 96), ("living room",),
    ),
    Model(
        "SOF", "Vänern", "Seating", Phrase("sofa", "soffa", "Sofa"),
        Phrase(
            "A sofa for three, or for one who lies down; the covers come off.",
            "En soffa för tre, eller för en som ligger; klädseln går att ta av.",
            "Ein Sofa für drei oder für einen, der liegt; die Bezüge sind abnehmbar.",
        ),
        ("wool", "linen", "leather"), 14995.0, 68.0, (218, 92, 84), ("living room", "bestseller"),
    ),
    Model(
        "STL", "Alvik", "Seating", Phrase("stool", "pall", "Hocker"),
        Phrase(
            "A stool to sit on, stand on or put a book on.",
            "En pall att sitta på, stå på eller lägga en bok på.",
            "Ein Hocker zum Sitzen, zum Daraufstehen oder für ein Buch.",
        ),
        ("oak", "birch", "steel", "rattan"), 595.0, 2.9, (38, 38, 45), ("kitchen", "hall"),
    ),
    Model(
        "BEN", "Torsby", "Seating", Phrase("bench", "bänk", "Bank"),
        Phrase(
            "A bench for two and their wet gloves.",
            "En bänk för två och deras blöta vantar.",
            "Eine Bank für zwei und ihre nassen Handschuhe.",
        ),
        ("oak", "birch", "steel"), 2195.0, 11.5, (110, 36, 45), ("hall",),
    ),
    Model(
        "DTB", "Mora", "Tables", Phrase("dining table", "matbord", "Esstisch"),
        Phrase(
            "A dining table for six, with a leaf in the drawer for eight.",
            "Ett matbord för sex, med en iläggsskiva för åtta.",
            "Ein Esstisch für sechs, mit einer Einlegeplatte für acht.",
        ),
        ("oak", "birch"), 8995.0, 42.0, (180, 90, 74), ("dining room", "bestseller"),
    ),
    Model(
        "CTB", "Rättvik", "Tables", Phrase("coffee table", "soffbord", "Couchtisch"),
        Phrase(
            "A coffee table with a shelf for what should not lie on it.",
            "Ett soffbord med en hylla för det som inte ska ligga framme.",
            "Ein Couchtisch mit einer Ablage für alles, was nicht darauf liegen soll.",
        ),
        ("oak", "birch", "steel"), 2995.0, 16.5, (110, 60, 42), ("living room",),
    ),
    Model(
        "DSK", "Uppsala", "Tables", Phrase("desk", "skrivbord", "Schreibtisch"),
        Phrase(
            "A desk with room for two elbows and one idea at a time.",
            "Ett skrivbord med plats för två armbågar och en idé i taget.",
            "Ein Schreibtisch mit Platz für zwei Ellbogen und eine Idee zur Zeit.",
        ),
        ("oak", "birch", "steel"), 4495.0, 27.0, (140, 70, 73), ("office",),
    ),
    Model(
        "SDT", "Nora", "Tables", Phrase("side table", "sidobord", "Beistelltisch"),
        Phrase(
            "A small side table that follows the cup around the room.",
            "Ett litet sidobord som följer kaffekoppen runt i rummet.",
            "Ein kleiner Beistelltisch, der der Tasse durchs Zimmer folgt.",
        ),
        ("oak", "steel", "rattan"), 1195.0, 5.2, (42, 42, 52), ("living room", "bedroom"),
    ),
    Model(
        "PEN", "Luleå", "Lighting", Phrase("pendant lamp", "taklampa", "Pendelleuchte"),
        Phrase(
            "A pendant lamp whose shade throws its light on the table and not in the eyes.",
            "En taklampa som lyser på bordet och inte i ögonen.",
            "Eine Pendelleuchte, die den Tisch beleuchtet und nicht blendet.",
        ),
        ("steel", "glass", "rattan"), 1495.0, 2.4, (38, 38, 30), ("dining room", "bestseller"),
    ),
    Model(
        "TLP", "Kiruna", "Lighting", Phrase("table lamp", "bordslampa", "Tischleuchte"),
        Phrase(
            "A table lamp with a dimmer that goes all the way down.",
            "En bordslampa med dimmer som går hela vägen ner.",
            "Eine Tischleuchte mit einem Dimmer, der bis ganz unten reicht.",
        ),
        ("steel", "glass", "stoneware"), 995.0, 1.9, (24, 24, 41), ("bedroom", "office"),
    ),
    Model(
        "CDL", "Falun", "Lighting", Phrase("candlestick", "ljusstake", "Kerzenhalter"),
        Phrase(
            "A candlestick heavy enough to stay where it was put.",
            "En ljusstake som är tung nog att stå där man ställt den.",
            "Ein Kerzenhalter, schwer genug, um stehen zu bleiben.",
        ),
        ("steel", "glass", "stoneware"), 299.0, 0.7, (9, 9, 18), ("gift", "dining room"),
    ),
    Model(
        "MUG", "Gränna", "Tableware", Phrase("mug", "mugg", "Becher"),
        Phrase(
            "A mug for three decilitres of coffee and two fingers.",
            "En mugg för tre deciliter kaffe och två fingrar.",
            "Ein Becher für drei Deziliter Kaffee und zwei Finger.",
        ),
        ("stoneware", "glass"), 149.0, 0.35, (9, 12, 9), ("kitchen", "gift"),
    ),
    Model(
        "PLT", "Kalmar", "Tableware", Phrase("plate", "tallrik", "Teller"),
        Phrase(
            "A plate with a low rim that keeps the sauce on it.",
            "En tallrik med låg kant som håller kvar såsen.",
            "Ein Teller mit niedrigem Rand, der die Soße behält.",
        ),
        ("stoneware", "glass"), 179.0, 0.75, (27, 27, 3), ("kitchen", "dining room"),
    ),
    Model(
        "BWL", "Visby", "Tableware", Phrase("bowl", "skål", "Schale"),
        Phrase(
            "A bowl for soup, salad or the keys in the hall.",
            "En skål för soppa, sallad eller nycklarna i hallen.",
            "Eine Schale für Suppe, Salat oder die Schlüssel im Flur.",
        ),
        ("stoneware", "glass", "oak"), 219.0, 0.6, (20, 20, 8), ("kitchen", "gift"),
    ),
    Model(
        "CRF", "Skara", "Tableware", Phrase("carafe", "karaff", "Karaffe"),
        Phrase(
            "A carafe for a litre of water, with a lip that does not drip.",
            "En karaff för en liter vatten, med en pip som inte droppar.",
            "Eine Karaffe für einen Liter Wasser, deren Tülle nicht tropft.",
        ),
        ("glass", "stoneware"), 395.0, 0.8, (11, 11, 27), ("dining room", "gift"),
    ),
    Model(
        "BOX", "Boden", "Storage", Phrase("box", "låda", "Kiste"),
        Phrase(
            "A box with a lid; three of them fill a shelf.",
            "En låda med lock; tre stycken fyller ett hyllplan.",
            "Eine Kiste mit Deckel; drei füllen ein Regalbrett.",
        ),
        ("oak", "birch", "steel", "leather"), 449.0, 1.8, (30, 34, 20), ("hall", "office"),
    ),
    Model(
        "BSK", "Arvika", "Storage", Phrase("basket", "korg", "Korb"),
        Phrase(
            "A basket for wood, wool or washing.",
            "En korg för ved, garn eller tvätt.",
            "Ein Korb für Holz, Wolle oder Wäsche.",
        ),
        ("rattan", "leather", "wool", "steel"), 549.0, 1.4, (40, 40, 36), ("living room", "bathroom"),
    ),
    Model(
        "SHF", "Lund", "Storage", Phrase("shelf", "hylla", "Regal"),
        Phrase(
            "A shelf that needs two screws and a spirit level.",
            "En hylla som behöver två skruvar och ett vattenpass.",
            "Ein Regal, das zwei Schrauben und eine Wasserwaage braucht.",
        ),
        ("oak", "birch", "steel"), 1295.0, 9.0, (80, 24, 60), ("living room", "office"),
    ),
    Model(
        "HKS", "Dalarö", "Storage", Phrase("coat rack", "hatthylla", "Garderobe"),
        Phrase(
            "A coat rack with five hooks and a place for hats.",
            "En hatthylla med fem krokar och plats för hattar.",
            "Eine Garderobe mit fünf Haken und Platz für Hüte.",
        ),
        ("oak", "birch", "steel"), 995.0, 4.1, (85, 26, 24), ("hall",),
    ),
    Model(
        "MIR", "Åre", "Storage", Phrase("mirror", "spegel", "Spiegel"),
        Phrase(
            "A mirror with a ledge for keys and lipstick.",
            "En spegel med en hylla för nycklar och läppstift.",
            "Ein Spiegel mit einer Ablage für Schlüssel und Lippenstift.",
        ),
        ("oak", "birch", "steel", "rattan"), 1395.0, 6.2, (50, 8, 70), ("hall", "bathroom"),
    ),
)  # fmt: skip

"""The vocabulary of the sample catalogue: what a small furnishing shop sells, in English, Swedish and German."""

from dataclasses import dataclass

LANGUAGES = ("en", "sv", "de")


@dataclass(frozen=True, slots=True)
class Phrase:
    """One thing said in three languages."""

    en: str
    sv: str
    de: str


@dataclass(frozen=True, slots=True)
class Look:
    """A colour or a treatment, with the Swedish forms that agree and the German stem."""

    code: str
    facet: str
    en: str
    sv_common: str
    sv_neuter: str
    de_stem: str


@dataclass(frozen=True, slots=True)
class Material:
    """What a thing is made of; ``sv_neuter`` and ``de_feminine`` say how its adjectives end."""

    name: Phrase
    care: Phrase
    sv_neuter: bool
    de_feminine: bool
    looks: tuple[str, ...]
    organic: bool = False

    def in_look(self, look: Look) -> Phrase:
        """The material in that look, as it stands after "in" and "aus"."""
        swedish = look.sv_neuter if self.sv_neuter else look.sv_common
        german = f"{look.de_stem}{'er' if self.de_feminine else 'em'}"
        return Phrase(f"{look.en} {self.name.en}", f"{swedish} {self.name.sv}", f"{german} {self.name.de}")


@dataclass(frozen=True, slots=True)
class Model:
    """A thing with a name, in its materials; price in crowns, weight in kilograms, sizes in centimetres."""

    code: str
    series: str
    category: str
    thing: Phrase
    said: Phrase
    materials: tuple[str, ...]
    price: float
    weight: float
    size: tuple[int, int, int]
    tags: tuple[str, ...]


CATEGORIES = ("Textiles", "Seating", "Tables", "Lighting", "Tableware", "Storage")

LOOKS = {
    look.code: look
    for look in (
        Look("BLU", "Blue", "blue", "blå", "blått", "blau"),
        Look("GRN", "Green", "green", "grön", "grönt", "grün"),
        Look("GRY", "Grey", "grey", "grå", "grått", "grau"),
        Look("WHT", "White", "white", "vit", "vitt", "weiß"),
        Look("BLK", "Black", "black", "svart", "svart", "schwarz"),
        Look("RST", "Red", "rust-red", "roströd", "rostrött", "rostrot"),
        Look("MUS", "Yellow", "mustard-yellow", "senapsgul", "senapsgult", "senfgelb"),
        Look("OIL", "Natural", "oiled", "oljad", "oljat", "geölt"),
        Look("LAC", "Natural", "lacquered", "lackad", "lackat", "lackiert"),
        Look("STN", "Black", "black-stained", "svartbetsad", "svartbetsat", "schwarz gebeizt"),
        Look("BRU", "Natural", "brushed", "borstad", "borstat", "gebürstet"),
        Look("SEA", "Green", "sea-green", "sjögrön", "sjögrönt", "seegrün"),
        Look("SND", "Beige", "sand-coloured", "sandfärgad", "sandfärgat", "sandfarben"),
        Look("SMK", "Grey", "smoke-grey", "rökgrå", "rökgrått", "rauchgrau"),
        Look("AMB", "Yellow", "amber-coloured", "bärnstensfärgad", "bärnstensfärgat", "bernsteinfarben"),
        Look("CLR", "Clear", "clear", "klar", "klart", "klar"),
        Look("COG", "Brown", "cognac-brown", "konjaksbrun", "konjaksbrunt", "cognacbraun"),
        Look("NAT", "Natural", "undyed", "ofärgad", "ofärgat", "ungefärbt"),
    )
}

_CLOTH = ("BLU", "GRN", "GRY", "WHT", "RST", "MUS")
_WOOD = ("OIL", "LAC", "STN")

MATERIALS = {
    "wool": Material(
        Phrase("wool", "ull", "Wolle"),
        Phrase(
            "The wool keeps its warmth even when it is damp; an airing is often all the washing it needs.",
            "Ullen värmer även när den är fuktig; oftast räcker det att vädra i stället för att tvätta.",
            "Die Wolle wärmt auch, wenn sie feucht ist; statt zu waschen genügt es meist, sie zu lüften.",
        ),
        sv_neuter=False, de_feminine=True, looks=_CLOTH,
    ),
    "linen": Material(
        Phrase("linen", "linne", "Leinen"),
        Phrase(
            "The linen is washed before it leaves the mill and grows softer with every year.",
            "Linnet tvättas innan det lämnar väveriet och blir mjukare för varje år.",
            "Das Leinen wird schon in der Weberei gewaschen und mit jedem Jahr weicher.",
        ),
        sv_neuter=True, de_feminine=False, looks=_CLOTH, organic=True,
    ),
    "cotton": Material(
        Phrase("organic cotton", "ekologisk bomull", "Bio-Baumwolle"),
        Phrase(
            "The cotton is grown without pesticides and can be washed at 60 degrees.",
            "Bomullen odlas utan bekämpningsmedel och tål tvätt i 60 grader.",
            "Die Baumwolle wird ohne Pestizide angebaut und ist bei 60 Grad waschbar.",
        ),
        sv_neuter=False, de_feminine=True, looks=_CLOTH, organic=True,
    ),
    "oak": Material(
        Phrase("oak", "ek", "Eiche"),
        Phrase(
            "Solid oak from managed forests; a little oil once a year keeps it as it is.",
            "Massiv ek från skött skog; lite olja en gång om året håller den som ny.",
            "Massive Eiche aus bewirtschafteten Wäldern; etwas Öl einmal im Jahr hält sie frisch.",
        ),
        sv_neuter=False, de_feminine=True, looks=_WOOD,
    ),
    "birch": Material(
        Phrase("birch", "björk", "Birke"),
        Phrase(
            "Nordic birch, light and strong, with edges rounded by hand.",
            "Nordisk björk, lätt och stark, med kanter som rundats för hand.",
            "Nordische Birke, leicht und fest, mit von Hand gerundeten Kanten.",
        ),
        sv_neuter=False, de_feminine=True, looks=_WOOD,
    ),
    "steel": Material(
        Phrase("steel", "stål", "Stahl"),
        Phrase(
            "The steel is three quarters recycled; wipe it with a damp cloth.",
            "Stålet är till tre fjärdedelar återvunnet; torka av det med en fuktig trasa.",
            "Der Stahl ist zu drei Vierteln recycelt; mit einem feuchten Tuch abwischen.",
        ),
        sv_neuter=True, de_feminine=False, looks=("BLK", "WHT", "GRN", "BRU"),
    ),
    "stoneware": Material(
        Phrase("stoneware", "stengods", "Steinzeug"),
        Phrase(
            "Fired at 1,280 degrees and glazed by hand: no two pieces are quite alike, all go in the dishwasher.",
            "Bränt i 1 280 grader och glaserat för hand: ingen är den andra lik, alla tål maskindisk.",
            "Bei 1 280 Grad gebrannt und von Hand glasiert: Jedes Stück ist anders, alle sind spülmaschinenfest.",
        ),
        sv_neuter=True, de_feminine=False, looks=("BLU", "WHT", "SEA", "SND", "BLK"),
    ),
    "glass": Material(
        Phrase("glass", "glas", "Glas"),
        Phrase(
            "Blown by mouth; a small bubble here and there is part of it.",
            "Munblåst; en liten bubbla här och där hör till.",
            "Mundgeblasen; hier und da gehört ein Bläschen dazu.",
        ),
        sv_neuter=True, de_feminine=False, looks=("CLR", "SMK", "AMB", "GRN"),
    ),
    "leather": Material(
        Phrase("leather", "läder", "Leder"),
        Phrase(
            "The leather is tanned with bark, and sun and use give it its colour.",
            "Lädret är barkgarvat, och sol och slitage ger det färg.",
            "Das Leder ist mit Rinde gegerbt; Sonne und Gebrauch geben ihm Farbe.",
        ),
        sv_neuter=True, de_feminine=False, looks=("COG", "BLK", "NAT"),
    ),
    "rattan": Material(
        Phrase("rattan", "rotting", "Rattan"),
        Phrase(
            "Rattan is woven wet and dries tight; keep it out of the rain.",
            "Rottingen flätas våt och torkar hårt; låt den inte stå ute i regn.",
            "Rattan wird nass geflochten und trocknet straff; nicht im Regen stehen lassen.",
        ),
        sv_neuter=False, de_feminine=False, looks=("NAT", "BLK", "WHT"),
    ),
}  # fmt: skip

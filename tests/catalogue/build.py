"""Makes the sample catalogue from its vocabulary: ``python tests/catalogue/build.py`` writes the spreadsheet again.

Gives the same table every time, and spoils a few cells of it on purpose, as people's spreadsheets are.
"""

import datetime as dt
import random
from collections.abc import Iterator
from pathlib import Path

import xlsxwriter
from models import MODELS
from words import LANGUAGES, LOOKS, MATERIALS, Look, Material, Model

TARGET = Path(__file__).parents[2] / "occtoo_frames" / "_cli" / "sample" / "catalogue.xlsx"

_SIZES = {"Textiles": (1.0, 1.4), "Tables": (1.0, 1.25), "Storage": (1.0, 1.5), "Lighting": (1.0, 1.3)}
_DEARER = {"oak": 1.3, "wool": 1.25, "leather": 1.8, "linen": 1.15, "glass": 1.1}
_FIRST_DAY = dt.date(2021, 1, 11)
_WIDTHS = {"sku": 18, "name": 40, "description": 60, "updated_at": 18, "related": 36}

Row = dict[str, object]
Variant = tuple[Model, str, Look, float]


def catalogue() -> list[Row]:
    """Every row of the sheet, in order, dirty cells included."""
    dice = random.Random(7350)  # noqa: S311 - the same table every time, nothing secret
    rows = [_row(dice, number, variant) for number, variant in enumerate(_variants())]
    _relate(dice, rows)
    _spoil(rows)
    return rows


def write(path: Path, rows: list[Row]) -> None:
    """``path`` is a spreadsheet with one sheet of ``rows``: texts as text, numbers, dates and booleans as such."""
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"title": "Sample catalogue", "created": dt.datetime(2026, 9, 1, tzinfo=dt.UTC)})
        formats = {
            dt.date: book.add_format({"num_format": "yyyy-mm-dd"}),
            dt.datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        sheet = book.add_worksheet("products")
        sheet.freeze_panes(1, 1)
        for column, name in enumerate(rows[0]):
            sheet.write_string(0, column, name, book.add_format({"bold": True}))
            sheet.set_column(column, column, _WIDTHS.get(name, _WIDTHS.get(name.split("_")[0], 12)))
            for number, row in enumerate(rows, start=1):
                _write_cell(sheet, (number, column), row[name], formats)


def _write_cell(sheet: xlsxwriter.workbook.Worksheet, place: tuple[int, int], value: object, formats: dict) -> None:
    match value:
        case None:
            return
        case bool():
            sheet.write_boolean(*place, value)
        case int() | float():
            sheet.write_number(*place, value)
        case dt.datetime() | dt.date():
            sheet.write_datetime(*place, value, formats[type(value)])
        case _:
            sheet.write_string(*place, value)


def _variants() -> Iterator[Variant]:
    for model in MODELS:
        for size in _SIZES.get(model.category, (1.0,)):
            for material in model.materials:
                for look in MATERIALS[material].looks:
                    yield model, material, LOOKS[look], size


def _row(dice: random.Random, number: int, variant: Variant) -> Row:
    model, material, look, size = variant
    made_of = MATERIALS[material]
    width, depth, height = (round(edge * size) if edge > 1 else edge for edge in model.size)
    launched = _FIRST_DAY + dt.timedelta(days=7 * dice.randrange(290))
    price = round(model.price * size * _DEARER.get(material, 1.0) / 5) * 5 - dice.choice((0, 0, 0.5, 1))
    tags = [*model.tags, *(["new"] if launched.year == 2026 else []), *(["sale"] if dice.random() < 0.1 else [])]
    return {
        "sku": f"{model.code}-{material[:3].upper()}-{look.code}-{width}",
        **_texts(model, made_of, look, (width, depth, height), sized=model.category in _SIZES),
        "category": model.category,
        "color": look.facet,
        "tags": "|".join(tags),
        "price": float(price),
        "weight_kg": round(model.weight * size**2, 2),
        "width_cm": width,
        "depth_cm": depth,
        "height_cm": height,
        "stock": None if dice.random() < 0.04 else dice.randrange(0, 240),
        "gtin": _gtin(number),
        "organic": made_of.organic,
        "launched": launched,
        "updated_at": dt.datetime(2026, 8, 1) + dt.timedelta(seconds=dice.randrange(2_500_000)),
    }


def _texts(model: Model, material: Material, look: Look, size: tuple[int, int, int], *, sized: bool) -> Row:
    made = material.in_look(look)
    end = f", {size[0]} cm" if sized else ""
    names = {
        "en": f"{model.series} {model.thing.en} in {made.en}{end}",
        "sv": f"{model.series} {model.thing.sv} i {made.sv}{end}",
        "de": f"{model.thing.de} {model.series} aus {made.de}{end}",
    }
    said = {language: f"{getattr(model.said, language)} {getattr(material.care, language)}" for language in LANGUAGES}
    return {
        **{f"name_{language}": names[language] for language in LANGUAGES},
        **{f"description_{language}": said[language] for language in LANGUAGES},
        **{f"material_{language}": getattr(material.name, language).capitalize() for language in LANGUAGES},
    }


def _gtin(number: int) -> str:
    digits = f"0735{number:05}{number * 7919 % 10_000:04}"
    odd, even = (sum(map(int, digits[start::2])) for start in (0, 1))
    return f"{digits}{-(3 * odd + even) % 10}"


def _relate(dice: random.Random, rows: list[Row]) -> None:
    for row in rows:
        others = [other["sku"] for other in rows if _go_together(row, other)]
        row["related"] = "|".join(dice.sample(others, min(len(others), dice.randrange(4)))) or None


def _go_together(row: Row, other: Row) -> bool:
    same_look = row["material_en"] == other["material_en"] and row["color"] == other["color"]
    return same_look and row["category"] != other["category"]


def _spoil(rows: list[Row]) -> None:
    """Some of what is found in real spreadsheets; five rows of it cannot be pushed."""
    by_sku = {row["sku"]: row for row in rows}
    for language in LANGUAGES:
        by_sku["CDL-GLA-AMB-9"][f"name_{language}"] = None
    for sku in ("ARM-LEA-COG-78", "SOF-LEA-NAT-218", "PEN-GLA-SMK-38"):
        by_sku[sku]["name_de"] = by_sku[sku]["description_de"] = None
    mug = by_sku["MUG-STO-SEA-9"]
    mug["description_en"] = f'{mug["description_en"]}\nReaders of "Hem & Hus" voted it mug of the year.'
    by_sku["CSH-WOO-GRN-45"]["sku"] = "CSH-WOO GRN-45"
    by_sku["MUG-STO-BLU-9"]["sku"] = "MUG@STO-BLU-9"
    by_sku["BEN-STE-BRU-110"]["sku"] = None
    rows.append({**by_sku["RUG-WOO-GRY-170"], "price": 2745.0, "stock": 3})


if __name__ == "__main__":
    TARGET.parent.mkdir(exist_ok=True)
    write(TARGET, catalogue())

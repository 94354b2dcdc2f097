"""Draws the picture in README from a real plan: ``python docs/make_picture.py`` writes ``_static/plan.svg`` again."""

import io
import re
from pathlib import Path

import polars as pl
from rich.console import Console

import occtoo_frames as of
from occtoo_frames._cli.views import plan_view

_WEB_FONT = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)
TARGET = Path(__file__).parent / "_static" / "plan.svg"


def picture() -> str:
    """A plan of three products, one of them with a key that the platform refuses, as SVG."""
    products = pl.DataFrame(
        {
            "sku": ["chair-1", "sofa-2", "lamp 3"],
            "name_en": ["Blue chair", "Green sofa", "Small lamp"],
            "name_sv": ["Blå stol", "Grön soffa", None],
            "price (SEK)": [1299.0, 8995.5, 449.0],
            "in_stock": [True, False, True],
        }
    )
    plan = of.plan(products, "sku", {"name": ["en", "sv"]})
    console = Console(record=True, width=118, file=io.StringIO(), force_terminal=True, highlight=False)
    for part in plan_view(plan, "products.xlsx"):
        console.print(part)
    drawn = console.export_svg(title="occtoo-frames plan", unique_id="plan")
    return _WEB_FONT.sub("", drawn)


if __name__ == "__main__":
    TARGET.write_text(picture(), encoding="utf-8")

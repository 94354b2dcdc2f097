"""The picture in README is of a real plan."""

import sys
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_the_picture_is_what_the_script_draws(monkeypatch):
    """Drawn again, not a byte differs."""
    monkeypatch.syspath_prepend(str(DOCS))
    monkeypatch.delitem(sys.modules, "make_picture", raising=False)
    from make_picture import TARGET, picture

    assert TARGET.read_text(encoding="utf-8") == picture(), "draw it again: python docs/make_picture.py"

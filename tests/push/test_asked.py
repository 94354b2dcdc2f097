"""What cannot be meant is refused before anything is done."""

import numpy as np
import polars as pl
import pytest

import occtoo_frames as of

FRAME = pl.DataFrame({"k": ["a"]})


@pytest.fixture(scope="module")
def box():
    """One sandbox for the tests of this file."""
    with of.sandbox() as running:
        running.add_source("s")
        yield running


@pytest.mark.parametrize("option", ["changed_only", "mirror", "dry_run", "resume", "progress"])
@pytest.mark.parametrize("value", ["false", "no", "", 0, 1, np.int64(1)])
def test_a_text_is_no_yes(box, option, value):
    """Out of an environment or a file all of them are texts; a mirror that was meant to be off deletes nothing."""
    before = dict(box.requests_seen)
    verbs = [
        lambda **asked: of.push(FRAME, "s", "k", **asked),
        lambda **asked: of.plan(FRAME, "k").push("s", **asked),
        lambda **asked: of.delete(FRAME, "s", "k", **asked),
    ]
    for verb in verbs if option in {"dry_run", "resume", "progress"} else verbs[:2]:
        with pytest.raises(of.ConfigurationError, match=rf"{option}=.*: it is True"):
            verb(**{option: value})
    assert box.requests_seen == before


@pytest.mark.parametrize("value", [True, np.bool_(1)])
def test_a_yes_of_numpy_is_one(box, value):
    """As any() of a column gives it."""
    report = of.push(FRAME, "s", "k", dry_run=value, progress=None)
    assert report.forecast is not None


@pytest.mark.parametrize("name", ["", None, 7])
def test_what_is_no_source_is_said(box, name):
    """By every verb that takes one."""
    url = box.publish("none", "e", source="s", languages=["en"])
    for verb in (
        lambda: of.push(FRAME, name, "k"),
        lambda: of.delete(FRAME, name, "k"),
        lambda: of.forget(name),
        lambda: of.remember(name, url),
    ):
        with pytest.raises(of.ConfigurationError, match=r"source=.*give the id"):
            verb()

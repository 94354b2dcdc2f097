"""What is said on a command line becomes the arguments of the verbs."""

import pytest
import typer

from occtoo_frames._cli.options import languages, properties
from occtoo_frames._cli.reading import conditions


def test_languages_are_listed_after_an_equals_sign():
    """One option a property."""
    assert languages(["name=en,sv", "text=de"], auto=False) == {"name": ["en", "sv"], "text": ["de"]}


def test_auto_and_nothing_are_said_in_one_word():
    """Without either there are no languages."""
    assert languages([], auto=True) == "auto"
    assert languages([], auto=False) is None


@pytest.mark.parametrize("said", ["name", "name=", "=en"])
def test_half_a_language_is_refused(said):
    """The message shows the form."""
    with pytest.raises(typer.BadParameter, match="name=en,sv"):
        languages([said], auto=False)


def test_both_ways_at_once_are_refused():
    """Nobody could say which wins."""
    with pytest.raises(typer.BadParameter, match="--auto"):
        languages(["name=en"], auto=True)


def test_a_property_is_a_column_or_a_column_and_an_id():
    """The last equals sign counts: ids hold none, columns may."""
    assert properties(["price", "Färg=color", "a=b=c"]) == {"price": "price", "Färg": "color", "a=b": "c"}
    assert properties([]) is None


def test_conditions_of_one_property_are_alternatives():
    """Values may hold equals signs."""
    assert conditions(["a=1", "a=2", "b=x=y"]) == {"a": ["1", "2"], "b": ["x=y"]}
    assert conditions([]) is None


def test_a_condition_without_an_equals_sign_is_refused():
    """The message shows the form."""
    with pytest.raises(typer.BadParameter, match="category=Seating"):
        conditions(["Seating"])

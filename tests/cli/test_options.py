"""What is said on a command line becomes the arguments of the verbs."""

import pytest
import typer

from occtoo_frames._cli.carecloud import declared
from occtoo_frames._cli.options import languages, properties, reading
from occtoo_frames._cli.reading import conditions
from occtoo_frames._cli.reading import languages as read_languages


def test_languages_are_listed_after_an_equals_sign():
    """One option a property."""
    assert languages(["name=en,sv", "text=de"], auto=False) == {"name": ["en", "sv"], "text": ["de"]}


def test_languages_may_be_said_one_by_one():
    """None takes the place of another."""
    assert languages(["name=en", "text=de", "name=sv"], auto=False) == {"name": ["en", "sv"], "text": ["de"]}


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


def test_a_column_has_one_id_and_one_type():
    """Nobody could say which wins; the same said twice is no harm."""
    assert properties(["price", "price=price"]) == {"price": "price"}
    with pytest.raises(typer.BadParameter, match="--property says both 'a' and 'b' of 'Price'"):
        properties(["Price=a", "Price=b"])
    with pytest.raises(typer.BadParameter, match="--type says both 'date' and 'text' of 'born'"):
        declared(["born=date", "born=text"])


def test_conditions_of_one_property_are_alternatives():
    """Values may hold equals signs."""
    assert conditions(["a=1", "a=2", "b=x=y"]) == {"a": ["1", "2"], "b": ["x=y"]}
    assert conditions([]) is None


def test_a_condition_without_an_equals_sign_is_refused():
    """The message shows the form."""
    with pytest.raises(typer.BadParameter, match="category=Seating"):
        conditions(["Seating"])


def test_what_is_said_of_a_file_is_how_it_is_read():
    """A tab can be said as one types it."""
    assert reading(None, None, None, None) is None
    assert reading(r"\t", "cp1252", None, None) == {"separator": "\t", "encoding": "cp1252"}
    assert reading(None, None, "2", None) == {"sheet": "2"}
    assert reading(None, None, None, 2) == {"sheet": 2}
    with pytest.raises(typer.BadParameter, match="one of the two"):
        reading(None, None, "two", 2)


def test_languages_to_read_are_listed_or_repeated():
    """Or both."""
    assert read_languages(["en,sv"]) == read_languages(["en", " sv"]) == ["en", "sv"]
    assert read_languages(["en,sv", "de"]) == ["en", "sv", "de"]
    assert (read_languages(["en"]), read_languages(None), read_languages([])) == ("en", None, None)
    with pytest.raises(typer.BadParameter, match="such as en,sv; got 'en,,sv'"):
        read_languages(["en,,sv"])

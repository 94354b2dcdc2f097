import copy
import pickle

import pytest

from occtoo_frames._session.secret import Secret
from occtoo_frames.exceptions import ConfigurationError

TEXT = "s3cret-text"


@pytest.mark.parametrize(
    "show",
    [repr, str, "{}".format, "{!r:>20}".format, lambda secret: f"{secret:>30}", lambda secret: f"{[secret]}"],
)
def test_no_way_of_printing_shows_the_text(show):
    """Repr, str, format and containers are masked."""
    assert TEXT not in show(Secret(TEXT))


def test_reveal_gives_the_text():
    """And only reveal does."""
    assert Secret(TEXT).reveal() == TEXT
    assert Secret(Secret(TEXT)).reveal() == TEXT


def test_pickle_leaves_the_text_behind_and_says_so():
    """The bytes hold no text, and the copy explains itself when asked for it."""
    data = pickle.dumps(Secret(TEXT))
    assert TEXT.encode() not in data
    with pytest.raises(ConfigurationError, match="pickle"):
        pickle.loads(data).reveal()  # noqa: S301 - our own bytes


def test_copies_within_the_process_keep_the_text():
    """Copy and deepcopy go through no file."""
    assert copy.copy(Secret(TEXT)).reveal() == copy.deepcopy([Secret(TEXT)])[0].reveal() == TEXT


def test_secrets_are_equal_by_text_and_to_nothing_else():
    """A plain text is never equal, so that no comparison reveals one by accident."""
    assert Secret(TEXT) == Secret(TEXT)
    assert Secret(TEXT) != Secret("other")
    assert Secret(TEXT) != TEXT
    assert len({Secret(TEXT), Secret(TEXT)}) == 1
    lost = pickle.loads(pickle.dumps(Secret(TEXT)))  # noqa: S301 - our own bytes
    assert lost != Secret(TEXT)


def test_a_secret_can_be_asked_whether_it_holds_anything():
    """An empty one is false."""
    assert Secret(TEXT)
    assert not Secret("")


def test_a_secret_has_no_characters_to_show():
    """Iterating or joining would print it in pieces."""
    with pytest.raises(TypeError, match="no characters"):
        list(Secret(TEXT))


def test_only_text_becomes_a_secret():
    """Bytes and numbers are mistakes."""
    with pytest.raises(ConfigurationError, match="not bytes"):
        Secret(b"x")

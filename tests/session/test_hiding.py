"""Secrets in what servers say: masked however they are spelt, wherever they stand, and nothing else is."""

import html
import json
import urllib.parse

import pytest

from occtoo_frames._session.hiding import hide

SECRETS = ["Zk3+9aQw/xY7==", 'p4ss"w\\ord/é1', "pää😀<&>'x\"yz", "tok-secret-12345"]
SPELLINGS = {
    "as it is": str,
    "JSON": json.dumps,
    "JSON with letters of all languages": lambda text: json.dumps(text, ensure_ascii=False),
    "JSON with slashes escaped": lambda text: json.dumps(text).replace("/", "\\/"),
    "JSON that escapes signs": lambda text: json.dumps(text).replace("+", "\\u002B").replace("&", "\\u0026"),
    "JSON in JSON": lambda text: json.dumps(json.dumps(text)),
    "HTML": html.escape,
    "HTML by numbers": lambda text: "".join(f"&#{ord(one)};" for one in text),
    "HTML by hexadecimal numbers": lambda text: "".join(f"&#x{ord(one):X};" for one in text),
    "an address": lambda text: urllib.parse.quote(text, safe=""),
    "the repr of a text": repr,
    "the repr of bytes": lambda text: repr(text.encode()),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_masked_however_it_is_spelt(secret: str, spelling: str) -> None:
    """What stands around it stays."""
    spelt = SPELLINGS[spelling](secret)
    shown = hide(f"100% \\no: {spelt} &amp; more", ["another one", secret])
    assert "***" in shown
    assert shown.startswith("100% \\no: ")
    assert shown.endswith(" &amp; more")
    assert not any(part in html.unescape(urllib.parse.unquote(shown)) for part in (secret, secret[:6], secret[-6:]))


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("end", ["'", '"', "…", ""])
def test_the_beginning_of_a_secret_is_masked_where_a_text_was_cut(spelling: str, end: str) -> None:
    """Whatever was cut through: a spelling, too."""
    spelt = SPELLINGS[spelling](SECRETS[0]).strip("b'\"\\")
    whole = hide(f"it begins {spelt}", [SECRETS[0]])
    assert whole == "it begins ***"
    for length in range(len(spelt) * 2 // 3, len(spelt)):
        assert hide(f"it begins {spelt[:length]}{end}", [SECRETS[0]]).startswith("it begins ***")


@pytest.mark.parametrize(
    "text", ["", "\\", "%", "&", "&;", "\\u", "\\ud83d", "%ff", "&#99999999999;", "&#xd800;", "\ud800"]
)
def test_other_texts_stay_as_they_are(text: str) -> None:
    """Broken spellings among them; and so do beginnings that go on otherwise, and secrets too short to tell."""
    assert hide(text, SECRETS) == text
    assert hide(f"{text} tok-secrets are short", ["tok-secret-12345", "short", ""]) == f"{text} tok-secrets are short"


def test_a_word_with_which_a_secret_begins_stays() -> None:
    """If it is set off from the rest; what goes beyond it does not, nor a beginning of nothing but letters."""
    assert hide("unknown to the data provider", ["provider.7Fq-42xx"]) == "unknown to the data provider"
    assert hide("unknown member 'person'", ["personal-secret-9981723"]) == "unknown member 'person'"
    assert hide("it is 'provider.7'", ["provider.7Fq-42xx"]) == "it is '***'"
    assert hide("it is 'qwertz'", ["qwertzuiopasdfghjkl"]) == "it is '***'"
    assert hide("it is 'eyJhbGciOi'", ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIi"]) == "it is '***'"


def test_the_longer_of_two_secrets_is_masked_whole() -> None:
    """One may be a part of the other."""
    assert hide("key secret-1-and-more!", ["secret-1", "secret-1-and-more"]) == "key ***!"

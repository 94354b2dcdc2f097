"""Pages of JSON to frames, exactly."""

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from decoding import DECODER, PROPERTIES, decode
from hypothesis import example, given
from hypothesis import strategies as st

from occtoo_frames._read.decode import Decoder
from occtoo_frames._read.document import Property
from occtoo_frames._read.page import open_page
from occtoo_frames._read.values import EXACT, value_of
from occtoo_frames.exceptions import OcctooError, ProtocolError


def one(name: str, text: str) -> Any:
    """What a property holds when its JSON is ``text``."""
    return decode(f'{{"id":"a","{name}":{text}}}')[name][0]


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("whole", "9223372036854775807", 2**63 - 1),
        ("whole", "-9223372036854775808", -(2**63)),
        ("big", "18446744073709551615", 2**64 - 1),
        ("price", "99999999999999.99", Decimal("99999999999999.99")),
        ("price", "99999999999999999999.999999999999999999", Decimal("99999999999999999999.999999999999999999")),
        ("price", "1e-5", Decimal("0.00001")),
        ("price", "1E+3", Decimal(1000)),
        ("price", "0.10000000000000000000000", Decimal("0.1")),
        ("price", '"12.50"', Decimal("12.5")),
        ("ratio", "1", 1.0),
        ("at", '"2024-01-01T10:00:00.1234560Z"', datetime(2024, 1, 1, 10, 0, 0, 123456, UTC)),
        ("at", '"2024-01-01T10:00:00+02:00"', datetime(2024, 1, 1, 8, tzinfo=UTC)),
        ("at", '"2024-01-01T10:00"', datetime(2024, 1, 1, 10, tzinfo=UTC)),
        ("at", '"2024-01-01"', datetime(2024, 1, 1, tzinfo=UTC)),
        ("at", '"9999-12-31T23:59:59.9999990Z"', datetime(9999, 12, 31, 23, 59, 59, 999999, UTC)),
        ("day", '"2024-01-31"', datetime(2024, 1, 31, tzinfo=UTC).date()),
        ("day", '"2024-01-31T00:00:00Z"', datetime(2024, 1, 31, tzinfo=UTC).date()),
        ("text", '"\\ud83d\\ude00\\n\\u0000"', "😀\n\0"),
        ("tags", '["a", null, ""]', ["a", None, ""]),
        ("open", "1.50", "1.50"),
        ("open", '"null"', "null"),
        ("open", "null", None),
        ("open", '{"a": [1, 2.50]}', '{"a": [1, 2.50]}'),
        ("texts", '["a", 1.50, {"b": 1.0}]', ["a", "1.50", '{"b":1.0}']),
        ("parts", "[]", []),
    ],
)
def test_every_value_is_held_exactly(name: str, text: str, value: object) -> None:
    """Big integers, decimals beyond floats, every spelling of a time, loose values as they were written."""
    held = one(name, text)
    assert (held.to_list() if isinstance(held, pl.Series) else held) == value


def test_relations_nest_with_exact_values() -> None:
    """Decimals and times inside lists of structs."""
    part = '{"id":"x","price":99999999999999.99,"at":"2024-01-01T10:00:00.5000000Z","more":[{"n":1},{}],"unknown":1}'
    held = decode(f'{{"id":"a","parts":[{part}, null]}}')["parts"].to_list()[0]
    moment = datetime(2024, 1, 1, 10, 0, 0, 500000, UTC)
    assert held[0] == {"id": "x", "price": Decimal("99999999999999.99"), "at": moment, "more": [{"n": 1}, {"n": None}]}


def test_a_property_without_a_name_is_read_like_any_other() -> None:
    """A foreign document may have one."""
    for loose in (False, True):
        decoder = Decoder([Property("id", pl.String()), Property("", pl.String(), loose=loose)])
        assert decoder.decode(open_page(b'{"results":[{"id":"a","":"x"}]}')).to_dicts() == [{"id": "a", "": "x"}]


def test_a_page_with_line_breaks_is_read_like_any_other() -> None:
    """White space between tokens means nothing."""
    body = json.dumps({"results": [{"id": "a", "text": "x\ny"}, {"id": "b"}]}, indent=2).replace("\n", "\r\n").encode()
    assert DECODER.decode(open_page(b"\xef\xbb\xbf" + body))["text"].to_list() == ["x\ny", None]


@pytest.mark.parametrize("control", ["\n", "\r", "\t", "\0"])
@pytest.mark.parametrize(
    "body", ['{"id":"a%sb"}', '{"id":"åäö","i%sd":1}', '{"id":"a"}],"facets":["%s"', '1],"else":[{"a":"%s"}']
)
def test_a_bare_line_break_within_a_text_is_no_json(control: str, body: str) -> None:
    """As a bare tab is none; as a blank it would make two ids equal."""
    with pytest.raises(ProtocolError, match="page 1 of the destination cannot be read: it is no JSON"):
        open_page(f'{{"results":[\n{body % control}]\r\n}}'.encode())
    assert open_page(f'{{"results":[\n{body % "x"}]\r\n}}'.encode())


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "no JSON"),
        (b"<html><h1>502</h1></html>", "no JSON"),
        (b'{"results":[{"id":"a"}', "no JSON"),
        (b'{"results":[{"id":"\xff"}]}', "no JSON .'utf-8' codec can't decode byte 0xff in position 19"),
        (b'{"results":[{"id":"\xed\xa0\x80"}]}', "no JSON"),
        (b'{"results":[{"id":"\\ud800"}]}', "no JSON"),
        (b'{"results":[{"id":NaN}]}', "no JSON"),
        (b"[]", "Expected `object`"),
        (b"{}", "missing required field `results`"),
        (b'{"results":null}', "Expected `array`"),
        (b'{"results":[1]}', "no JSON object"),
        (b'{"results":[null]}', "no JSON object"),
        (b'{"results":[{"id":"a"}, null]}', "no JSON object"),
        (b'{"results":[],"total":"many"}', "Expected `int"),
        (b'{"results":[' + b"[" * 100_000, "deeper"),
    ],
)
def test_a_page_that_is_none_has_its_own_error(body: bytes, words: str) -> None:
    """Whatever a server sends."""
    with pytest.raises(ProtocolError, match=words):
        DECODER.decode(open_page(body))


_PIECES = [
    b"a",
    "å".encode(),
    "椅".encode(),
    "🪑".encode(),
    b"\xc3",
    b"\x85",
    b"\xe6\xa4",
    b"\xed\xa0\x80",
    b"\xc0\xaf",
]
_PIECES += [b"\xf4\x90\x80\x80", b"\xef\xbb\xbf", b"\xef\xbf\xbf"]


@given(st.lists(st.sampled_from(_PIECES), max_size=6).map(b"".join))
def test_a_page_is_text_where_python_says_so(text: bytes) -> None:
    """Also where the bytes stand in a member that nobody reads; surrogates, overlong and cut characters are none."""
    try:
        text.decode()
    except UnicodeDecodeError:
        with pytest.raises(ProtocolError, match=r"no JSON .'utf-8' codec can't decode"):
            open_page(b'{"results":[],"else":"' + text + b'"}')
    else:
        assert not open_page(b'{"results":[],"else":"' + text + b'"}')


_NUMBERS = st.one_of(
    st.integers(-(2**70), 2**70).map(str),
    st.decimals(allow_nan=False, allow_infinity=False, places=6).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
)
_MOMENTS = st.datetimes().map(lambda moment: json.dumps(moment.isoformat() + "Z"))
_SCALARS = st.one_of(
    st.sampled_from(["null", "true", "false"]),
    _NUMBERS,
    st.text(st.characters(codec="utf-8"), max_size=8).map(json.dumps),
    _MOMENTS,
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{','.join(items)}]")
        | st.dictionaries(st.sampled_from(["id", "price", "at", "more", "n"]), inner, max_size=3).map(
            lambda members: "{" + ",".join(f'"{name}":{value}' for name, value in members.items()) + "}"
        )
    ),
    max_leaves=6,
)


@given(st.sampled_from(PROPERTIES), st.lists(_VALUES, min_size=1, max_size=3))
@example(PROPERTIES[4], ["1e5000"])
@example(PROPERTIES[5], ["1e400"])
@example(PROPERTIES[2], ["-0"])
@example(PROPERTIES[10], ['[{"at":"2024-01-01T10:00:00.1234567Z"}]'])
def test_any_json_is_read_exactly_or_refused_by_name(subject: Property, values: list[str]) -> None:
    """The vectorised way agrees with the value-by-value one, and nothing else than our own error comes out."""
    rows = [f'{{"id":"k{number}","{subject.id}":{value}}}' for number, value in enumerate(values)]
    if subject.id == "id":
        rows = [f'{{"id":{value}}}' for value in values]
    try:
        held = decode(*rows)[subject.id].to_list()
    except OcctooError as error:
        assert isinstance(error, ProtocolError)  # noqa: PT017 - nothing else may come out
        return
    if not subject.dtype.is_temporal() and subject.id != "open":
        parsed = [value_of(EXACT.decode(text), subject.dtype, loose=subject.loose) for text in values]
        assert held == pl.Series(parsed, dtype=subject.dtype).to_list()


@given(st.lists(st.lists(st.tuples(st.sampled_from(PROPERTIES), _VALUES), max_size=3), max_size=4))
def test_pages_together_are_what_they_are_one_by_one(contents: list[list[tuple[Property, str]]]) -> None:
    """The same frame, or the same error."""
    pages = [
        open_page(b'{"results":[' + ",".join(f'{{"{one.id}":{text}}}' for one, text in rows).encode() + b"]}", number)
        for number, rows in enumerate(contents)
    ]
    try:
        expected = pl.concat([DECODER.schema.to_frame(), *map(DECODER.decode, pages)])
    except ProtocolError as error:
        with pytest.raises(ProtocolError, match=f"^{re.escape(str(error))}$"):
            DECODER.decode(*pages)
    else:
        assert DECODER.decode(*pages).equals(expected)


@pytest.mark.parametrize(
    "body",
    [
        b'{"results":[{"id":"x"}],"results":[{"id":"a"}]}',
        b'{"results":[{"id":"x"}],"r\\u0065sults":[{"id":"a"}]}',
        b'{"total":1,"results":[{"id":"x","id":"a"}]}',
        b'{"results":[{"id":"a"}],"more":{"results":[{"id":"x"}]}}',
    ],
)
def test_what_stands_twice_is_what_stands_last(body: bytes) -> None:
    """Alone, and among other pages."""
    other = open_page(b'{"results":[{"id":"b"}]}')
    assert DECODER.decode(open_page(body))["id"].to_list() == ["a"]
    assert DECODER.decode(open_page(body), other)["id"].to_list() == ["a", "b"]


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_a_page_or_our_own_error(body: bytes) -> None:
    """No library's error comes out."""
    for whole in (body, b'{"results":[' + body + b"]}", b'{"results":[{"id":' + body + b"}]}"):
        try:
            DECODER.decode(open_page(whole))
        except OcctooError as error:
            assert isinstance(error, ProtocolError)  # noqa: PT017 - nothing else may come out

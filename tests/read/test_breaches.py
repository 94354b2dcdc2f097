"""Values that do not fit their types: what is said of them."""

import json
from datetime import date

import polars as pl
import pytest
from decoding import DECODER, decode

from occtoo_frames._read.decode import Decoder
from occtoo_frames._read.document import Property
from occtoo_frames._read.page import open_page
from occtoo_frames.exceptions import ProtocolError


@pytest.mark.parametrize(
    ("name", "text", "shown"),
    [
        ("whole", "1.5", "1.5"),
        ("whole", "9223372036854775808", "9223372036854775808"),
        ("whole", '"7"', "'7'"),
        ("whole", "true", "True"),
        ("big", "-1", "-1"),
        ("price", "100000000000000000000", "100000000000000000000"),
        ("price", "1e-19", "1E-19"),
        ("price", '"cheap"', "'cheap'"),
        ("price", "true", "True"),
        ("ratio", '"1.5"', "'1.5'"),
        ("text", "7", "7"),
        ("text", '["a"]', "['a']"),
        ("active", '"true"', "'true'"),
        ("active", "1", "1"),
        ("at", '"soon"', "'soon'"),
        ("at", "1704067200", "1704067200"),
        ("at", '"2024-01-01T10:00:00.1234567Z"', "'2024-01-01T10:00:00.1234567Z'"),
        ("day", '"2024-02-30"', "'2024-02-30'"),
        ("tags", '"a"', "'a'"),
    ],
)
def test_a_value_that_does_not_fit_is_named(name: str, text: str, shown: str) -> None:
    """Page, property and value stand in the error, and what to do about it."""
    with pytest.raises(ProtocolError) as caught:
        decode('{"id":"a"}', f'{{"id":"b","{name}":{text}}}')
    words = str(caught.value)
    assert words.startswith("page 3 ")
    assert f"property {name!r}" in words
    assert f"holds {shown}," in words
    assert "of entry 'b'" in words
    assert f"types={{{name!r}: polars.String}}" in words
    assert words.count("its type is text") == (name in {"text", "tags"} and "list" not in words)


@pytest.mark.parametrize(
    ("name", "text", "type_"),
    [
        ("at", "1704067200", "a timestamp in us"),
        ("at", '"soon"', "a timestamp in us"),
        ("day", "20240101", "a date"),
        ("day", '"2024-02-30"', "a date"),
        ("price", "0.1234567890123456789", "a decimal of at most 20 digits before and 18 after the point"),
        ("ratio", "1e400", "a number that 64 bits hold"),
        ("ratio", "-1e400", "a number that 64 bits hold"),
        ("ratio", "1" + "0" * 400, "a number that 64 bits hold"),
        ("price", '"1_000"', "a decimal of at most 20 digits before and 18 after the point"),
        ("price", '" 1.5 "', "a decimal of at most 20 digits before and 18 after the point"),
        ("price", '"\u0661"', "a decimal of at most 20 digits before and 18 after the point"),
    ],
)
def test_the_type_that_a_value_does_not_fit_is_named(name: str, text: str, type_: str) -> None:
    """That of the property, however it is decoded; nothing is taken as infinite, or as a number that is none."""
    with pytest.raises(ProtocolError, match=f"of entry 'b' holds .*, and its type is {type_};"):
        decode('{"id":"a"}', f'{{"id":"b","{name}":{text}}}', '{"id":"c"}')


def test_a_broken_time_is_named_with_its_entry_among_pages() -> None:
    """The page it stands on, and the first entry that has it."""
    pages = [
        open_page(f'{{"results":[{{"id":"{n}a","at":"2024-01-01"}},{{"id":"{n}b","at":"{at}"}}]}}'.encode(), n)
        for n, at in enumerate(["2024-01-02", "then", "then"])
    ]
    with pytest.raises(ProtocolError, match=r"^page 2 .*property 'at' of entry '1b' holds 'then'"):
        DECODER.decode(*pages)


def test_a_type_that_was_asked_for_is_the_one_that_is_named() -> None:
    """With its own digits, and its own greatest number."""
    for dtype, text, type_ in [
        (pl.Decimal(18, 2), "0.125", "at most 16 digits before and 2 after the point"),
        (pl.Float32(), "1e39", "a number that 32 bits hold"),
        (pl.List(pl.Float32()), "[1, -1e39]", "a number that 32 bits hold"),
        (pl.List(pl.Struct({"f": pl.List(pl.Float64())})), f'[{{"f":[1]}},{{"f":[-1{"0" * 400}]}}]', "64 bits hold"),
        (pl.Datetime("us"), '"2024-01-01T10:00:00Z"', "a timestamp in us without a zone"),
        (pl.List(pl.Datetime("ms", "UTC")), '["2024-01-01T10:00:00.0001Z"]', "a timestamp in ms"),
    ]:
        decoder = Decoder([Property("id", pl.String()), Property("x", dtype)])
        with pytest.raises(ProtocolError, match=f"of entry 'a' holds .*, and its type is .*{type_};"):
            decoder.decode(open_page(f'{{"results":[{{"id":"a","x":{text}}}]}}'.encode()))
    held = Decoder([Property("x", pl.Float32())]).decode(open_page(b'{"results":[{"x":3.4028235e38}]}'))
    assert held["x"].to_list() == [pytest.approx(3.4028235e38)]


_MOMENT = pl.Datetime("us", "UTC")
_DEEP = pl.List(pl.Struct({"at": pl.List(pl.Datetime("ms", "UTC"))}))


@pytest.mark.parametrize(
    "dtype", [_MOMENT, pl.Datetime("ms", "UTC"), pl.List(_MOMENT), pl.Struct({"at": _MOMENT}), _DEEP]
)
@pytest.mark.parametrize("others", ["", '{"id":"b"},'])
def test_a_moment_beyond_the_calendar_is_named(dtype: pl.DataType, others: str) -> None:
    """Its year is told in UTC, where a server's least or greatest moment in its own zone may have left the calendar."""
    decoder = Decoder([Property("id", pl.String()), Property("x", dtype)])

    def held(text: str) -> pl.DataFrame:
        spelt = {_DEEP: '[{"at":["%s"]}]', pl.List(_MOMENT): '["%s"]', pl.Struct({"at": _MOMENT}): '{"at":"%s"}'}
        value = spelt.get(dtype, '"%s"') % text
        return decoder.decode(open_page(f'{{"results":[{others}{{"id":"a","x":{value}}}]}}'.encode()))

    for text in ("0001-01-01T00:00:00+02:00", "9999-12-31T23:59:59-01:00", "0000-06-01T00:00:00Z", "0000-01-01"):
        with pytest.raises(ProtocolError, match=r"of entry 'a' holds '.*', and its type is a timestamp in"):
            held(text)
    for text in ("0001-01-01T00:00:00Z", "0001-01-01", "9999-12-31T23:59:59.999Z", "9999-12-31T22:00:00-01:00"):
        assert held(text)["x"].to_list()[-1] is not None


@pytest.mark.parametrize("text", ["0000-01-01", "+10000-01-01", "-0001-12-31", "0000-12-31T00:00:00Z"])
def test_a_date_beyond_the_calendar_is_named(text: str) -> None:
    """As a moment is."""
    decoder = Decoder([Property("id", pl.String()), Property("x", pl.Date())])
    with pytest.raises(ProtocolError, match=r"of entry 'b' holds '.*', and its type is a date"):
        decoder.decode(open_page(f'{{"results":[{{"id":"a"}},{{"id":"b","x":"{text}"}}]}}'.encode()))
    page = open_page(b'{"results":[{"id":"a","x":"0001-01-01"},{"id":"b","x":"9999-12-31"}]}')
    assert decoder.decode(page)["x"].to_list() == [date.min, date.max]


def test_an_id_that_is_no_text_has_no_way_out() -> None:
    """An id is text whatever types= says, so nothing is proposed."""
    with pytest.raises(ProtocolError, match=r"property 'id' of entry 1 holds 1, and its type is text$"):
        decode('{"id":1}')


def test_a_value_inside_a_relation_is_named_with_its_path() -> None:
    """As deep as it stands."""
    with pytest.raises(ProtocolError, match=r"property 'parts\[1\]\.more\[0\]\.n' of entry 'b' holds 'x'"):
        decode('{"id":"b","parts":[{}, {"more":[{"n":"x"}]}]}')


@pytest.mark.parametrize("values", ["[]", "[null]", "[1.5, null]", "null"])
def test_missing_floats_are_beyond_nothing(values: str) -> None:
    """Empty lists and nulls have no greatest number."""
    decoder = Decoder([Property("x", pl.List(pl.Float64())), Property("y", pl.Float32())])
    held = decoder.decode(open_page(f'{{"results":[{{"x":{values},"y":null}},{{}}]}}'.encode()))
    assert held.rows() == [(json.loads(values), None), (None, None)]

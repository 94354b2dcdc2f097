"""The same bytes from every kind of frame, and the bytes that a plain reference would send."""

import datetime as dt
import json
from decimal import Decimal

import polars as pl
import pyarrow as pa
import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st

import occtoo_frames as of
from occtoo_frames._push.encoder import slice_rows
from occtoo_frames._push.rendering import _texts, rendering_for

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_ELEMENT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="|"), min_size=1, max_size=5)
_MOMENT = st.datetimes(dt.datetime(1, 1, 2), dt.datetime(9999, 12, 30))
_FINITE = st.floats(allow_nan=False, allow_infinity=False)
_ZONES = ("UTC", "Europe/Stockholm", "Asia/Kolkata")

_VALUES = {
    pl.String(): _TEXT,
    pl.Categorical(): _TEXT,
    pl.Enum(["a", 'b"c', "ü"]): st.sampled_from(["a", 'b"c', "ü"]),
    pl.Int64(): st.integers(-(2**63), 2**63 - 1),
    pl.UInt64(): st.integers(0, 2**64 - 1),
    pl.Int8(): st.integers(-128, 127),
    pl.Float64(): _FINITE,
    pl.Decimal(20, 4): st.decimals(-(10**12), 10**12, places=4, allow_nan=False),
    pl.Boolean(): st.booleans(),
    pl.Date(): st.dates(),
    pl.Datetime("us"): _MOMENT,
    pl.Datetime("ms"): _MOMENT.map(lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)),
    **{pl.Datetime("us", zone): st.datetimes(dt.datetime(1972, 1, 1), dt.datetime(2036, 1, 1)) for zone in _ZONES},
    pl.Time(): st.times(),
    pl.Duration("us"): st.timedeltas(dt.timedelta(-(10**6)), dt.timedelta(10**6)),
    pl.Null(): st.none(),
    pl.List(pl.String()): st.lists(_ELEMENT, max_size=3),
    pl.List(pl.Int64()): st.lists(st.integers(-(2**63), 2**63 - 1), max_size=3),
    pl.List(pl.Float64()): st.lists(_FINITE, max_size=3),
    pl.List(pl.Date()): st.lists(st.dates(), max_size=3),
}


def _column(dtype, values):
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is not None:
        naive = pl.Series(values, dtype=pl.Datetime("us"))
        return naive.dt.replace_time_zone("UTC").dt.convert_time_zone(dtype.time_zone)
    return pl.Series(values, dtype=dtype)


@st.composite
def frames(draw):
    """A polars frame with unique legal keys and up to six columns of any type that can be written."""
    height = draw(st.integers(0, 12))
    keys = draw(
        st.lists(st.from_regex(r"[A-Za-z0-9_-]{1,8}", fullmatch=True), min_size=height, max_size=height, unique=True)
    )
    columns = {"key": pl.Series(keys, dtype=pl.String)}
    for position in range(draw(st.integers(0, 6))):
        dtype = draw(st.sampled_from(list(_VALUES)))
        values = draw(st.lists(st.none() | _VALUES[dtype], min_size=height, max_size=height))
        columns[f"p{position}"] = _column(dtype, values)
    return pl.DataFrame(columns)


def _rows(frame):
    """The frame's rows as Python values, with text of the enums and zones as the engine has them."""
    return frame.rows(named=True)


@given(frames(), st.sampled_from(["skip", "clear"]))
def test_bodies_hold_what_a_plain_reference_would_send(frame, nulls):
    """Every dtype, nulls anywhere, escapes of every kind."""
    plan = of.plan(frame, "key", nulls=nulls)
    assert plan.ok, plan
    columns = [(name, name, None) for name in frame.columns[1:]]
    assert reference.sent(plan) == reference.entities(_rows(frame), "key", columns, clear=nulls == "clear")


@given(frames())
def test_every_kind_of_frame_gives_the_same_bytes(frame):
    """polars, lazy polars, pyarrow, a one-shot reader, and Arrow-backed pandas."""
    arrow = frame.to_arrow()
    kinds = {
        "polars": frame,
        "lazy": frame.lazy(),
        "table": arrow,
        "reader": arrow.to_reader(max_chunksize=5),
        "pandas": frame.to_pandas(use_pyarrow_extension_array=True),
    }
    bodies = {kind: list(of.plan(table, "key").bodies()) for kind, table in kinds.items()}
    assert bodies == dict.fromkeys(kinds, bodies["polars"])


@given(frames())
def test_counts_are_exact(frame):
    """Entries, values, bytes and batches are those of the bodies."""
    plan = of.plan(frame, "key")
    bodies = list(plan.bodies())
    found = reference.sent(plan)
    assert plan.counts == {
        "rows": frame.height,
        "entries": len(found),
        "properties": sum(len(entity["properties"]) for entity in found),
        "invalid": 0,
        "bytes": sum(map(len, bodies)),
        "batches": len(bodies),
    }


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e-7, "0.0000001"),
        (-1.5e-7, "-0.00000015"),
        (1e16, "10000000000000000.0"),
        (5e-324, format(Decimal("5e-324"), "f")),
        (1.7976931348623157e308, format(Decimal("1.7976931348623157e308"), "f") + ".0"),
        (-0.0, "-0.0"),
        (3.0, "3.0"),
    ],
)
def test_floats_are_written_without_exponent(value, text):
    """The shortest text that reads back as the same float."""
    (entity,) = reference.sent(of.plan(pl.DataFrame({"k": ["a"], "v": [value]}), "k"))
    assert entity["properties"] == [{"id": "v", "language": None, "value": text}]
    assert float(text) == value


def test_floats_of_32_bits_are_written_without_exponent():
    """The engine begins to write exponents at smaller ones than of 64 bits."""
    values = pl.Series([1e12, 2e13, -5e14, 0.5], dtype=pl.Float32)
    entries = of.to_entries(pl.DataFrame({"k": ["a", "b", "c", "d"], "v": values}), "k")
    assert entries["value"].to_list() == ["1000000000000.0", "20000000000000.0", "-500000000000000.0", "0.5"]


def test_half_floats_have_their_own_shortest_text():
    """0.1 in 16 bits is 0.1, not what 32 bits would say of it; warnings are errors here."""
    halves = pl.Series([0.1, None, 65504.0, 6e-8], dtype=pl.Float16)
    frame = pl.DataFrame({"k": ["a", "b", "c", "d"], "v": halves})
    values = [[item["value"] for item in entity["properties"]] for entity in reference.sent(of.plan(frame, "k"))]
    assert values == [["0.1"], [], ["65500.0"], ["0.00000006"]]


def test_nanoseconds_are_kept():
    """Python's datetimes cannot hold them; the frame can."""
    frame = pl.DataFrame({"k": ["a"], "v": pl.Series([1], dtype=pl.Int64).cast(pl.Datetime("ns"))})
    (entity,) = reference.sent(of.plan(frame, "k"))
    assert entity["properties"][0]["value"] == "1970-01-01T00:00:00.000000001"


@pytest.mark.parametrize("kind", [pl.Series.to_frame, lambda moments: moments.implode().to_frame()])
def test_offsets_of_long_ago_are_problems(kind):
    """Local mean time was ahead of UTC by minutes and seconds, which ISO 8601 has not: readers give null."""
    moments = pl.Series("v", [dt.datetime(1800, 1, 1)]).dt.replace_time_zone("UTC")
    frame = kind(moments.dt.convert_time_zone("Europe/Stockholm")).with_columns(k=pl.lit("a"))
    problems = of.plan(frame, "k").problems
    assert problems[["column", "rule"]].rows() == [("v", "value-type")]
    assert "whole number of minutes" in problems["message"][0]
    assert "convert it to UTC" in problems["hint"][0]
    (entity,) = reference.sent(of.plan(kind(moments).with_columns(k=pl.lit("a")), "k"))
    assert entity["properties"][0]["value"] == "1800-01-01T00:00:00+00:00"


_AGO = dt.datetime(1, 1, 1, 12)
_NOW = dt.datetime(2020, 1, 1)


@pytest.mark.parametrize(
    ("listed", "found"),
    [
        (pl.Series([[_NOW, None], None, [_NOW]]), [(0, "an element is null", "leave it out of the list")]),
        (pl.Series([[1.0, None], [float("nan")]]), [
            (0, "an element is null", "leave it out of the list"),
            (1, "an element is not a finite number", "replace it by a number, or leave it out of the list"),
        ]),
        (pl.Series([None, [_NOW], [None], [_AGO, _NOW]]).cast(pl.List(pl.Datetime("us", "Europe/Berlin"))), [
            (2, "an element is null", "leave it out of the list"),
            (3, "an element is a datetime whose offset", "convert it to UTC, or leave it out of the list"),
        ]),
        (pl.Series([[0], [10**8]]).cast(pl.List(pl.Int32)).cast(pl.List(pl.Date)), [
            (1, "an element is a date beyond the years", "replace it by a date that was meant, or leave it out of the"),
        ]),
    ],
    ids=["naive", "floats", "zone", "dates"],
)  # fmt: skip
def test_an_element_is_refused_for_what_it_is(listed, found):
    """And for nothing that its kind cannot be."""
    frame = pl.DataFrame({"k": [f"k{row}" for row in range(len(listed))], "v": listed})
    told = of.plan(frame, "k").found.sort("row").select("row", "rule", "message", "hint").rows()
    assert [(row, rule) for row, rule, _, _ in told] == [(row, "value-type") for row, _, _ in found]
    for (_, _, message, hint), (_, begins, advice) in zip(told, found, strict=True):
        assert message.startswith(begins)
        assert hint.startswith(advice)


@given(st.lists(st.sampled_from(list('ab"\\\n\t\x00\x1f\x7fåß漢😀/')), max_size=30).map("".join))
def test_every_character_survives(text):
    """JSON's escapes, sparse and dense, and everything beyond ASCII."""
    frame = pl.DataFrame({"k": ["a", "b", "c"], "v": [text, "plain", text * 40]})
    values = [entity["properties"][0]["value"] for entity in reference.sent(of.plan(frame, "k"))]
    assert values == [text, "plain", text * 40]


@pytest.mark.parametrize("duplicates", ["fail", "merge"])
@pytest.mark.parametrize("row", [0, 15_999, 16_000, 19_999, 20_000, 39_998])
def test_one_cell_to_escape_in_a_long_table_is_escaped(row, duplicates):
    """Columns of which the plan found no such cell are not searched again: this one was found, wherever it stands."""
    keys = [f"k{number}" for number in range(40_000)]
    keys[39_999] = keys[39_998] if duplicates == "merge" else keys[39_999]
    frame = pl.DataFrame({"k": keys, "clean": "a", "v": "b"}).with_row_index("at")
    frame = frame.with_columns(pl.when(pl.col("at") == row).then(pl.lit('"\\\n')).otherwise("v").alias("v"))
    sent = reference.sent(of.plan(frame, "k", properties=["clean", "v"], duplicates=duplicates))
    odd = [entity for entity in sent if entity["properties"][1]["value"] != "b"]
    assert {entity["key"]: entity["properties"][1]["value"] for entity in odd} == (
        {} if duplicates == "merge" and row == 39_998 else {f"k{row}": '"\\\n'}
    )


def test_bodies_are_cut_at_a_thousand_entries():
    """Across slices and refused rows, no body is short but the last."""
    keys = [f"k{number}" if number % 7 else "not legal" for number in range(30_000)]
    plan = of.plan(pl.DataFrame({"k": keys, "v": range(30_000)}), "k")
    counts = [len(batch) for batch in plan.batches()]
    assert counts[:-1] == [1_000] * (len(counts) - 1)
    assert sum(counts) == plan.counts["entries"] == 30_000 - len(range(0, 30_000, 7))


def test_bodies_are_cut_before_twenty_million_bytes():
    """By exact bytes of UTF-8, escapes included."""
    frame = pl.DataFrame({"k": [f"k{number}" for number in range(60)], "v": ['å"' * 230_000] * 60})
    plan = of.plan(frame, "k")
    sizes = [len(body) for body in plan.bodies()]
    entity = len('{"key":"k10","delete":false,"properties":[{"id":"v","language":null,"value":""}]}') + 4 * 230_000
    assert max(sizes) <= 20_000_000 < max(sizes) + entity + 1
    assert len(reference.sent(plan)) == 60


def test_an_entity_of_exactly_a_million_bytes_is_sent_and_one_more_is_not():
    """The limit is inclusive."""
    bare = len('{"key":"a","delete":false,"properties":[{"id":"v","language":null,"value":""}]}')
    frame = pl.DataFrame({"k": ["a", "b"], "v": ["x" * (1_000_000 - bare), "x" * (1_000_001 - bare)]})
    plan = of.plan(frame, "k")
    assert plan.problems.select("row", "key", "rule").rows() == [(1, "b", "entity-size")]
    assert "1000001 bytes" in plan.problems["message"][0]
    assert [entity["key"] for entity in reference.sent(plan)] == ["a"]


def test_a_batch_can_be_cut_without_encoding_again():
    """Any part of a body is the body of those entries."""
    frame = pl.DataFrame({"k": [f"k{number}" for number in range(7)], "v": ['"', None, "b", "c", "d", "", "e"]})
    (batch,) = of.plan(frame, "k").batches()
    whole = reference.sent(of.plan(frame, "k"))
    for start in range(7):
        for stop in range(start + 1, 8):
            part = batch.part(start, stop)
            assert json.loads(bytes(part.body))["entities"] == whole[start:stop]
            assert (part.first, len(part)) == (start, stop - start)


def test_a_text_is_escaped_the_same_way_in_a_column_full_of_escapes():
    """Its fingerprint does not depend on its neighbours."""
    texts = [chr(code) for code in (*range(128), 0xE5, 0x2028, 0x1F600)]
    keys = [f"k{number}" for number in range(len(texts))]
    among_plain = pl.DataFrame({"k": [f"p{number}" for number in range(500)] + keys, "v": ["plain"] * 500 + texts})
    among_quotes = pl.DataFrame({"k": ["q", *keys], "v": ['"' * 300, *texts]})
    bodies = [b"".join(of.plan(frame, "k").bodies()) for frame in (among_plain, among_quotes)]
    ours = [body[body.index(b'{"key":"k0"') :] for body in bodies]
    assert ours[0] == ours[1]


@pytest.mark.parametrize("late", ["plain", "back\\slash", "line\nend", "\x00", None])
def test_a_column_full_of_quotes_may_hold_something_else_behind_its_first_cells(late):
    """Quotes alone are replaced, in a shorter way than everything else."""
    texts = ['12" pan', None, '"'] * 20 + [late, "å"]
    frame = pl.DataFrame({"k": [f"k{number}" for number in range(len(texts))], "v": texts})
    values = [[item["value"] for item in entity["properties"]] for entity in reference.sent(of.plan(frame, "k"))]
    assert values == [[text] if text is not None else [] for text in texts]


@pytest.mark.parametrize(
    "elements", [["a", "b|", None, "d", "e"], [1, 2, 3, 4, 5], [0.5, float("inf"), None, 2.0, 3.0]]
)
def test_what_lies_below_a_null_list_is_not_sent(elements):
    """Arrow may keep elements where a list is null, as masking leaves them: they are nobody's, and shift no others."""
    mask = pa.array([False, True, False])
    lists = pa.LargeListArray.from_arrays(pa.array([0, 1, 3, 5]), pa.array(elements), mask=mask)
    plan = of.plan(pa.table({"key": ["a", "b", "c"], "v": lists}), "key")
    assert plan.ok, plan.problems
    (body,) = plan.bodies()
    sent = [[item["value"] for item in entity["properties"]] for entity in json.loads(bytes(body))["entities"]]
    assert sent == [[str(elements[0])], [], ["|".join(str(type(elements[0])(one)) for one in elements[3:])]]


@pytest.mark.parametrize("inner", [pl.String, pl.Int64])
def test_a_null_among_arrays_of_one_width_sends_nothing(inner):
    """It has as many elements as the others, all of them null."""
    values = pl.Series([[1, 2], None, [3, 4]], dtype=pl.Array(pl.Int64, 2)).cast(pl.Array(inner, 2))
    entries = of.to_entries(pl.DataFrame({"key": ["a", "b", "c"], "v": values}), "key")
    assert entries["value"].drop_nulls().to_list() == ["1|2", "3|4"]


def test_a_slice_of_lists_does_not_bring_the_elements_of_the_others():
    """Else every slice of a table would cost as much as the whole."""
    lists = pl.Series([[f"a{number}", f"b{number}"] for number in range(1_000)]).slice(500, 10)
    assert len(_texts(lists, rendering_for(pl.String(), "|")).values) == 20


@given(
    st.lists(st.lists(st.text("ab|", min_size=1, max_size=4), min_size=1, max_size=4), min_size=1, max_size=20),
    st.text("ab|", min_size=1, max_size=4),
)
def test_a_list_that_is_sent_can_be_split_again(lists, separator):
    """Whatever the separator looks like; a list that would come back otherwise is refused."""
    frame = pl.DataFrame({"k": [f"k{number}" for number in range(len(lists))], "t": lists})
    plan = of.plan(frame, "k", list_separator=separator)
    refused = set(plan.problems["row"])
    sent = [part["properties"][0]["value"] for part in reference.sent(plan)]
    assert [text.split(separator) for text in sent] == [part for row, part in enumerate(lists) if row not in refused]
    for row in refused:
        assert separator.join(lists[row]).split(separator) != lists[row]


@pytest.mark.parametrize("separator", ["|", '"', "\n"])
def test_lists_are_escaped_also_where_only_one_of_a_later_slice_needs_it(separator):
    """Each slice is looked at by itself, and the separator may be what must be escaped."""
    height = slice_rows(2) + 10
    lists = [[f"a{number}", "b"] for number in range(height)]
    lists[-1], lists[-2] = ["c\\", "d"], []
    frame = pl.DataFrame({"k": [f"k{number}" for number in range(height)], "clean": lists[:1] * height, "late": lists})
    plan = of.plan(frame, "k", list_separator=separator)
    expected = [[separator.join(lists[0]), separator.join(one)] for one in lists]
    assert [[item["value"] for item in entity["properties"]] for entity in reference.sent(plan)] == expected
    assert sum(map(len, plan.bodies())) == plan.counts["bytes"]

"""Random dtypes, however deep, values of them, and JSON that may say such values or others."""

import json
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import polars as pl
from carecloud_frames import FINITE, INTEGERS, TEXT
from hypothesis import strategies as st

OSLO = ZoneInfo("Europe/Oslo")
WORD = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=5)
_NARROW = st.floats(allow_nan=False, allow_infinity=False, width=32)
_HALF = st.floats(allow_nan=False, allow_infinity=False, width=16)
_MOMENTS = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 30))
_RECENT = st.datetimes(datetime(1960, 1, 1), datetime(2100, 1, 1))

LEAVES = [
    (pl.String(), TEXT),
    (pl.Int8(), st.integers(-128, 127)),
    (pl.Int64(), INTEGERS),
    (pl.UInt64(), st.integers(0, 2**64 - 1)),
    (pl.Int128(), st.integers(-(2**127), 2**127 - 1)),
    (pl.Float64(), FINITE),
    (pl.Float32(), _NARROW),
    (pl.Float16(), _HALF),
    (pl.Decimal(38, 4), st.decimals(-(10**20), 10**20, places=4)),
    (pl.Boolean(), st.booleans()),
    (pl.Date(), st.dates(date(1, 1, 1), date(9999, 12, 31))),
    (pl.Datetime("us"), _MOMENTS),
    (pl.Datetime("ms"), _MOMENTS.map(lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000))),
    (pl.Datetime("ns"), _RECENT),
    (pl.Datetime("us", "UTC"), _MOMENTS.map(lambda moment: moment.replace(tzinfo=UTC))),
    (pl.Datetime("us", "Europe/Oslo"), _RECENT.map(lambda moment: moment.replace(tzinfo=UTC).astimezone(OSLO))),
    (pl.Time(), st.times(time(0), time(23, 59, 59, 999_999))),
    (pl.Duration("us"), st.timedeltas(timedelta(-99_999_999), timedelta(99_999_999))),
    (pl.Enum(["a|b", "c", "#"]), st.sampled_from(["a|b", "c", "#"])),
    (pl.Categorical(), TEXT),
]
"""Dtypes of scalars, and values of each."""


def _deeper(inner):
    return inner.map(_list) | inner.map(_array) | st.lists(inner, max_size=3).map(_struct)


def _list(of):
    return pl.List(of[0]), st.lists(st.none() | of[1], max_size=3)


def _array(of):
    return pl.Array(of[0], 2), st.lists(st.none() | of[1], min_size=2, max_size=2)


def _struct(fields):
    named = {f"f {number}": of for number, of in enumerate(fields)}
    dtype = pl.Struct({name: of[0] for name, of in named.items()})
    return dtype, st.fixed_dictionaries({name: st.none() | of[1] for name, of in named.items()})


KINDS = st.recursive(st.sampled_from(LEAVES), _deeper, max_leaves=4)
"""A dtype, and values of it."""


@st.composite
def columns(draw):
    """A few values of some dtype."""
    dtype, values = draw(KINDS)
    return pl.Series("value", draw(st.lists(st.none() | values, max_size=4)), dtype=dtype)


_DIGITS = st.text("0123456789", min_size=1, max_size=20)
_PLAIN = st.builds(
    lambda sign, number, fraction, power: f"{sign}{int(number)}{fraction}{power}",
    st.sampled_from(["", "-"]),
    _DIGITS,
    st.just("") | st.sampled_from([".0", ".50", ".005"]) | _DIGITS.map(".{}".format),
    st.just("") | st.integers(-330, 330).map("e{}".format) | st.sampled_from(["E2", "e-1", "e+1"]),
)
NUMERALS = (
    _PLAIN | FINITE.map(repr) | _NARROW.map(repr) | INTEGERS.map(str) | st.integers(-200, 200).map(str)
    | FINITE.map("{:.17g}".format)
)  # fmt: skip
"""Numbers as JSON spells them, some beyond any float."""

_TEXTS = NUMERALS | st.sampled_from(
    ["", "true", "false", "null", "+1", "007", ".5", "1.", "inf", "nan", " 1", "1_0", "٣", "2020-01-02", "20200102",
     "20200102000000", "20200102000001", "2020-02-30", "2020-01-02T00:00:00"]
) | WORD  # fmt: skip
_SCALARS = NUMERALS | st.sampled_from(["null", "true", "false"]) | _TEXTS.map(json.dumps)


def _container(inner):
    members = st.lists(
        st.tuples(st.sampled_from(["f 0", "f 1", "g"]), inner), unique_by=lambda pair: pair[0], max_size=3
    )
    return st.lists(inner, max_size=3).map(lambda each: f"[{', '.join(each)}]") | members.map(
        lambda each: "{" + ",".join(f'"{name}": {value}' for name, value in each) + "}"
    )


DOCUMENTS = st.recursive(_SCALARS, _container, max_leaves=5)
"""JSON that says anything."""

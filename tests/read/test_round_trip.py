"""What is pushed is read back: every dtype of the table of values, every frame library, several languages.

What each value must come back as is said here a second time, from the page about values and without the code that
writes them.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from reading_box import Box

import occtoo_frames as of

LANGUAGES = ["en", "sv", "de-CH"]
DECIMAL, MOMENT = pl.Decimal(38, 18), pl.Datetime("us", "UTC")
CET = timezone(timedelta(hours=1))
Came = Callable[[Any], Any]


def _same(value: Any) -> Any:
    return value


def _utc(value: datetime) -> datetime:
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def _single(value: float) -> Decimal:
    return Decimal(str(np.float32(value)))


def _clock(value: time) -> str:
    said = value.isoformat()
    return said.rstrip("0") if value.microsecond else said


def _iso_duration(value: timedelta) -> str:
    sign, value = ("-" if value < timedelta() else ""), abs(value)
    minutes, rest = divmod(value.seconds, 60)
    seconds = (Decimal(rest) + Decimal(value.microseconds) / 1_000_000).normalize()
    parts = (f"{minutes // 60}H" if minutes // 60 else "") + (f"{minutes % 60}M" if minutes % 60 else "")
    parts += f"{seconds:f}S" if seconds else ""
    days = f"{value.days}D" if value.days else ""
    return f"{sign}P{days}" + (f"T{parts}" if parts else "" if days else "T0S")


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
WORD = st.text('abcåäö €"\\\n', min_size=1, max_size=6)
NAIVE = st.datetimes(datetime(1700, 1, 1), datetime(2200, 1, 1))
MODERN = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1))
"""Before these, the engine's table of time zones and Python's do not agree on Sweden's."""
ROUND = st.decimals(-(10**9), 10**9, places=4)

KINDS: Mapping[str, tuple[pl.DataType, str, pl.DataType, Came, st.SearchStrategy[Any]]] = {
    "text": (pl.String(), "Text", pl.String(), _same, TEXT),
    "i8": (pl.Int8(), "Integer", pl.Int64(), _same, st.integers(-128, 127)),
    "i32": (pl.Int32(), "Integer", pl.Int64(), _same, st.integers(-(2**31), 2**31 - 1)),
    "i64": (pl.Int64(), "Integer", pl.Int64(), _same, st.integers(-(2**63), 2**63 - 1)),
    "u8": (pl.UInt8(), "Integer", pl.Int64(), _same, st.integers(0, 255)),
    "u64": (pl.UInt64(), "Integer", pl.Int64(), _same, st.integers(0, 2**63 - 1)),
    "f64": (pl.Float64(), "Decimal", DECIMAL, lambda value: Decimal(repr(value)), ROUND.map(float)),
    "f32": (pl.Float32(), "Decimal", DECIMAL, _single, st.integers(-999, 999).map(lambda one: one / 8)),
    "decimal": (pl.Decimal(20, 4), "Decimal", DECIMAL, _same, ROUND),
    "boolean": (pl.Boolean(), "Boolean", pl.Boolean(), _same, st.booleans()),
    "day": (
        pl.Date(),
        "Timestamp",
        MOMENT,
        lambda day: datetime(day.year, day.month, day.day, tzinfo=UTC),
        st.dates(date(1700, 1, 1), date(2200, 1, 1)),
    ),
    "day_text": (pl.Date(), "Text", pl.String(), lambda day: day.isoformat(), st.dates(date(1700, 1, 1))),
    "zoned": (
        pl.Datetime("us", "Europe/Stockholm"),
        "Timestamp",
        MOMENT,
        _utc,
        MODERN.map(lambda moment: moment.replace(tzinfo=CET)),
    ),
    "naive": (pl.Datetime("us"), "Timestamp", MOMENT, _utc, NAIVE),
    "naive_ns": (pl.Datetime("ns"), "Timestamp", MOMENT, _utc, NAIVE),
    "naive_ms": (
        pl.Datetime("ms"),
        "Timestamp",
        MOMENT,
        _utc,
        NAIVE.map(lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)),
    ),
    "clock": (pl.Time(), "Text", pl.String(), _clock, st.times()),
    "takes": (
        pl.Duration("us"),
        "Text",
        pl.String(),
        _iso_duration,
        st.timedeltas(timedelta(days=-900), timedelta(days=900)),
    ),
    "category": (pl.Categorical(), "Text", pl.String(), _same, WORD),
    "chosen": (pl.Enum(["red", "blue"]), "Text", pl.String(), _same, st.sampled_from(["red", "blue"])),
    "words": (pl.List(pl.String()), "List", pl.List(pl.String()), _same, st.lists(WORD, min_size=1, max_size=3)),
    "numbers": (
        pl.List(pl.Int64()),
        "List",
        pl.List(pl.String()),
        lambda numbers: [str(one) for one in numbers],
        st.lists(st.integers(-9, 9), min_size=1, max_size=3),
    ),
}
SAMPLES: Mapping[str, list[Any]] = {
    "text": ["007", "", None],
    "i8": [-128, 127, None],
    "i32": [-(2**31), 2**31 - 1, None],
    "i64": [-(2**63), 2**63 - 1, None],
    "u8": [0, 255, None],
    "u64": [0, 2**63 - 1, None],
    "f64": [1e-7, 12.0, None],
    "f32": [0.1, -2.5, None],
    "decimal": [Decimal("12.5000"), Decimal("-9999999999999999.9999"), None],
    "boolean": [True, False, None],
    "day": [date(2026, 3, 1), date(1700, 1, 1), None],
    "day_text": [date(2026, 3, 1), date(9999, 12, 31), None],
    "zoned": [datetime(2026, 3, 1, 12, 30, tzinfo=CET), datetime(2026, 7, 1, 12, 30, 0, 1, tzinfo=UTC), None],
    "naive": [datetime(2026, 3, 1, 12, 30, 0, 500_000), datetime(1700, 1, 1), None],
    "naive_ns": [datetime(2026, 3, 1, 12, 30, 0, 1), datetime(1700, 1, 1), None],
    "naive_ms": [datetime(2026, 3, 1, 12, 30, 0, 7_000), datetime(1700, 1, 1), None],
    "clock": [time(8, 30), time(23, 59, 59, 999_999), None],
    "takes": [timedelta(hours=1, minutes=30), timedelta(seconds=-1.5), None],
    "category": ["Seating", "å", None],
    "chosen": ["red", "blue", None],
    "words": [["wood", "kitchen"], ["å"], None],
    "numbers": [[1, -2], [0], None],
}
COLUMNS = [f"{name}_{language}" for name in ("title", "labels") for language in LANGUAGES]
LABELS = [["a", "b"], None, ["c"]]


def table_of(values: Mapping[str, list[Any]], localised: Mapping[str, list[Any]]) -> pl.DataFrame:
    """A table with a column of each dtype, and the localised ones."""
    count = len(next(iter(values.values())))
    columns = [pl.Series("sku", [f"k{n:03}" for n in range(count)])]
    columns += [pl.Series(name, values[name], dtype=KINDS[name][0]) for name in KINDS]
    columns += [
        pl.Series(name, localised[name], dtype=pl.String() if name.startswith("title") else pl.List(pl.String()))
        for name in COLUMNS
    ]
    return pl.DataFrame(columns)


def expected_of(table: pl.DataFrame) -> pl.DataFrame:
    """What a read must give."""
    columns = [table["sku"].alias("id")]
    for name, (_, _, dtype, came, _) in KINDS.items():
        came_back = [None if value is None else came(value) for value in table[name].to_list()]
        columns.append(pl.Series(name, came_back, dtype=dtype))
    return pl.DataFrame([*columns, *(table[name] for name in COLUMNS)])


def to_pandas(table: pl.DataFrame) -> pd.DataFrame:
    """As people have it in pandas: nullable numbers, numpy's times, dates as objects."""
    frame = table.to_pandas()
    numbers = {name: str(dtype) for name, dtype in table.schema.items() if dtype.is_integer() or dtype.is_float()}
    for name, dtype in numbers.items():
        frame[name] = pd.array(table[name].to_list(), dtype=dtype)
    for name in ("day", "day_text"):
        frame[name] = pd.Series(table[name].to_list(), dtype=object)
    return frame.assign(boolean=pd.array(table["boolean"].to_list(), dtype="boolean"))


FRAMES: Mapping[str, Callable[[pl.DataFrame], Any]] = {
    "polars": _same,
    "lazy": pl.DataFrame.lazy,
    "pyarrow": pl.DataFrame.to_arrow,
    "pandas": to_pandas,
    "pandas on arrow": lambda table: table.to_pandas(use_pyarrow_extension_array=True),
}


def there_and_back(box: Box, table: pl.DataFrame, frame: Any, kind: of.typing.FrameKind = "polars") -> Any:
    """The table pushed as ``frame``, and read back."""
    source = box.source()
    report = of.push(
        frame, source, key="sku", lang_cols={"title": LANGUAGES, "labels": LANGUAGES}, connection=box.connection
    )
    assert report.counts["accepted"] == table.height
    box.platform.settle()
    types = {name: type_ for name, (_, type_, _, _, _) in KINDS.items()}
    url = box.platform.publish(
        f"d{source}",
        "things",
        source=source,
        languages=LANGUAGES,
        types=types | {"title": "LocalizedText", "labels": "LocalizedList"},
    )
    columns = ["id", *KINDS, *COLUMNS]
    return of.read_destination(url, language=LANGUAGES, columns=columns, frame=kind, connection=box.connection)


@pytest.mark.parametrize("library", FRAMES)
def test_every_dtype_comes_back_as_the_page_about_values_says(box: Box, library: str) -> None:
    """From every frame library, in three languages."""
    titles = {f"title_{language}": [f"{language} €", "", None] for language in LANGUAGES}
    labels = {f"labels_{language}": LABELS[n:] + LABELS[:n] for n, language in enumerate(LANGUAGES)}
    table = table_of(SAMPLES, titles | labels)
    assert_frame_equal(there_and_back(box, table, FRAMES[library](table)), expected_of(table))


@pytest.mark.parametrize("kind", ["pandas", "pyarrow"])
def test_every_library_is_given_the_same_values(box: Box, kind: of.typing.FrameKind) -> None:
    """Through Arrow nothing changes."""
    table = table_of(SAMPLES, {name: [None] * 3 for name in COLUMNS})
    assert_frame_equal(pl.DataFrame(there_and_back(box, table, table, kind)), expected_of(table))


def test_an_empty_destination_has_the_same_columns_and_dtypes(box: Box) -> None:
    """Nobody pushed anything yet."""
    table = table_of(SAMPLES, {name: [None] * 3 for name in COLUMNS})
    empty = there_and_back(box, table.head(0), table.head(0))
    assert empty.height == 0
    assert empty.schema == expected_of(table).schema


LOCALISED = {name: TEXT if name.startswith("title") else st.lists(WORD, min_size=1, max_size=3) for name in COLUMNS}


def _columns(values: Mapping[str, st.SearchStrategy[Any]], rows: int) -> st.SearchStrategy[dict[str, list[Any]]]:
    lists = {name: st.lists(st.none() | one, min_size=rows, max_size=rows) for name, one in values.items()}
    return st.fixed_dictionaries(lists)


@pytest.mark.soak
@pytest.mark.timeout(3_600)
@settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(_columns({name: kind[4] for name, kind in KINDS.items()}, 12), _columns(LOCALISED, 12))
def test_values_of_every_dtype_come_back(
    box: Box, values: dict[str, list[Any]], localised: dict[str, list[Any]]
) -> None:
    """Whatever they are, from every frame library."""
    table = table_of(values, localised)
    for frame in FRAMES.values():
        assert_frame_equal(there_and_back(box, table, frame(table)), expected_of(table))

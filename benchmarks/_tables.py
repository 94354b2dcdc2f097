"""Tables of many shapes, the same at each run: what the encoder is measured on."""

import datetime as dt

import numpy as np
import polars as pl

LANGUAGES = ("en", "sv", "de")
WORDS = np.array(["chair", "table", "lamp", "sofa", "bed", "desk", "stool", "shelf", "oak", "pine", "steel", "glass"])
HTML = '<p class="lead">A chair to <b>sit</b> on, "with" four legs.</p>\n'


def _sentences(rng: np.random.Generator, height: int, words: int) -> pl.Series:
    picked = rng.choice(WORDS, (height, words))
    return pl.DataFrame(picked, orient="row").select(pl.concat_str(pl.all(), separator=" ")).to_series()


def _with_nulls(frame: pl.DataFrame, rng: np.random.Generator, share: float) -> pl.DataFrame:
    holes = {name: rng.random(frame.height) < share for name in frame.columns if name != "sku"}
    return frame.with_columns(pl.when(~pl.Series(hole)).then(pl.col(name)).alias(name) for name, hole in holes.items())


def base(height: int) -> pl.DataFrame:
    """A key, 12 columns of mixed types, 4 properties in 3 languages, a tenth of the cells null."""
    rng = np.random.default_rng(7)
    columns = {"sku": [f"sku-{number:07d}" for number in range(height)]}
    frame = pl.DataFrame(columns).with_columns(
        brand=pl.Series(rng.choice(WORDS, height)),
        ean=pl.Series(rng.integers(10**12, 10**13, height)).cast(pl.String),
        price=pl.Series(rng.integers(100, 99_999, height) / 100),
        weight=pl.Series(rng.random(height) * 10),
        stock=pl.Series(rng.integers(0, 10_000, height)),
        units=pl.Series(rng.integers(1, 50, height).astype(np.int32)),
        active=pl.Series(rng.random(height) < 0.5),
        released=pl.Series(rng.integers(15_000, 20_000, height)).cast(pl.Int32).cast(pl.Date),
        changed=pl.Series(rng.integers(1_500_000, 1_700_000, height) * 10**9).cast(pl.Datetime("us", "UTC")),
        category=pl.Series(rng.choice(WORDS, height)).cast(pl.Categorical),
        tags=pl.concat_list(pl.Series(rng.choice(WORDS, height)), pl.Series(rng.choice(WORDS, height))),
        note=_sentences(rng, height, 4),
    )  # fmt: skip
    localised = [
        _sentences(rng, height, words).alias(f"{name}_{language}")
        for name, words in (("name", 3), ("title", 5), ("description", 20), ("material", 2))
        for language in LANGUAGES
    ]
    return _with_nulls(frame.with_columns(localised), rng, 0.1)


def html(height: int) -> pl.DataFrame:
    """Three descriptions of HTML: a character in twenty must be escaped."""
    text = pl.Series([HTML * (1 + number % 5) for number in range(height)])
    return _keys(height).with_columns(text.alias(f"description_{language}") for language in LANGUAGES)


def one_column(height: int) -> pl.DataFrame:
    """A price, nothing else."""
    rng = np.random.default_rng(1)
    return _keys(height).with_columns(price=pl.Series(rng.integers(100, 99_999, height) / 100))


def wide(height: int) -> pl.DataFrame:
    """300 columns of short text."""
    rng = np.random.default_rng(2)
    words = pl.Series(rng.choice(WORDS, height))
    return _keys(height).with_columns(words.shuffle(seed).alias(f"p{seed}") for seed in range(300))


def floats(height: int) -> pl.DataFrame:
    """24 columns of floats."""
    rng = np.random.default_rng(3)
    return _keys(height).with_columns(pl.Series(f"f{number}", rng.random(height)) for number in range(24))


def categories(height: int) -> pl.DataFrame:
    """12 categorical columns."""
    rng = np.random.default_rng(4)
    return _keys(height).with_columns(
        pl.Series(f"c{number}", rng.choice(WORDS, height)).cast(pl.Categorical) for number in range(12)
    )


def lists(height: int) -> pl.DataFrame:
    """6 columns of lists of text."""
    rng = np.random.default_rng(5)
    return _keys(height).with_columns(
        pl.concat_list([pl.Series(rng.choice(WORDS, height)) for _ in range(3)]).alias(f"l{number}")
        for number in range(6)
    )


def dates(height: int) -> pl.DataFrame:
    """6 columns of dates, 6 of datetimes with fractions."""
    rng = np.random.default_rng(6)
    start = dt.datetime(2020, 1, 1)  # noqa: DTZ001 - naive ones are measured
    micros = [pl.Series(rng.integers(0, 10**14, height)) for _ in range(6)]
    moments = [pl.lit(start) + pl.duration(microseconds=values) for values in micros]
    return _keys(height).with_columns(
        *(moment.alias(f"t{number}") for number, moment in enumerate(moments)),
        *(moment.dt.date().alias(f"d{number}") for number, moment in enumerate(moments)),
    )


def dirty(height: int, share: float) -> pl.DataFrame:
    """12 columns of text, ``share`` of whose cells hold a quote."""
    rng = np.random.default_rng(8)
    clean = _sentences(rng, height, 4)
    return _keys(height).with_columns(
        pl.when(pl.Series(rng.random(height) < share)).then(pl.lit('12" ') + clean).otherwise(clean).alias(f"t{number}")
        for number in range(12)
    )


def _keys(height: int) -> pl.DataFrame:
    return pl.DataFrame({"sku": [f"sku-{number:07d}" for number in range(height)]})


SHAPES = {
    "base table": base,
    "HTML text": html,
    "one column": lambda height: one_column(10 * height),
    "300 columns": lambda height: wide(max(height // 10, 1_000)),
    "24 floats": floats,
    "12 categoricals": categories,
    "6 lists": lists,
    "dates and datetimes": dates,
    "dirty in 1% of cells": lambda height: dirty(height, 0.01),
    "dirty in 50% of cells": lambda height: dirty(height, 0.5),
}

"""Rows of a view as the JSON of results: rows in, bytes out, no loop over them.

Decimals are written with the digits that were pushed, everything else by polars. Relations are objects of the related
source's entries, in the order of the keys that list them; keys without an entry are left out (ours, not verified
against the live service).
"""

from collections.abc import Iterator, Mapping
from itertools import groupby

import msgspec
import polars as pl

from occtoo_frames._sandbox import kinds
from occtoo_frames._sandbox.view import View, elements
from occtoo_frames.protocol.destination import ID
from occtoo_frames.protocol.openapi import PropertyType

_RAW = "raw "


def results(view: View, related: Mapping[str, View], rows: pl.Series, language: str) -> bytes:
    """The JSON array of the objects of these rows.

    Args:
        view: Where the rows are.
        related: The view of each relation, by its name.
        rows: Which rows, in which order.
        language: Of the localised values.
    """
    relations = {
        name: _related(other, _listed(view, name, rows, language), language) for name, other in related.items()
    }
    return _array(_objects(view, rows, language, relations))


def ids(view: View, rows: pl.Series) -> bytes:
    """The JSON array of the keys of these rows."""
    return msgspec.json.encode(view.keys.gather(rows).to_list())


def _array(objects: pl.Series) -> bytes:
    return f"[{','.join(objects.to_list())}]".encode()


def _objects(view: View, rows: pl.Series, language: str, relations: Mapping[str, pl.Series]) -> pl.Series:
    columns = [view.keys.gather(rows).alias(ID)]
    columns += [_written(view, name, rows, language) for name in view.types]
    columns += [raw.alias(f"{_RAW}{name}") for name, raw in relations.items()]
    parts = _parts([column.name for column in columns])
    return pl.DataFrame(columns).select(pl.concat_str(pl.lit("{"), *parts, pl.lit("}"))).to_series()


def _written(view: View, name: str, rows: pl.Series, language: str) -> pl.Series:
    match view.kind(name):
        case PropertyType.BOOLEAN | PropertyType.INTEGER | PropertyType.LIST | PropertyType.LOCALIZED_LIST:
            return view.values_of(rows, name, language).alias(name)
        case PropertyType.DECIMAL:
            return kinds.numbers(view.texts(name, language).gather(rows)).alias(f"{_RAW}{name}")
        case PropertyType.TIMESTAMP:
            written = view.texts(name, language).gather(rows)
            return kinds.only(written, kinds.instants(written).is_not_null()).alias(name)
        case _:
            return view.texts(name, language).gather(rows).alias(name)


def _parts(names: list[str]) -> Iterator[pl.Expr]:
    comma = False
    for raw, group in groupby(names, lambda name: name.startswith(_RAW)):
        for part in map(_raw_member, group) if raw else [_members(list(group))]:
            if comma:
                yield pl.lit(",")
            yield part
            comma = True


def _raw_member(name: str) -> pl.Expr:
    label = msgspec.json.encode(name.removeprefix(_RAW)).decode()
    return pl.concat_str(pl.lit(f"{label}:"), pl.col(name).fill_null("null"))


def _members(names: list[str]) -> pl.Expr:
    return pl.struct(names).struct.json_encode().str.strip_prefix("{").str.strip_suffix("}")


def _listed(view: View, name: str, rows: pl.Series, language: str) -> pl.Series:
    property_id = view.publication.relations[name][1]
    columns = [name for name in (property_id, f"{property_id}:{language}") if name in view.snapshot.frame.columns]
    if not columns:
        return pl.Series([None], dtype=pl.List(pl.String)).new_from_index(0, len(rows))
    texts = view.snapshot.frame[columns[0]].gather(rows)
    return elements(texts, view.publication.separator(property_id))


def _related(other: View, keys: pl.Series, language: str) -> pl.Series:
    listed = pl.DataFrame({"place": pl.int_range(len(keys), eager=True), "key": keys}).explode("key").drop_nulls()
    found = other.keys.is_in(listed["key"].unique().to_list()).arg_true()
    objects = pl.DataFrame({"key": other.keys.gather(found), "object": _objects(other, found, language, {})})
    joined = listed.join(objects, on="key", how="inner", maintain_order="left")
    arrays = joined.group_by("place", maintain_order=True).agg(pl.col("object").str.join(","))
    places = pl.DataFrame({"place": pl.int_range(len(keys), eager=True)})
    whole = places.join(arrays, on="place", how="left", maintain_order="left")["object"].fill_null("")
    return whole.to_frame().select(pl.concat_str(pl.lit("["), pl.col("object"), pl.lit("]"))).to_series()

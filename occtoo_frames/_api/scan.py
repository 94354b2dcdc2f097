"""``of.scan_destination``: an endpoint as a polars LazyFrame; ``of.explain``: what a query asks of the platform."""

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import polars as pl
from polars.io.plugins import register_io_source

from occtoo_frames._api.decoding import decoded
from occtoo_frames._api.opening import Grant, grant_of, open_destination
from occtoo_frames._api.pages import compare_total, pages
from occtoo_frames._api.time_limit import TimeLimit
from occtoo_frames._given import to_count
from occtoo_frames._read.check import SeenIds
from occtoo_frames._read.decode import Decoder
from occtoo_frames._read.document import Endpoint
from occtoo_frames._read.limits import ReadLimits, to_limits
from occtoo_frames._read.options import Types, must_be_one_language, to_languages, to_page_size, with_types
from occtoo_frames._read.scan import Pull
from occtoo_frames._session.connection import Connection, current_connection
from occtoo_frames._session.session import Session
from occtoo_frames.exceptions import ConfigurationError, UnsupportedFrameError
from occtoo_frames.protocol.destination import ID


def scan_destination(
    url: str,
    *,
    language: str | None = None,
    page_size: int = 1000,
    types: Types = None,
    limits: ReadLimits | None = None,
    connection: Connection | None = None,
) -> pl.LazyFrame:
    """An endpoint as a LazyFrame that is read when it is collected, and only as far as the query needs it.

    Predicates and ``head`` go to the platform as far as the endpoint's OpenAPI document declares them, and are always
    applied again here: a scan is never wrong, only faster. Rows come in order of their keys.

    Args:
        url: The endpoint's address.
        language: The language of localised properties; the platform's default without it.
        page_size: Entries a request; the usual 1,000 are fewer where the endpoint takes no more at once.
        types: polars types that replace the document's.
        limits: When to stop with an error.
        connection: Where to ask; the process's default without one.

    Raises:
        ConfigurationError: The address, the language or an option is wrong.
        ResponseError: The OpenAPI document cannot be had or read.
    """
    page_size = to_count(page_size, "page_size", 1)
    must_be_one_language(language, "scan_destination")
    limits = to_limits(limits)
    used = current_connection(connection)
    destination = open_destination(url, used)
    endpoint = with_types(destination.endpoint(), types)
    asked = to_languages(endpoint, language)[0]
    url, grant = destination.at(endpoint).url, grant_of(endpoint)
    source = _Source(endpoint, url, used.session, grant, asked, to_page_size(endpoint, page_size), limits)
    return register_io_source(source, schema=endpoint.schema, validate_schema=True)


def explain(lazyframe: pl.LazyFrame) -> str:
    """Which part of a query's predicates, columns and head goes to the platform, and what is done here.

    The query is run once with its scans empty: nothing is asked of the platform, but other sources in it (files,
    frames) are read as far as the query needs them. Other threads may collect the same scans meanwhile.

    Raises:
        UnsupportedFrameError: It is no query, but a table that was read already, or none.
        ConfigurationError: The query reads no scan of a destination, or needs no row of it (``head(0)``).
    """
    if not isinstance(lazyframe, pl.LazyFrame):
        raise UnsupportedFrameError(f"{type(lazyframe).__name__} is no query: give a polars LazyFrame")
    pulls: list[Pull] = []
    before, _EXPLAINING.pulls = getattr(_EXPLAINING, "pulls", None), pulls
    try:
        lazyframe.collect(engine="streaming")
    finally:
        _EXPLAINING.pulls = before
    if not pulls:
        raise ConfigurationError("this query asks no destination: it reads no scan of one, or needs none of its rows")
    return "\n".join(map(str, pulls))


_EXPLAINING = threading.local()
"""The pulls heard of by the thread that explains: the streaming engine asks its sources in the thread that collects."""


@dataclass(slots=True, eq=False)
class _Source:
    """What polars pulls from."""

    endpoint: Endpoint
    url: str
    session: Session
    grant: Grant
    language: str | None
    page_size: int
    limits: ReadLimits

    def __call__(
        self, columns: list[str] | None, predicate: pl.Expr | None, rows: int | None, _batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        """The rows of one pull, in order."""
        names = tuple(columns) if columns is not None else tuple(self.endpoint.schema)
        pull = Pull(self.endpoint, self.url, names, predicate, rows, self.language, self.page_size, self.limits)
        heard: list[Pull] | None = getattr(_EXPLAINING, "pulls", None)
        if heard is not None:
            heard.append(pull)
            return iter([self.endpoint.schema.to_frame().select(names)])
        return self._rows(pull)

    def _rows(self, pull: Pull) -> Iterator[pl.DataFrame]:
        decoder, walk, left = Decoder(pull.properties), pull.walk, pull.rows
        if left == 0:
            yield pull.work(decoder.schema.to_frame())
            return
        count, total, run = 0, None, self.session.run()
        seen, limit = SeenIds(), TimeLimit(walk.limits.max_seconds)
        with (
            self.session.hiding(),
            closing(pages(self.session, walk, self.grant, wanted=left, run=run, time_limit=limit)) as stream,
            closing(decoded(stream, lambda group: decoder.decode(*group))) as parts,
        ):
            for group, frame in parts:
                seen.add(frame[ID])
                count += frame.height
                total = group[0].total if group[0].number == 0 else total
                limit.check()
                yield pull.work(frame if left is None else frame.head(left))
                left = None if left is None else max(0, left - frame.height)
            seen.must_be_unique()
        if left is None or left > 0:
            compare_total(self.session, walk, self.grant, count, total, run=run)

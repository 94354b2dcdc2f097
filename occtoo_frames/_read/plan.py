"""What one read does: which properties, entries and languages, what the platform is asked and what is done here.

Takes an endpoint and checked options; gives the walk of each language. Pure: it knows no wire, and no answer.
"""

from dataclasses import dataclass, field

import polars as pl

from occtoo_frames._read.document import Endpoint, Property
from occtoo_frames._read.languages import wide_names
from occtoo_frames._read.limits import ReadLimits
from occtoo_frames._read.options import Layout, Sort
from occtoo_frames._read.paging import MAX_TOP, Walk
from occtoo_frames._read.where import Selection, without_localized
from occtoo_frames.protocol.destination import ID, Query
from occtoo_frames.typing import Style


@dataclass(frozen=True, slots=True)
class ReadPlan:
    """A read, decided.

    Attributes:
        endpoint: What is read, with the types asked for.
        url: Where.
        languages: Those that are read; one None is the platform's default.
        several: The caller gave a list of languages.
        selection: Which entries.
        sorts: In which order; empty is by key.
        limit: How many at most.
        columns: The output's columns; None is all.
        relation: The relation whose entries are the rows, if any.
        raw: The output is the entries' JSON.
        with_json: The frames hold the entries' JSON too.
    """

    endpoint: Endpoint
    url: str
    languages: tuple[str | None, ...] = (None,)
    several: bool = False
    selection: Selection = field(default_factory=Selection)
    sorts: tuple[Sort, ...] = ()
    limit: int | None = None
    search: tuple[str, ...] = ()
    since: str | None = None
    columns: tuple[str, ...] | None = None
    relation: Property | None = None
    raw: bool = False
    with_json: bool = False
    style: Style = "name_lang"
    layout: Layout = "wide"
    page_size: int = 1000
    limits: ReadLimits = field(default_factory=ReadLimits)

    @property
    def depends_on_language(self) -> bool:
        """True if other languages may hold other entries, or have them in another order."""
        by_language = any(sort.subject.localized for sort in self.sorts)
        return bool(self.search) or self.selection.localized or by_language

    @property
    def first_decides(self) -> bool:
        """True if the first language decides which entries there are."""
        return self.limit is not None or self.depends_on_language

    @property
    def exploded_by_language(self) -> bool:
        """True if the relation's entries depend on the language, and several are read."""
        several = self.several or self.layout == "long"
        return several and self.relation is not None and self.relation.localized

    @property
    def shown(self) -> tuple[Property, ...]:
        """The properties in the output, in the document's order."""
        if self.raw or self.relation is not None:
            return tuple(one for one in self.endpoint.properties if one.id == ID or one == self.relation)
        if self.columns is None:
            return self.endpoint.properties
        wanted = set(self.columns)
        return tuple(one for one in self.endpoint.properties if wanted & {one.id, *self.wide[one.id]})

    @property
    def properties(self) -> tuple[Property, ...]:
        """What is decoded: the output's properties and those that are looked at here; ``id`` always."""
        looked_at = {one.subject.id for one in self.selection.conditions} | {one.subject.id for one in self.sorts}
        wanted = {ID} | looked_at | {one.id for one in self.shown}
        return tuple(one for one in self.endpoint.properties if one.id in wanted)

    @property
    def wide(self) -> dict[str, list[str]]:
        """The output's columns of each property."""
        if not self.several or self.layout == "long":
            return {one.id: [one.id] for one in self.endpoint.properties}
        return wide_names(self.endpoint.properties, [str(one) for one in self.languages], self.style)

    def selection_of(self, language: str | None) -> Selection:
        """Which entries are read in a language: those after the first are not filtered by their own texts."""
        if language == self.languages[0]:
            return self.selection
        return without_localized(self.endpoint, self.selection)

    def walk(self, language: str | None) -> Walk:
        """The read of a language by key."""
        wanted = None if self.sorts or self.selection.residual else self.limit
        return Walk(self.url, self._query(language), self.page_size, wanted, limits=self.limits)

    def top(self, language: str | None) -> Walk | None:
        """One request for the first entries in the platform's order; None where that is not certain to be right.

        The platform takes ascending and descending sorts in two separate lists, so only sorts in one direction can
        be asked for.
        """
        directions = {sort.descending for sort in self.sorts}
        most = min(MAX_TOP, self.endpoint.accepts.max_top or MAX_TOP)
        if self.limit is None or not 0 < self.limit <= most or len(directions) != 1:
            return None
        if self.selection.residual or (self.depends_on_language and language != self.languages[0]):
            return None
        descending = directions.pop()
        if not self.endpoint.accepts.takes("sortDesc" if descending else "sortAsc"):
            return None
        names = tuple(dict.fromkeys([*(sort.subject.id for sort in self.sorts), ID]))
        return Walk(
            self.url,
            self._query(language, () if descending else names, names if descending else ()),
            self.limit,
            keyset=False,
            limits=self.limits,
        )

    def _query(self, language: str | None, sort_asc: tuple[str, ...] = (), sort_desc: tuple[str, ...] = ()) -> Query:
        chosen = self.selection_of(language).filter
        return Query(
            language=language,
            sort_asc=sort_asc,
            sort_desc=sort_desc,
            since=self.since,
            search=self.search if language == self.languages[0] else (),
            filters=() if chosen is None else (chosen,),
        )

    def agrees(self, frame: pl.DataFrame) -> bool:
        """True if the platform's first entries are ours, as far as that can be seen.

        It is not known where the platform puts nulls and how it orders texts. Nulls that may not be last, or
        anything but texts in another order than ours, show that these may be other entries than the first ones.
        """
        first, *others = (sort.subject for sort in self.sorts)
        missing = frame[first.id].is_null().cast(pl.Int8)
        if missing[0] or not missing.is_sorted():
            return False
        if any(isinstance(one.dtype, pl.String) for one in (first, *others)):
            return not any(frame[one.id].has_nulls() for one in others)
        return self.ordered(frame)[ID].equals(frame[ID])

    def ordered(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The entries in the order asked for: nulls last, ties by key; and no more than the limit."""
        if self.sorts:
            directions = [sort.descending for sort in self.sorts]
            by = [sort.subject.id for sort in self.sorts]
            frame = frame.sort(*by, ID, descending=[*directions, all(directions)], nulls_last=True)
        return frame if self.limit is None else frame.head(self.limit)

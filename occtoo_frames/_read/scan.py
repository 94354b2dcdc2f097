"""What one pull of a scan does: which columns are decoded, what the platform is asked, what is done here.

Takes what polars hands to a source (columns, predicate, number of rows) and gives the walk and the work on each page.
Where rows are counted off, the predicate is not asked of the platform: polars cuts first and filters then.
"""

from dataclasses import dataclass, field

import polars as pl

from occtoo_frames._read.document import Endpoint, Property
from occtoo_frames._read.limits import ReadLimits
from occtoo_frames._read.paging import Walk
from occtoo_frames._read.predicate import to_filters
from occtoo_frames.protocol.destination import ID, Query
from occtoo_frames.protocol.filters import Filter


@dataclass(frozen=True, slots=True)
class Pull:
    """One pull.

    Attributes:
        endpoint: What is scanned.
        url: Where.
        names: The columns polars wants.
        predicate: Which rows it wants; None is all.
        rows: How many it wants, cut before the predicate; None is all.
        language: What is asked; None is the platform's default.
        page_size: Entries a page.
        limits: When to stop with an error.
    """

    endpoint: Endpoint
    url: str
    names: tuple[str, ...]
    predicate: pl.Expr | None
    rows: int | None
    language: str | None
    page_size: int
    limits: ReadLimits = field(default_factory=ReadLimits)

    @property
    def filters(self) -> tuple[Filter, ...]:
        """What the platform is asked."""
        if self.predicate is None or self.rows is not None:
            return ()
        return to_filters(self.endpoint, self.predicate)

    @property
    def walk(self) -> Walk:
        """The pages to read."""
        query = Query(language=self.language, filters=self.filters)
        return Walk(self.url, query, self.page_size, self.rows, limits=self.limits)

    @property
    def properties(self) -> tuple[Property, ...]:
        """What is decoded."""
        looked_at = self.predicate.meta.root_names() if self.predicate is not None else []
        wanted = {ID, *self.names, *looked_at}
        return tuple(one for one in self.endpoint.properties if one.id in wanted)

    def work(self, frame: pl.DataFrame) -> pl.DataFrame:
        """What is left of some rows."""
        kept = frame if self.predicate is None else frame.filter(self.predicate)
        return kept.select(self.names)

    def __str__(self) -> str:
        named = ", ".join(self.names) if len(self.names) < len(self.endpoint.properties) else "all"
        asked = " or ".join(_told(one) for one in self.filters) or "nothing"
        rows = "all" if self.rows is None else f"the first {self.rows:,}, cut before anything is filtered"
        return "\n".join(
            (
                f"SCAN {self.url}" + (f" in {self.language}" if self.language else ""),
                f"  rows      {rows}",
                f"  platform  filters by {asked}",
                f"  here      filters by {'nothing' if self.predicate is None else self.predicate}",
                f"  columns   {named} (chosen here: the platform sends whole entries)",
            )
        )


def _told(one: Filter) -> str:
    parts = [f"{name} in {list(values)}" for name, values in one.must.items()]
    parts += [f"{name} not in {list(values)}" for name, values in one.must_not.items()]
    parts += [f"{name} {end} {value}" for name, span in one.ranges.items() for end, value in span.to_wire().items()]
    return "(" + " and ".join(parts) + ")"

"""Reading an endpoint from its first entry to its last, page by page, by key.

Takes a query without paging; gives the request of each page and, from each answer, the next request. Pages follow
one another by ``sortAsc=id`` and ``after=<last id>`` (seen): entries that come, change or go during the read never
double or hide another one. A walk is a value: each step gives the next walk, so that a page can be fetched while the
one before it is decoded. Refuses to know the wire.
"""

from dataclasses import dataclass, field, replace

import msgspec

from occtoo_frames._read.limits import ReadLimits
from occtoo_frames._read.page import Page, broken, open_page
from occtoo_frames.exceptions import ReadLimitError
from occtoo_frames.protocol.destination import ID, Query
from occtoo_frames.protocol.http import Request, Response

MAX_TOP = 10_000
"""The largest page that is known to work (seen)."""

_JSON = {"Content-Type": "application/json", "Accept": "application/json"}


def ask(url: str, query: Query) -> Request:
    """The POST that asks ``query``."""
    return Request("POST", url, _JSON, msgspec.json.encode(query.to_wire()))


@dataclass(frozen=True, slots=True)
class Walk:
    """Where a read stands: what to ask next.

    Attributes:
        url: The endpoint.
        query: What to ask, without paging.
        page_size: Entries a page.
        wanted: How many entries are used, if none is left out here: the last page asks for no more. None is all.
        keyset: Page by key. If False there is one page only, in the query's own order.
        limits: When to stop with an error.
        number: The number of the next page, from 0.
        seen: Entries so far.
        total: How many entries the platform said there are.
        ends: The last ids of the pages so far.
    """

    url: str
    query: Query
    page_size: int = 1000
    wanted: int | None = None
    keyset: bool = True
    limits: ReadLimits = field(default_factory=ReadLimits)
    number: int = 0
    seen: int = 0
    total: int | None = None
    ends: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def top(self) -> int:
        """How many entries the next page asks for."""
        left = 0 if self.wanted is None else self.wanted - self.seen
        return min(self.page_size, left) if left > 0 else self.page_size

    def request(self) -> Request:
        """The request of the next page.

        Raises:
            ReadLimitError: The limits allow none.
        """
        _must_allow_another(self)
        query = replace(self.query, top=self.top, include_totals=self.number == 0)
        if self.keyset:
            query = replace(query, sort_asc=(ID,), sort_desc=())
        limits = self.limits
        return replace(
            ask(self.url, query), max_wire_bytes=limits.max_page_bytes, max_answer_bytes=limits.max_inflated_bytes
        )

    def count_request(self) -> Request:
        """Asks how many entries there are, and for one of them."""
        return ask(self.url, replace(self.query, top=1, include_totals=True))

    def step(self, response: Response) -> tuple[Page, "Walk | None"]:
        """The page in the answer, and the walk that goes on after it; None at the end.

        Raises:
            ProtocolError: The page cannot be read, or the paging does not get any further.
            ReadLimitError: The page, or all that came, is larger than the limits.
        """
        size, inflated, depth = len(response.body), self.limits.max_inflated_bytes, self.limits.max_depth
        if inflated is not None and size > inflated:
            raise ReadLimitError(f"page {self.number + 1} has {size:,} bytes; max_inflated_bytes is {inflated:,}")
        page = open_page(response.body, self.number)
        if depth is not None and page.is_deeper(depth):
            raise ReadLimitError(f"an entry of page {self.number + 1} is nested deeper than {depth}, its max_depth")
        total = page.total if self.number == 0 else self.total
        after = replace(self, number=self.number + 1, seen=self.seen + len(page), total=total)
        if (most := self.limits.max_rows) is not None and after.seen > most:
            coming = " and more to come" if after.knows_of_more else ""
            raise ReadLimitError(f"{after.seen:,} entries{coming}; max_rows is {most:,}")
        return page, _advanced(after, page) if _goes_on(after, page, self.top) else None

    @property
    def knows_of_more(self) -> bool:
        """True if the platform said that there are more entries than have come."""
        return self.total is not None and self.seen < self.total


def _goes_on(after: Walk, page: Page, top: int) -> bool:
    """False at the end.

    A short page is the last one, unless the platform said that there are more: a server may give less than it is
    asked for. After a full one another is asked for whatever was said, since entries may have come meanwhile.
    """
    return after.keyset and len(page) > 0 and (len(page) >= top or after.knows_of_more)


def _must_allow_another(walk: Walk) -> None:
    """Nothing, if the limits allow another page: whoever has enough asks for none, and is told of no limit.

    Raises:
        ReadLimitError: They do not.
    """
    limits, coming = walk.limits, " and more to come" if walk.knows_of_more else ", and perhaps more"
    if limits.max_pages is not None and walk.number >= limits.max_pages:
        raise ReadLimitError(f"{walk.number:,} pages{coming}; max_pages is {limits.max_pages:,}")
    may_be_all = walk.number == 0 or (walk.total is not None and not walk.knows_of_more)
    if limits.max_rows is not None and walk.seen >= limits.max_rows and not may_be_all:
        raise ReadLimitError(f"{walk.seen:,} entries{coming}; max_rows is {limits.max_rows:,}")


def _advanced(after: Walk, page: Page) -> Walk:
    """The walk beyond the page.

    Raises:
        ProtocolError: It ends where an earlier one ended.
    """
    last = page.ids()[-1] if after.query.list_ids else page.last_id
    if last in after.ends:
        raise broken(page.number, f"the paging goes round in a circle: it ends with {last!r} once more")
    return replace(after, query=replace(after.query, after=(last,)), ends=after.ends | {last})

"""Pages taken together, so that what decoding costs however little it is given is spent once for many of them.

Takes pages as they come; gives them in groups. The first group is one page and each is at most four times as many as
the one before it, up to some megabytes: whoever stops early has not waited for much more than was wanted. What is
broken comes after everything that was read before it.
"""

from collections.abc import Iterable, Iterator

from occtoo_frames._read.page import Page
from occtoo_frames.exceptions import OcctooError

GROUP_BYTES = 3_000_000
"""Beyond this, larger groups are hardly any faster."""

_GROWTH = 4


def groups(pages: Iterable[Page], max_bytes: int = GROUP_BYTES) -> Iterator[list[Page]]:
    """The pages in groups, in order; a group ends with the page that brings it to ``max_bytes``.

    Raises:
        OcctooError: That of the pages, after the group before it.
    """
    group: list[Page] = []
    size, most = 0, 1
    stream = iter(pages)
    while True:
        try:
            page = next(stream, None)
        except OcctooError:
            yield from [group] if group else []
            raise
        if page is not None:
            group.append(page)
            size += len(page.body)
        if group and (page is None or len(group) >= most or size >= max_bytes):
            yield group
            group, size, most = [], 0, _GROWTH * most
        if page is None:
            return

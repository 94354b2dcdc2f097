"""How records are asked for: page by page, every one once.

Yields calls, is sent what came of each, and returns the bodies of the answers. Nobody documents how the portal pages
(ours, not verified against the live service), so nothing is taken for granted: a page may be shorter than was asked
for, and a portal that pages in another way is found out rather than believed.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from occtoo_frames.carecloud.conversation import Call, RefusedError, Steps, good, post
from occtoo_frames.protocol import carecloud as words
from occtoo_frames.protocol.http import Response
from occtoo_frames.protocol.meaning import Asked

_TWICE = "the portal gave a record twice: it pages in another way, or its records changed meanwhile"


def query_steps(base: str, entity: str, body: Mapping[str, Any], limit: int | None, page: int) -> Steps[list[bytes]]:
    """The bodies of the answers that hold the records asked for, a page each.

    They end where ``limit`` is reached, or the portal's own count, or with a page that is empty.

    Raises:
        RefusedError: One is no answer, holds a record that was there before, or they end before the portal's count.
    """
    bodies: list[bytes] = []
    keys: set[object] = set()
    before: Sequence[object] = ()
    seen, count = 0, None
    while (limit is None or seen < limit) and (count is None or seen < count):
        take = page if limit is None else min(page, limit - seen)
        call = post(base, words.query_path(entity), {**body, "Skip": seen, "Take": take})
        asked: Asked = yield call
        items, count = _items(asked, call)
        seen += len(items)
        if not items:
            if count is not None and seen < count:
                raise RefusedError(asked, call, f"the portal counts {count:,} records and gave {seen:,}")
            break
        new = _keys(items)
        if items == before or len(set(new)) < len(new) or not keys.isdisjoint(new):
            raise RefusedError(asked, call, _TWICE)
        keys.update(new)
        before = items
        bodies.append(asked.event.body if isinstance(asked.event, Response) else b"")
    return bodies


def _items(asked: Asked, call: Call) -> tuple[list[object], int | None]:
    """The records of an answer, and how many it says there are in all."""
    data = good(asked, call).data
    items, count = data.get("items"), data.get("count")
    if not isinstance(items, list):
        raise RefusedError(asked, call, "the answer holds no Items")
    return items, count if isinstance(count, int) else None


def _keys(items: Sequence[object]) -> list[object]:
    """The keys of the records that have one."""
    found = (item.get(words.KEY) for item in items if isinstance(item, Mapping))
    return [key for key in found if isinstance(key, str | int)]

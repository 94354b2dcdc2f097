"""Links tried from here before they are sent: that they answer, with bytes, of an accepted kind.

Only addresses on the public internet are called: the name is resolved once, every address is judged, and the one that
was judged is called. Redirects are refused, a few bytes are read, no token and no cookie goes along.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from occtoo_frames._pinned import Head, Judge, LinkError, fetch
from occtoo_frames._push.media_types import is_accepted
from occtoo_frames.protocol.addresses import address_flaw, host_flaw

_THREADS = 8
_TIMEOUT_S, _PATIENCE_S = 10.0, 20.0
_REDIRECTS, _REFUSALS = 300, 400


def probe(links: Sequence[str], accept: Sequence[str] | None) -> dict[str, str]:
    """What is wrong with each of ``links`` that gave no file; those with nothing wrong are left out."""
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="occtoo-probe") as pool:
        found = zip(links, pool.map(partial(link_trouble, accept=accept), links), strict=True)
        return {link: trouble for link, trouble in found if trouble is not None}


def link_trouble(link: str, *, accept: Sequence[str] | None = None) -> str | None:
    """Why ``link`` gives no file, None if it does."""
    return host_flaw(link) or answer_trouble(link, lambda _, address: address_flaw(address), accept)


def answer_trouble(link: str, judge: Judge, accept: Sequence[str] | None = None) -> str | None:
    """Why what answers at ``link`` is no file, None if it is one.

    Args:
        link: The address.
        judge: Says which addresses may be called.
        accept: The media types that may be answered.
    """
    pieces: list[bytes] = []

    def first(_: Head, piece: bytes) -> bool:
        pieces.append(piece)
        return False

    try:
        head = fetch(link, judge, first, timeout_s=_TIMEOUT_S, patience_s=_PATIENCE_S)
    except LinkError as error:
        return str(error)
    return _trouble(head, accept, empty=not pieces)


def _trouble(head: Head, accept: Sequence[str] | None, *, empty: bool) -> str | None:
    mime_type = head.headers.get("content-type", "").partition(";")[0].strip() or None
    if head.status >= _REFUSALS:
        return f"it answers {head.status}"
    if head.status >= _REDIRECTS:
        return f"it answers {head.status}: give the address that it points to"
    if empty:
        return "it answers without a byte"
    if accept is not None and not is_accepted(mime_type, accept):
        return f"it answers with {mime_type or 'no type'}, which is not among {', '.join(accept)}"
    return None

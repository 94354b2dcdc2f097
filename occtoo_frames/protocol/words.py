"""What an answer says in words, whatever its body is: an envelope, problem details, HTML, bare text, rubbish.

Takes a response, gives texts, without the secrets that the server repeats in them. Nothing here fails, because a
server in trouble answers with anything (seen).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from html import unescape
from itertools import islice

from occtoo_frames.protocol.envelope import Envelope, WireError
from occtoo_frames.protocol.fold import fold, text_or_none
from occtoo_frames.protocol.http import Response

_MAX_TEXT = 300
_MAX_MESSAGE = 4_000
_MAX_ERRORS = 100
_MAX_DEPTH = 4
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")


def document_of(response: Response) -> object:
    """The JSON value in the body, or None if there is none that can be read; what refuses is all words."""
    try:
        return response.document if response.ok else hidden(response.document, response.hide)
    except RecursionError:
        return None


def hidden(value: object, hide: Callable[[str], str]) -> object:
    """A JSON value with each text in it as ``hide`` shows it."""
    if isinstance(value, str):
        return hide(value)
    if isinstance(value, list):
        return [hidden(inner, hide) for inner in value]
    if isinstance(value, dict):
        return {hide(name): hidden(inner, hide) for name, inner in value.items()}
    return value


def words_of(response: Response) -> tuple[str, ...]:
    """The server's own messages, in its order, at most 100; empty if it said nothing."""
    document = document_of(response)
    if isinstance(document, Mapping):
        said = islice(filter(str.strip, dict.fromkeys(_said(document))), _MAX_ERRORS)
        return tuple(dict.fromkeys(text for text in map(_line, map(response.hide, said)) if text))
    text = _line(response.hide(document if isinstance(document, str) else _plain(response.body)), _MAX_TEXT)
    return (text,) if text else ()


def request_id_of(response: Response) -> str | None:
    """The platform's id of the request: from the envelope (seen), else from the usual headers (ours)."""
    document = document_of(response)
    if isinstance(document, dict):
        members = fold(document)
        for name in ("requestid", "traceid"):
            found = text_or_none(members.get(name))
            if found:
                return _line(response.hide(found))
    for name in ("x-request-id", "request-id", "x-correlation-id"):
        if response.headers.get(name):
            return _line(response.hide(response.headers[name]))
    return None


def _said(document: Mapping[object, object]) -> Iterator[str]:
    members = fold(document)
    envelope = Envelope.from_wire(document)
    yield from (str(error) for error in envelope.errors)
    for name in ("title", "detail", "message", "error_description", "error"):
        value = members.get(name)
        if isinstance(value, str):
            yield value
        elif isinstance(value, Mapping):
            yield str(WireError.from_wire(value))
    if isinstance(members.get("errors"), Mapping | str):
        yield from _flat(members["errors"], "", _MAX_DEPTH)


def _flat(value: object, path: str, depth: int) -> Iterator[str]:
    if isinstance(value, Mapping) and depth:
        for name, inner in value.items():
            yield from _flat(inner, f"{path}.{name}" if path else str(name), depth - 1)
    elif isinstance(value, list) and depth:
        for inner in value:
            yield from _flat(inner, path, depth - 1)
    elif value is not None:
        yield f"{path}: {value}" if path else str(value)


def _plain(body: bytes) -> str:
    text = body[: _MAX_TEXT * 40].decode("utf-8", errors="replace")
    title = _TITLE.search(text)
    return unescape(title.group(1) if title else _TAG.sub(" ", text))


def _line(text: str, longest: int = _MAX_MESSAGE) -> str:
    """``text`` on one line, cut at ``longest`` characters, without what a terminal would act upon."""
    line = " ".join(_UNPRINTABLE.sub(" ", text).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"

"""One page of results, opened but not decoded: each result still is its JSON bytes.

Takes the body of an answer; gives its results, total and facets. Refuses to know types. Where each result stands is
found when the page is opened and then forgotten, and found again for the few who take results one by one: to keep an
object for each result of all the pages that wait would take a twentieth of a read.
"""

from dataclasses import dataclass, field

import msgspec
import numpy as np
import pyarrow as pa

from occtoo_frames._read.depth import is_deeper, may_be_deeper
from occtoo_frames.exceptions import ProtocolError


class _Body(msgspec.Struct):
    results: list[msgspec.Raw]
    total: int | None = None
    facets: msgspec.Raw = msgspec.Raw(b"[]")


class _Identity(msgspec.Struct):
    id: str


_BODY = msgspec.json.Decoder(_Body)
_ID = msgspec.json.Decoder(_Identity)
_TEXT = msgspec.json.Decoder(str)
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Page:
    """Results of one answer, in its order.

    Attributes:
        number: Its position in the read, from 0.
        body: The whole answer, without line breaks.
        count: How many results there are.
        longest: The bytes of the longest result.
        last: The JSON of the last result; empty if there is none.
        total: How many there are in all, if the server said so.
        facets: The JSON of the facets.
    """

    number: int
    body: bytes = field(repr=False)
    count: int
    longest: int = field(repr=False)
    last: bytes = field(repr=False)
    total: int | None = None
    facets: bytes = field(default=b"[]", repr=False)

    def __len__(self) -> int:
        return self.count

    @property
    def rows(self) -> list[msgspec.Raw]:
        """Each result's JSON, without line breaks; found anew each time.

        Raises:
            ProtocolError: One is nested too deep to be found from here.
        """
        try:
            return _BODY.decode(self.body).results
        except RecursionError:
            raise _too_deep(self.number) from None

    def is_deeper(self, cap: int) -> bool:
        """True if a result is nested deeper than ``cap``."""
        return may_be_deeper(self.body, self.longest, cap) and is_deeper(b"\n".join(self.rows), cap)

    @property
    def last_id(self) -> str:
        """The id of the last result.

        Raises:
            ProtocolError: It has none, or one that is no text.
        """
        try:
            return _ID.decode(self.last).id
        except msgspec.DecodeError:
            raise broken(self.number, f"a result has no id that is text: {self.last[:80]!r}") from None

    def ids(self) -> list[str]:
        """The ids of a page that was asked for ids only (``listIds``): bare texts.

        Raises:
            ProtocolError: One of them is no text.
        """
        try:
            return [_TEXT.decode(row) for row in self.rows]
        except msgspec.DecodeError as error:
            raise broken(self.number, f"asked for ids, it holds something else: {error}") from None


def open_page(body: bytes, number: int = 0) -> Page:
    """The page in ``body``.

    Raises:
        ProtocolError: It is no JSON, no UTF-8, or not an object with an array of results.
    """
    body = body.removeprefix(_BOM)
    try:
        _must_be_text(body)
        opened = _BODY.decode(body)
        if b"\n" in body or b"\r" in body:  # between its tokens, since the decoder refuses them within a text
            body = body.replace(b"\n", b" ").replace(b"\r", b" ")
    except msgspec.ValidationError as error:
        raise broken(number, str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise broken(number, f"it is no JSON ({error}); it begins {body[:60]!r}") from None
    except RecursionError:
        raise _too_deep(number) from None
    rows = opened.results
    longest, last = max(map(len, rows), default=0), bytes(rows[-1]) if rows else b""
    return Page(number, body, len(rows), longest, last, opened.total, bytes(opened.facets))


def broken(number: int, what: str) -> ProtocolError:
    """The error that says what is wrong with page ``number``."""
    return ProtocolError(f"page {number + 1} of the destination cannot be read: {what}", status=200)


def _too_deep(number: int) -> ProtocolError:
    return broken(number, "it is nested deeper than any page of the platform")


def _must_be_text(body: bytes) -> None:
    """Nothing, if it is UTF-8; Arrow says so without making a text of it.

    Raises:
        UnicodeDecodeError: It is not.
    """
    if body.isascii():
        return
    ends = np.array([0, len(body)], np.int64)
    whole = pa.Array.from_buffers(pa.large_string(), 1, [None, pa.py_buffer(ends), pa.py_buffer(body)])
    try:
        whole.validate(full=True)
    except pa.ArrowInvalid:
        body.decode()

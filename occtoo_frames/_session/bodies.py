"""Bodies as they go onto the wire, a piece at a time.

Takes the body of a request, gives pieces, and knows whether the first of them was taken. Names no HTTP library.
"""

from collections.abc import Iterator

from occtoo_frames.protocol.http import Request, Upload

PIECE = 512 * 1024
"""The most bytes that are sent, or read of an answer, at once."""


class Body:
    """A body that is sent piece by piece without being copied, and knows whether that has begun.

    Pieces make the time-out one of silence: the system's ``sendall`` would count the whole body.
    """

    def __init__(self, content: bytes | memoryview) -> None:
        self._view = memoryview(content).cast("B")
        self.begun = False

    def __len__(self) -> int:
        return len(self._view)

    def __iter__(self) -> Iterator[memoryview]:
        self.begun = True
        for start in range(0, len(self._view), PIECE):
            yield self._view[start : start + PIECE]


class UnreadableError(Exception):
    """The upload cannot be read as it was promised; the server has no whole request."""


class Stream:
    """An upload that is sent while it is read, exactly as many bytes as were promised."""

    def __init__(self, upload: Upload) -> None:
        self._upload = upload
        self.begun = False

    def __len__(self) -> int:
        return self._upload.size

    def __iter__(self) -> Iterator[bytes]:
        left = self._upload.size
        try:
            with self._upload.open() as stream:
                while piece := stream.read(PIECE):
                    left -= len(piece)
                    if left < 0 or (left == 0 and stream.read(1)):
                        break  # before the last byte is sent, so that the server never has a whole request
                    self.begun = True
                    yield piece
        except OSError as error:
            raise UnreadableError(f"what is to be sent cannot be read: {error.strerror}") from None
        if left:
            raise UnreadableError("what is to be sent changed its size")


def body_of(request: Request) -> Body | Stream | None:
    """What is sent for ``request``, or None if it has no body."""
    if request.body is None or request.size == 0:
        return None
    return Body(request.body) if isinstance(request.body, bytes | memoryview) else Stream(request.body)

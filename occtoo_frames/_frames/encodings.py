"""The encoding of a csv, found in its bytes; and the file in UTF-8, which is all that the engine reads."""

import codecs
import os
import tempfile
from pathlib import Path

from occtoo_frames.exceptions import UnsupportedFrameError

_BLOCK_BYTES = 1 << 20
_FALLBACK = "cp1252"
_SAMPLE_BYTES = 65_536


def encoding_of(file: Path) -> str:
    """UTF-16 by its mark or its zeros, UTF-8 if all is that, else Windows' Western European if nothing in it is UTF-8.

    Raises:
        UnsupportedFrameError: Some of the file is UTF-8 and some is not, so that either reading would spoil a part.
    """
    wrong, some, lines = "", False, 0
    with file.open("rb") as stream:
        if (sample := stream.read(_SAMPLE_BYTES))[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
            return "utf-16"
        if unmarked := _unmarked(sample):
            return unmarked
        stream.seek(0)
        while not (wrong and some) and (block := stream.read(_BLOCK_BYTES) + stream.readline()):
            try:
                some = some or not block.decode().isascii()
            except UnicodeDecodeError as error:
                some = some or not block.decode(errors="ignore").isascii()
                line = lines + block.count(b"\n", 0, error.start) + 1
                wrong = wrong or f"line {line} holds the byte 0x{block[error.start]:02x}, which is none there"
            lines += block.count(b"\n")
    if wrong and some:
        raise UnsupportedFrameError(
            f"{file.name} cannot be read: some of it is UTF-8, but {wrong}; mend the file, or say how "
            f"to read all of it: read_options={{'encoding': '{_FALLBACK}'}} (--csv-encoding {_FALLBACK})"
        )
    return _FALLBACK if wrong else "utf-8"


def _unmarked(sample: bytes) -> str | None:
    """UTF-16 without a mark, if it is mostly ASCII: every other byte is a zero there, all in the same place."""
    zeros = {"utf-16-be": sample[0::2].count(0), "utf-16-le": sample[1::2].count(0)}
    few, many = sorted(zeros.values())
    return max(zeros, key=zeros.__getitem__) if many >= max(len(sample) / 4, 4 * few, 2) else None


def transcoded(file: Path, encoding: str) -> Path:
    """A temporary file with the text of ``file`` in UTF-8; there is none if that fails.

    Raises:
        UnsupportedFrameError: The file is not in ``encoding``.
    """
    handle, name = tempfile.mkstemp(suffix=".csv", prefix="occtoo-frames-")
    lines = 0
    try:
        with (
            file.open(encoding=encoding, newline="") as read,
            os.fdopen(handle, "w", encoding="utf-8", newline="") as write,
        ):
            while block := read.read(_BLOCK_BYTES):
                write.write(block)
                lines += block.count("\n")
    except BaseException as error:
        Path(name).unlink(missing_ok=True)
        if isinstance(error, UnicodeError):
            raise UnsupportedFrameError(
                f"{file.name} cannot be read as {encoding}, somewhere from line {lines + 1} on: {error}; say its "
                "encoding, as in read_options={'encoding': 'cp850'} (--csv-encoding cp850)"
            ) from None
        raise
    return Path(name)

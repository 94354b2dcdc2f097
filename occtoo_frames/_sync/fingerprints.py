"""Fingerprints of what is sent: of whole entries and of single values, the same in every version of everything.

Takes rendered bytes, gives BLAKE2b digests of 16 bytes. It has no vectorised form, so this is the one place of the
corridor with a call for each entry and, where single values are compared, for each distinct value.
"""

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from occtoo_frames._push.batch import Batch
from occtoo_frames._push.encoder import Slice
from occtoo_frames.protocol.ingest import WIRE

SIZE = 16
Prints = npt.NDArray[np.uint8]
"""Fingerprints, shape (…, 16)."""

_FRESH = blake2b(digest_size=SIZE)
"""Copied for each text, which takes less than to begin one: a tenth of the whole for entries of 1.5 kB, a third for
short values."""

_NOTHING = pl.Series([], dtype=pl.String)


@dataclass(frozen=True, slots=True)
class Wholes:
    """The fingerprints of whole entries, for those that are sent in part.

    Attributes:
        numbers: Their numbers among the entries that are sent, int64, ascending.
        prints: These.
    """

    numbers: npt.NDArray[np.int64]
    prints: Prints

    def put_over(self, prints: Prints, first: int) -> Prints:
        """``prints`` of consecutive sent entries from number ``first`` on, in their place those of whole entries."""
        low, high = np.searchsorted(self.numbers, (first, first + len(prints)))
        if low == high:
            return prints
        whole = prints.copy()
        whole[self.numbers[low:high] - first] = self.prints[low:high]
        return whole


def text_print(text: bytes) -> bytes:
    """The fingerprint of some bytes."""
    return blake2b(text, digest_size=SIZE).digest()


def batch_print(prints: Prints) -> bytes:
    """The fingerprint of a batch, out of those of its entries as they stand in the body."""
    return text_print(prints.tobytes())


def entry_prints(batch: Batch) -> Prints:
    """The fingerprint of each entry as it stands in the body: shape (entries, 16)."""
    ends = np.append(batch.starts[1:] - len(WIRE.entity_next), len(batch.body) - len(WIRE.body_close))
    view, fresh = memoryview(batch.body), _FRESH.copy
    digests = []
    for start, end in zip(batch.starts.tolist(), ends.tolist(), strict=True):
        entry = fresh()
        entry.update(view[start:end])
        digests.append(entry.digest())
    return _matrix(digests)


def cell_prints(part: Slice) -> tuple[npt.NDArray[np.bool_], Prints]:
    """Which values are sent, shape (entries, properties), and their fingerprints, shape (entries, properties, 16)."""
    height, width = len(part.keys), len(part.values)
    values = pl.concat([_NOTHING, *part.values], rechunk=True)  # a call for each column would take as long as hashing
    there = values.is_not_null().to_numpy().reshape(width, height).T.copy()
    if part.deleted is not None:
        there[part.deleted] = False
    return there, _value_prints(values).reshape(width, height, SIZE).swapaxes(0, 1)


def _value_prints(values: pl.Series) -> Prints:
    """The fingerprint of each text; of a null anything."""
    coded = values.to_arrow().cast(pa.large_string()).dictionary_encode()
    digests, fresh = [], _FRESH.copy
    for text in coded.dictionary.cast(pa.large_binary()).to_pylist():
        value = fresh()
        value.update(text)
        digests.append(value.digest())
    if not digests:
        return np.zeros((len(values), SIZE), np.uint8)
    prints: Prints = np.take(_matrix(digests), coded.indices.fill_null(0).to_numpy(), axis=0)
    return prints


def _matrix(digests: list[bytes]) -> Prints:
    matrix: Prints = np.frombuffer(b"".join(digests), np.uint8).reshape(len(digests), SIZE)
    return matrix

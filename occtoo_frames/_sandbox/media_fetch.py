"""Links fetched in the background, from hosts that the sandbox's owner allowed and no others.

Takes uploads that have a link; puts their bytes into the library, or why there are none. A host is allowed by its
name, and must then be on the public internet; this machine and its network are reached only by an owner who wrote
``localhost`` or the very address. ``*`` allows every public host.
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event
from typing import BinaryIO

from occtoo_frames._pinned import Head, LinkError, fetch
from occtoo_frames._sandbox.media import Library, Record
from occtoo_frames.protocol.addresses import address_flaw, as_written, host_flaw, host_of, link_flaw

_THREADS = 4
_OK = 200
_STOPPED = "the sandbox was stopped"


@dataclass(frozen=True, slots=True)
class Hosts:
    """From where links are fetched."""

    allowed: frozenset[str]

    def flaw(self, link: str) -> str | None:
        """Why ``link`` is not fetched, as far as its text says."""
        wrong = link_flaw(link)
        if wrong is not None:
            return wrong
        host = host_of(link)
        if host in self.allowed:
            return None
        if "*" not in self.allowed:
            return f"the sandbox fetches nothing from {host}: allow it with media_hosts=[{host!r}]"
        return host_flaw(link)

    def judge(self, host: str, address: str) -> str | None:
        """Why ``address``, to which ``host`` resolved, is not called."""
        if host in self.allowed and (host == "localhost" or as_written(host) is not None):
            return None
        return address_flaw(address)


def hosts(names: Iterable[str]) -> Hosts:
    """The hosts of these names, however they are written."""
    return Hosts(frozenset(name if name == "*" else host_of(f"http://{name}") for name in names))


class Fetcher:
    """Fetches links into ``library``, a few at a time."""

    def __init__(self, library: Library, allowed: Hosts, max_bytes: int) -> None:
        self._library, self.allowed, self._max_bytes = library, allowed, max_bytes
        self._stop = Event()
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="occtoo-sandbox-fetch")
        self.begin(library.unfetched())

    def begin(self, records: Iterable[Record]) -> None:
        """These are fetched, after those before them."""
        for record in records:
            self._pool.submit(self._fetch, record)

    def stop(self) -> None:
        """Nothing is fetched any more; what was not is fetched when the platform starts again."""
        self._stop.set()
        self._pool.shutdown(cancel_futures=True)

    def _fetch(self, record: Record) -> None:
        try:
            with self._library.path(record.id).open("wb") as file:
                head = fetch(str(record.source_url), self.allowed.judge, lambda _, piece: self._take(file, piece))
                self._library.settled(file)
                size = file.tell()
        except LinkError as error:
            self._fail(record, f"the link could not be fetched: {error}")
        except FileNotFoundError:
            return  # deleted in the meantime
        else:
            self._judge(record, head, size)

    def _take(self, file: BinaryIO, piece: bytes) -> bool:
        if self._stop.is_set():
            raise LinkError(_STOPPED)
        file.write(piece)
        if file.tell() > self._max_bytes:
            raise LinkError(f"it is larger than {self._max_bytes:,} bytes")
        return True

    def _judge(self, record: Record, head: Head, size: int) -> None:
        if head.status != _OK:
            self._fail(record, f"the link answered {head.status}")
        elif not size:
            self._fail(record, "the link answered without a byte")
        else:
            self._library.finish(record.id)

    def _fail(self, record: Record, why: str) -> None:
        if not self._stop.is_set():
            self._library.fail(record.id, why)

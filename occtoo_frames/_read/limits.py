"""How much one read may take before it is stopped with a clear error."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """Caps of a read; None is no cap. Each has its own error, which names it.

    Attributes:
        max_page_bytes: The largest answer that is decoded. (The session has a cap of its own on the wire.)
        max_rows: Entries in one language.
        max_pages: Requests in one language.
        max_seconds: Seconds from the first request on, looked at between pages.
    """

    max_page_bytes: int | None = 256_000_000
    max_rows: int | None = None
    max_pages: int | None = None
    max_seconds: float | None = None

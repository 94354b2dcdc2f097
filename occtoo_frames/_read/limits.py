"""How much one read may take before it is stopped with a clear error."""

from dataclasses import dataclass, fields

from occtoo_frames._given import to_number
from occtoo_frames.exceptions import ConfigurationError


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """Caps of a read; None is no cap. Reaching one raises a ReadLimitError that names it.

    Attributes:
        max_page_bytes: Bytes of one answer on the wire, compressed as it may be. No more is taken from there.
        max_inflated_bytes: Bytes of one answer once it is decompressed; without a cap the session's own holds.
        max_depth: How deep an entry may be nested. An entry of plain values has depth 1, a relation adds 2.
        max_rows: Entries in one language.
        max_pages: Requests in one language; a last page that is full takes one more, to see that it is the last.
        max_seconds: Seconds for one language, from its first request on, with what is done here. A request on the wire
            is not waited for; pages that are being decoded are.
    """

    max_page_bytes: int | None = 256_000_000
    max_inflated_bytes: int | None = 256_000_000
    max_depth: int | None = 64
    max_rows: int | None = None
    max_pages: int | None = None
    max_seconds: float | None = None

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            number = 0 if value is None else to_number(value)
            if number is None or not number >= 0:
                raise ConfigurationError(f"{one.name} must be a number ≥ 0 or None, got {value!r}")


def to_limits(limits: object) -> ReadLimits:
    """``limits``; those that hold by default where it is None.

    Raises:
        ConfigurationError: It is something else.
    """
    if limits is None:
        return ReadLimits()
    if not isinstance(limits, ReadLimits):
        raise ConfigurationError(f"limits must be ReadLimits, such as of.ReadLimits(max_rows=1000), got {limits!r}")
    return limits

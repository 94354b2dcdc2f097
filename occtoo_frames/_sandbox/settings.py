"""What a platform is told when it is made, each value checked: a wrong one would end one of its threads later on.

Takes options, gives Settings; knows nothing of what they are for.
"""

from dataclasses import dataclass, fields
from math import inf

from occtoo_frames.protocol import rules


@dataclass(frozen=True, slots=True)
class Settings:
    """What a platform is told when it is made.

    Raises:
        ValueError: A value is none that its option can have.
    """

    limits: rules.Limits = rules.PLATFORM_LIMITS
    visibility_delay_s: float = 0.02
    token_lifetime_s: float = 3600.0
    lenient: bool = False
    tenant: str = "sandbox"
    media_hosts: tuple[str, ...] = ()
    media_delay_s: float = 0.05
    media_max_bytes: int = 1 << 30

    def __post_init__(self) -> None:
        for name in ("visibility_delay_s", "token_lifetime_s", "media_delay_s"):
            _must_be(_is_seconds(getattr(self, name)), name, getattr(self, name), "a number of seconds from 0")
        sizes = {each.name: getattr(self.limits, each.name) for each in fields(self.limits)}
        for name, size in {**sizes, "media_max_bytes": self.media_max_bytes}.items():
            _must_be(_is_count(size), name, size, "a whole number from 1")
        _must_be(isinstance(self.lenient, bool), "lenient", self.lenient, "True or False")
        hosts = all(isinstance(host, str) and host for host in self.media_hosts)
        _must_be(hosts, "media_hosts", self.media_hosts, "a list of hosts")
        is_tenant = isinstance(self.tenant, str) and rules.is_id(self.tenant)
        _must_be(is_tenant, "tenant", self.tenant, "a part of an address: letters, digits, _ and -")


def _must_be(holds: bool, name: str, value: object, what: str) -> None:  # noqa: FBT001 - what is found out
    if not holds:
        raise ValueError(f"{name}={value!r}: it is {what}")


def _is_seconds(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < inf


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1

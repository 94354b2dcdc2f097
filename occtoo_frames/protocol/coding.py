"""How a server says that it takes compressed bodies, and how a request says that it has one. Knows no compressor.

An answer's ``Accept-Encoding`` names the codings that its resource takes in requests (RFC 9110, section 12.5.3). It
holds for that resource, not for the whole server. Nothing is known of the live service here: it says nothing, and is
sent nothing compressed (ours).
"""

GZIP = "gzip"
_NAMES = frozenset({GZIP, "x-gzip"})
"""Both names of the one coding (RFC 9110, section 8.4.1.3)."""


def takes_gzip(accept_encoding: str) -> bool:
    """True if an answer's ``Accept-Encoding`` names gzip; ``*`` is too little to go by."""
    for item in accept_encoding.split(","):
        coding, _, weight = item.partition(";")
        if is_gzip(coding):
            return not weight or _weight(weight) > 0
    return False


def is_gzip(coding: str) -> bool:
    """True if ``coding`` is a name of gzip."""
    return coding.strip().lower() in _NAMES


def _weight(words: str) -> float:
    name, _, number = words.strip().partition("=")
    try:
        return float(number) if name.strip().lower() == "q" else 0.0
    except ValueError:
        return 0.0

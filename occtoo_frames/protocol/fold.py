"""Case-insensitive look at JSON objects: the platform matches names without regard to case (seen)."""

from collections.abc import Mapping


def fold(document: object) -> dict[str, object]:
    """The object's members under lower-case names; the first of two that differ in case only wins.

    Raises:
        TypeError: ``document`` is not a JSON object.
    """
    if not isinstance(document, Mapping):
        raise TypeError(f"expected a JSON object, got {type(document).__name__}")
    folded: dict[str, object] = {}
    for name, value in document.items():
        folded.setdefault(str(name).lower(), value)
    return folded


def text_or_none(value: object) -> str | None:
    """``value`` if it is text, None otherwise."""
    return value if isinstance(value, str) else None

"""Case-insensitive look at JSON objects: the platform matches names without regard to case (seen)."""


def fold(document: object) -> dict[str, object]:
    """The object's members under lower-case names, in its order; the first of two that differ in case only wins.

    Raises:
        TypeError: ``document`` is not a JSON object.
    """
    if not isinstance(document, dict):
        raise TypeError(f"expected a JSON object, got {type(document).__name__}")
    members = {name.lower(): value for name, value in document.items()}
    if len(members) < len(document):  # which is rare
        members.update((name.lower(), value) for name, value in reversed(document.items()))
    return members


def text_or_none(value: object) -> str | None:
    """``value`` if it is text, None otherwise."""
    return value if isinstance(value, str) else None

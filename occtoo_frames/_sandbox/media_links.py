"""Which links of a request are taken, and why the others are not: partial success, by identifier or else by link."""

from occtoo_frames._sandbox.media import Library
from occtoo_frames._sandbox.media_fetch import Fetcher
from occtoo_frames.protocol.media import MAX_IDENTIFIER_LENGTH, Link, Sorted, Upload

TAKEN = "The unique identifier is in use."


def start(library: Library, fetcher: Fetcher, links: list[Link]) -> Sorted[Upload]:
    """The uploads that began, and why the others did not.

    Raises:
        TakenError: An identifier came into use in this very moment; none began.
    """
    failures: dict[str, str] = {}
    taken: dict[str, Link] = {}
    for link in links:
        key = key_of(link)
        flaw = "The same one stands twice in the request." if key in taken else _flaw(library, fetcher, link)
        if flaw is None:
            taken[key] = link
        else:
            failures[key] = flaw
    records = library.create(
        {"filename": each.filename, "source_url": each.link, "unique_identifier": each.unique_identifier}
        for each in taken.values()
    )
    fetcher.begin(records)
    started = {key: library.upload(record.id) for key, record in zip(taken, records, strict=True)}
    return Sorted({key: upload for key, upload in started.items() if key not in failures}, failures)


def key_of(link: Link) -> str:
    """Under which name the answer speaks of ``link`` (ours)."""
    return link.unique_identifier or link.link


def name_flaw(filename: str) -> str | None:
    """Why a file cannot be called this (ours)."""
    if not filename.strip() or len(filename) > 255:  # noqa: PLR2004 - the longest name of common file systems
        return "A file name has from 1 to 255 characters."
    if any(character < " " or character in "/\\\x7f" for character in filename) or filename.strip(" .") == "":
        return "A file name holds no slashes and no control characters."
    return None


def _flaw(library: Library, fetcher: Fetcher, link: Link) -> str | None:
    if library.is_taken(link.unique_identifier):
        return TAKEN
    if len(link.unique_identifier or "") > MAX_IDENTIFIER_LENGTH:
        return f"A unique identifier has at most {MAX_IDENTIFIER_LENGTH} characters."
    return name_flaw(link.filename) or fetcher.allowed.flaw(link.link)

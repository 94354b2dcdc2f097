"""Links to the platform, at most 50 a request: a conversation that gives an upload or a reason for each.

The documents do not say by what the answer speaks of a link: it is looked for by identifier, link and file name.
"""

from collections.abc import Mapping, Sequence

from occtoo_frames._push.media_files import find
from occtoo_frames._push.media_talk import Talk, expect, json_request, result_of
from occtoo_frames.protocol.media import LINKS_PATH, MAX_LINKS, Link, Sorted, Upload, UploadState

_SILENT = "the platform said nothing about it"


def send_links(base_url: str, links: Sequence[Link]) -> Talk[list[Upload | str]]:
    """For each of ``links`` its upload, or why there is none.

    Args:
        base_url: The platform.
        links: At most 50; no address and no identifier twice.

    Raises:
        NotDoneError: The request as a whole came to nothing.
    """
    document = {"links": [link.to_wire() for link in links]}
    asked = yield from expect(json_request("PUT", f"{base_url}{LINKS_PATH}", document))
    answer = result_of(asked, lambda result: Sorted.from_wire(result, Upload.from_wire))
    told = [_told(answer, link) for link in links]
    if asked.unsure:
        told = yield from _own(base_url, links, told)
    return told


def parts(links: Sequence[Link]) -> list[list[int]]:
    """The positions of ``links`` in requests that may be sent: at most 50 each, none with an address twice."""
    requests: list[list[int]] = []
    addresses: list[set[str]] = []
    first_open = 0
    for position, link in enumerate(links):
        place = first_open
        while place < len(requests) and (len(requests[place]) >= MAX_LINKS or link.link in addresses[place]):
            first_open += place == first_open and len(requests[place]) >= MAX_LINKS
            place += 1
        if place == len(requests):
            requests.append([])
            addresses.append(set())
        requests[place].append(position)
        addresses[place].add(link.link)
    return requests


def _own(base_url: str, links: Sequence[Link], told: list[Upload | str]) -> Talk[list[Upload | str]]:
    """What was told, but for identifiers that an attempt without an answer took: their uploads are ours."""
    refused = [
        link.unique_identifier
        for link, said in zip(links, told, strict=True)
        if isinstance(said, str) and link.unique_identifier is not None
    ]
    found = yield from find(base_url, refused)
    return [
        Upload(found[link.unique_identifier].id, UploadState.PROGRESS)
        if isinstance(said, str) and link.unique_identifier in found
        else said
        for link, said in zip(links, told, strict=True)
    ]


def _told(answer: Sorted[Upload], link: Link) -> Upload | str:
    keys = [key for key in (link.unique_identifier, link.link, link.filename) if key is not None]
    for key in keys:
        if key in answer.succeeded:
            return answer.succeeded[key]
        if key in answer.failures:
            return answer.failures[key]
    return _by_content(answer.succeeded, link) or _SILENT


def _by_content(succeeded: Mapping[str, Upload], link: Link) -> Upload | None:
    wanted = (link.unique_identifier, link.link)
    uploads = [each for each in succeeded.values() if (each.unique_identifier, each.source_url) == wanted]
    return uploads[0] if len(uploads) == 1 else None

"""The conversation about links: fifty a request, partial success, answers that got lost."""

from json import dumps, loads

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occtoo_frames._push.media_links import parts, send_links
from occtoo_frames._push.media_talk import NotDoneError, Wait
from occtoo_frames.protocol.http import Failure, Response
from occtoo_frames.protocol.meaning import Asked
from occtoo_frames.protocol.media import MAX_LINKS, Link, Upload

LINKS = [
    Link("https://x.se/a", "a.jpg", "id-a"),
    Link("https://x.se/b", "b.jpg"),
    Link("https://x.se/c", "c.jpg", "id-c"),
]


def _answer(result: object) -> Response:
    return Response(202, {}, dumps({"result": result, "errors": []}).encode())


def _hold(talk, *asked: Asked):
    """What the conversation returns, and the requests that it made."""
    waiting, requests, answer = [*asked, asked[-1], asked[-1]], [], None
    try:
        while True:
            step = talk.send(answer)
            if isinstance(step, Wait):
                answer = None
            else:
                requests.append(step.request)
                answer = waiting.pop(0)
    except StopIteration as end:
        return end.value, requests


@pytest.mark.parametrize("key", ["unique_identifier", "link", "filename"])
def test_whatever_the_answer_is_keyed_by_each_link_finds_its_own(key):
    """The documents do not say what the key is."""

    def name(link):
        return getattr(link, key) or link.link

    succeeded = {name(link): {"id": f"u-{link.filename}"} for link in LINKS[:2]}
    failures = {name(LINKS[2]): {"message": "in use"}}
    told, (request,) = _hold(
        send_links("https://i", LINKS), Asked(_answer({"succeeded": succeeded, "failures": failures}))
    )
    assert [getattr(said, "id", said) for said in told] == ["u-a.jpg", "u-b.jpg", "in use"]
    assert loads(request.body) == {"links": [link.to_wire() for link in LINKS]}


def test_an_answer_under_unknown_keys_is_matched_by_what_it_says():
    """The upload's own source and identifier."""
    succeeded = {"0": {"id": "u", "sourceUrl": "https://x.se/b", "metadata": {}}}
    told, _ = _hold(send_links("https://i", LINKS), Asked(_answer({"succeeded": succeeded, "failures": None})))
    silent = "the platform said nothing about it"
    assert [getattr(said, "id", said) for said in told] == [silent, "u", silent]


def test_identifiers_that_a_lost_attempt_took_are_our_own():
    """The second attempt is told that they are in use; they are asked for, and gone on with."""
    first = _answer(
        {"succeeded": {}, "failures": {link.unique_identifier or link.link: {"message": "in use"} for link in LINKS}}
    )
    second = _answer({"succeeded": {"id-a": {"id": "file-a"}}, "failures": {"id-c": {"message": "unknown"}}})
    told, requests = _hold(send_links("https://i", LINKS), Asked(first, 2, unsure=True), Asked(second))
    assert isinstance(told[0], Upload)
    assert told[0].id == "file-a"
    assert told[1:] == ["in use", "in use"]
    assert loads(requests[1].body) == {"uniqueIdentifiers": ["id-a", "id-c"]}


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (Failure("cut", sent=True), "cut"),
        (Response(400, {}, b'{"errors":[{"message":"at most 50"}]}'), "answered 400: at most 50"),
        (Response(200, {}, b"<html>"), "cannot be read"),
        (Response(202, {}, b'{"result":{"succeeded":[1]}}'), "cannot be read"),
        (Response(202, {}, b'{"result":{"succeeded":{"a":{}},"failures":{"b":{}}}}'), "cannot be read"),
    ],
)
def test_a_request_that_came_to_nothing_says_why(event, said):
    """An HTML page with a good status is no success."""
    with pytest.raises(NotDoneError, match=said):
        _hold(send_links("https://i", LINKS), Asked(event))


@given(st.lists(st.integers(0, 30), max_size=300))
def test_requests_hold_fifty_links_and_no_address_twice(numbers):
    """Every link in exactly one of them."""
    links = [Link(f"https://x.se/{number}", "a") for number in numbers]
    requests = parts(links)
    assert sorted(position for request in requests for position in request) == list(range(len(links)))
    for request in requests:
        assert len({links[position].link for position in request}) == len(request) <= MAX_LINKS

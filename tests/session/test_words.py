import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occtoo_frames.protocol.http import Response
from occtoo_frames.protocol.words import document_of, request_id_of, words_of


def said(document):
    """The words of a JSON answer."""
    return words_of(Response(400, {}, json.dumps(document).encode()))


def test_the_documented_400_gives_its_message_and_the_offending_keys():
    """As in the platform's documents."""
    details = {"propertyName": "entities", "message": "… restricted characters: @2"}
    document = {"result": None, "errors": [{"message": "Invalid request", "details": details}], "requestId": "r"}
    assert said(document) == ("Invalid request: … restricted characters: @2",)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"title": "Bad", "detail": "language xx"}, ("Bad", "language xx")),
        ({"errors": {"entries[0].id": ["too long", "bad"]}}, ("entries[0].id: too long", "entries[0].id: bad")),
        ({"message": "no"}, ("no",)),
        ({"error": {"message": "inner"}}, ("inner",)),
        ({"error": "invalid_client", "error_description": "unknown"}, ("unknown", "invalid_client")),
        ({"errors": ["plain", "plain"]}, ("plain",)),
        ({"errors": "plain"}, ("plain",)),
        ("just text", ("just text",)),
        ({}, ()),
        ([1], ("[1]",)),
        ({"errors": None, "message": 3}, ()),
        ({"errors": {"a": None, "b": [{"c": 1}]}}, ("b.c: 1",)),
    ],
)
def test_every_known_shape_of_error_speaks(document, words):
    """Envelope, problem details, OAuth, bare text, and silence."""
    assert said(document) == words


def test_html_gives_its_title_or_its_text():
    """A gateway's 502 page is short enough to read."""
    page = b"<html><head><title>502 Bad &amp; Gateway</title></head><body>nginx</body></html>"
    assert words_of(Response(502, {}, page)) == ("502 Bad & Gateway",)
    assert words_of(Response(502, {}, b"<style>a{}</style><h1>Oh\n no</h1>")) == ("Oh no",)


def test_words_are_one_printable_line_each_and_not_endless():
    """Nothing a terminal would act upon, nothing that fills it."""
    (line,) = said({"message": "a\x1b[31m\r\nb\u202e" + "x" * 9000})
    assert line.startswith("a [31m b x")
    assert len(line) == 4000
    assert len(words_of(Response(500, {}, b"y" * 9000))[0]) == 300
    assert len(said({"errors": [f"e{number}" for number in range(500)]})) == 100


@pytest.mark.parametrize(
    ("headers", "body", "found"),
    [
        ({}, b'{"requestId": "a"}', "a"),
        ({}, b'{"traceId": "b"}', "b"),
        ({"x-request-id": "c"}, b"", "c"),
        ({"x-request-id": "c"}, b"[]", "c"),
        ({"x-request-id": "c"}, b'{"requestId": null}', "c"),
        ({}, b"", None),
    ],
)
def test_the_request_id_is_found_in_body_or_headers(headers, body, found):
    """The envelope first."""
    assert request_id_of(Response(400, headers, body)) == found


@given(st.binary(max_size=200))
def test_no_body_is_too_strange(body):
    """Any bytes give words and no exception."""
    words_of(Response(500, {}, body))
    request_id_of(Response(500, {}, body))


def test_deeply_nested_json_is_no_document():
    """It is passed over instead of ending the stack."""
    assert document_of(Response(500, {}, b"[" * 100_000)) is None

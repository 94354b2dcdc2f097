"""A server that repeats secrets in what is no error by its status: no message of a read shows them."""

import json
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from scripted import CONTRACT, URL

from occtoo_frames._api.changes import read_changes
from occtoo_frames._api.destination import destination
from occtoo_frames._api.facets import read_facets
from occtoo_frames._api.read import read_destination
from occtoo_frames._api.scan import scan_destination
from occtoo_frames._session.connection import Connection
from occtoo_frames._session.retry import RetryPolicy
from occtoo_frames.exceptions import ConfigurationError, OcctooError
from occtoo_frames.protocol.http import Request, Response

TOKEN = "tok+secret/12345"
ESCAPED = TOKEN.replace("+", "\\u002B")
DOCUMENT = json.loads((CONTRACT / "openapi_swashbuckle_30.json").read_bytes()) | {"security": [{"oauth": []}]}
READS: list[Callable[..., Any]] = [
    read_destination,
    lambda url, connection: read_destination(url, language=["en", "sv"], connection=connection),
    lambda url, connection: scan_destination(url, connection=connection).collect(),
]


class Repeating:
    """Gives a token and the document, and answers to everything else with what it is told."""

    def __init__(self, body: str, *, document: bytes | None = None) -> None:
        self.body = body.encode()
        self.document = json.dumps(DOCUMENT).encode() if document is None else document

    def send(self, request: Request, *, timeout_s: float) -> Response:  # noqa: ARG002 - the interface's
        """A 200, always."""
        if "token" in request.url:
            return Response(200, {}, json.dumps({"accessToken": TOKEN, "expiresIn": 3600}).encode())
        return Response(200, {}, self.document if request.method == "GET" else self.body)


def message(verb: Callable[..., Any], server: Repeating) -> str:
    """What the error of a read says, wherever it says it."""
    connection = Connection(
        client_id="c",
        client_secret="client-secret",
        destination_id="d",
        global_url="https://g.test",
        destinations_url="https://d.test",
        transport=server,
        retry=RetryPolicy(attempts=1),
    )
    with pytest.raises(OcctooError) as caught:
        verb(URL, connection=connection)
    return "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("verb", READS)
@pytest.mark.parametrize(
    "body",
    [
        f"<p>Authorization: Bearer {TOKEN}</p>",
        f"<p>Of the sixty characters that are shown {TOKEN}</p>",
        f'{{"results":[{{"id":"a","stock":"Bearer {ESCAPED}"}}]}}',
        f'{{"results":[{{"id":"{ESCAPED}"}},{{"id":"{ESCAPED}"}}]}}',
        f'{{"results":[{{"ID":"{ESCAPED}"}}],"total":2}}',
    ],
)
def test_an_answer_that_cannot_be_read_shows_no_token(verb: Callable[..., Any], body: str) -> None:
    """Neither as it is nor as JSON escapes it, nor a part of it."""
    shown = message(verb, Repeating(body))
    assert "tok" not in shown.replace("token", "")
    assert "12345" not in shown


def test_facets_documents_and_changes_show_none_either() -> None:
    """They have words of their own for what cannot be read."""
    secret = "client-secret"
    asks_for_periods = json.loads((CONTRACT / "openapi_sandbox.json").read_bytes()) | {"security": [{"oauth": []}]}
    facets = f'{{"results":[],"facets":[{{"propertyId":"a","values":[{{"key":"k","count":"{secret}"}}]}}]}}'
    for verb, server in (
        (read_facets, Repeating(facets)),
        (destination, Repeating("", document=f"<p>{secret}".encode())),
        (read_changes, Repeating(f'{{"results":["{secret}"]}}', document=json.dumps(asks_for_periods).encode())),
    ):
        shown = message(verb, server)
        assert "cannot be read" in shown
        assert secret not in shown


@pytest.mark.parametrize(
    "url",
    [
        URL.replace("//", "//user:p4ssw0rd@"),
        "user:p4ssw0rd@g.test/a/b/v1/c",
        "http://user:p4?ssw0rd@g.test/a/b/v1/c",
        "ftp://user:p4ssw0rd@g.test/a",
        "http://user:p4ssw0rd@g.te℀st/a/b/v1/c",
        "http://user:p4ssw0rd@[g.test/a/b/v1/c",
        b"http://user:p4ssw0rd@g.test/a/b/v1/c",
        "https://g.test/a?key=p4ssw0rd",
    ],
)
def test_an_address_that_is_refused_shows_no_password(url: Any) -> None:
    """Whatever else is wrong with it."""
    with pytest.raises(ConfigurationError) as caught:
        read_destination(url)
    assert "p4" not in "".join(traceback.format_exception(caught.value))

import pytest

from occtoo_frames.protocol.http import Failure, Response
from occtoo_frames.protocol.meaning import Asked, Meaning, meaning_of

STATUSES = {
    200: "done", 202: "done", 204: "done",
    301: "redirected", 302: "redirected", 307: "redirected", 308: "redirected",
    400: "refused", 422: "refused", 401: "expired", 403: "forbidden", 404: "missing", 409: "conflict",
    408: "server-error", 425: "server-error", 413: "too-large", 429: "throttled",
    405: "unexplained", 410: "unexplained", 418: "unexplained", 451: "unexplained", 101: "unexplained",
    500: "server-error", 501: "server-error", 502: "server-error", 503: "server-error", 504: "server-error",
    599: "server-error", 600: "unexplained",
}  # fmt: skip


@pytest.mark.parametrize(("status", "meaning"), STATUSES.items())
def test_each_status_has_one_meaning(status, meaning):
    """The table, status by status."""
    assert meaning_of(Response(status)) == meaning


def test_503_with_retry_after_asks_everybody_to_wait():
    """Without the header it is an ordinary failure."""
    assert meaning_of(Response(503, {"retry-after": "1"})) is Meaning.THROTTLED


@pytest.mark.parametrize(
    ("sent", "final", "meaning"),
    [
        (False, False, Meaning.UNREACHABLE),
        (True, False, Meaning.UNANSWERED),
        (False, True, Meaning.HOPELESS),
        (True, True, Meaning.HOPELESS),
    ],
)
def test_a_failure_means_what_can_have_happened(sent, final, meaning):
    """Whether the body may have arrived decides."""
    assert meaning_of(Failure("x", sent=sent, final=final)) is meaning


def test_what_came_of_a_request_knows_its_meaning():
    """Asked is judged by its last event."""
    assert Asked(Response(404)).meaning is Meaning.MISSING

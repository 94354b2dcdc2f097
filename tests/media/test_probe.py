"""Links tried before they are sent: what was judged is what is called, and a little is read."""

import socket
import ssl
from contextlib import contextmanager
from threading import Thread

import pytest

from occtoo_frames import _pinned
from occtoo_frames._api.media_probe import answer_trouble, link_trouble, probe
from occtoo_frames._pinned import LinkError, fetch


def _anywhere(_host: str, _address: str) -> None:
    """Every address may be called."""


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("chair.png", None),
        ("none.png", "answers 404"),
        ("to/chair.png", "answers 302: give the address that it points to"),
        ("empty.png", "without a byte"),
    ],
)
def test_what_answers_is_judged(web, path, said):
    """A file, a dead link, a redirect, nothing."""
    found = answer_trouble(f"{web}/{path}", _anywhere)
    assert found is None if said is None else said in found


def test_the_type_that_is_answered_counts(web):
    """A page where a picture should be."""
    assert answer_trouble(f"{web}/chair.png", _anywhere, ["image/*"]) is None
    assert "image/png, which is not among video/*" in answer_trouble(f"{web}/chair.png", _anywhere, ["video/*"])


def test_this_machine_is_not_called(web):
    """Not by its address, and not by a name that leads to it."""
    assert probe([f"{web}/chair.png"], None).keys() == {f"{web}/chair.png"}


def test_a_name_that_leads_to_a_private_address_is_refused(monkeypatch):
    """What counts is what it resolves to; one bad address among good ones is enough."""

    def resolve(*_args, **_options):
        return [(2, 1, 6, "", (address, 80)) for address in ("93.184.216.34", "10.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    assert link_trouble("http://example.com/a.png") == "10.0.0.1 is not an address of the public internet"


def test_a_name_is_resolved_once(web, monkeypatch):
    """The address that was judged is the one that is called: a second answer of the name server finds nobody."""
    port, asked = int(web.rpartition(":")[2]), []

    def resolve(host, *_args, **_options):
        asked.append(host)
        return [(2, 1, 6, "", ("127.0.0.1" if len(asked) == 1 else "10.255.255.1", port))]

    monkeypatch.setattr(_pinned.socket, "getaddrinfo", resolve)
    judged = []
    head = fetch(f"http://cdn.example.com:{port}/chair.png", lambda *pair: judged.append(pair), lambda *_: True)
    assert head.status == 200
    assert judged == [("cdn.example.com", "127.0.0.1")]


def test_nothing_private_goes_along():
    """No token, no cookie, no referrer: host, agent and what is accepted."""
    with _answering(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx") as (url, heard):
        fetch(f"{url}/a?b=c d".replace(" ", "%20"), _anywhere, lambda *_: True)
    lines = heard[0].decode().lower().splitlines()
    assert lines[0] == "get /a?b=c%20d http/1.1"
    names = {line.partition(":")[0] for line in lines[1:] if line}
    assert names == {"host", "user-agent", "accept", "accept-encoding", "connection"}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"", "cannot be reached"),
        (b"nonsense\r\n\r\n", "cannot be reached"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "cut off"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200, "cannot be reached"),
    ],
)
def test_a_broken_answer_is_no_file(answer, said):
    """Nothing, nonsense, half, too many headers."""
    with _answering(answer) as (url, _), pytest.raises(LinkError, match=said):
        fetch(url, _anywhere, lambda *_: True)


def test_no_more_is_read_than_wanted():
    """The reader says when it has enough; a silent server is left in time."""
    with _answering(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1_000_000) as (url, _):
        taken = []
        fetch(url, _anywhere, lambda _, piece: bool(taken.append(piece)))
    assert len(taken) == 1
    with _answering(None) as (url, _), pytest.raises(LinkError, match="in time"):
        fetch(url, _anywhere, lambda *_: True, timeout_s=0.05)


def test_a_host_without_tls_or_name_is_said_to_be_unreachable():
    """In words for whoever wrote the link."""
    with _answering(b"HTTP/1.1 200 OK\r\n\r\n") as (url, _), pytest.raises(LinkError, match="cannot be reached"):
        fetch(url.replace("http:", "https:"), _anywhere, lambda *_: True, timeout_s=1)
    with pytest.raises(LinkError, match="could not be resolved"):
        fetch("http://no-such-host.invalid/", _anywhere, lambda *_: True)
    assert ssl.create_default_context().check_hostname


@contextmanager
def _answering(answer: bytes | None):
    """A server that gives one answer to whatever comes, or none."""
    heard: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(5)
            heard.append(connection.recv(65_536))
            try:
                connection.sendall(answer) if answer is not None else connection.recv(1)
            except OSError:
                return

    thread = Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", heard
    finally:
        thread.join(5)
        listener.close()

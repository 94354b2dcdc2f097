"""The wire, against a server of raw sockets on loopback."""

import gzip
import logging
import socket
import threading
import tracemalloc
from dataclasses import replace

import pytest
from raw_server import CERTIFICATE, RawServer

from occtoo_frames._session.transport import RequestsTransport
from occtoo_frames.protocol.http import Failure, Request, Response

BODY = b'{"entities":[]}'


@pytest.fixture
def serve():
    """Starts a server that plays a script."""
    servers = []

    def start(script, **options):
        servers.append(RawServer(script, **options))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def post(server, body=BODY, *, timeout_s=5.0, headers=None, **options):
    """What comes back for one POST."""
    request = Request("POST", f"{server.url}/import/x?secret=1", headers or {}, body)
    return RequestsTransport(**options).send(request, timeout_s=timeout_s)


def test_the_request_arrives_byte_for_byte_with_its_length(serve):
    """And the answer comes back whole, header names in lower case."""
    server = serve(lambda exchange: exchange.read().answer(202, b'{"id": 1}', X_Request_Id="r"))
    event = post(server, headers={"Content-Type": "application/json"})
    assert isinstance(event, Response)
    assert (event.status, event.body, event.headers["x-request-id"]) == (202, b'{"id": 1}', "r")
    (exchange,) = server.exchanges
    assert exchange.body == BODY
    assert exchange.head.startswith(b"POST /import/x?secret=1 HTTP/1.1")
    assert exchange.header("content-length") == str(len(BODY))
    assert exchange.header("transfer-encoding") is None
    assert exchange.header("content-type") == "application/json"
    assert exchange.header("user-agent").startswith("occtoo_frames")


def test_a_memoryview_is_sent_from_where_it_lies(serve):
    """Twenty megabytes cost no twenty megabytes of memory."""
    received = []

    def script(exchange):
        exchange.read_head()
        left = int(exchange.header("content-length")) - len(exchange.body)
        buffer = bytearray(65536)
        while left:
            left -= exchange.connection.recv_into(buffer)
        received.append(int(exchange.header("content-length")))
        exchange.answer(202)

    server = serve(script)
    content = memoryview(bytes(20_000_000))[:19_999_999]
    tracemalloc.start()
    event = post(server, content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert event.status == 202
    assert received == [19_999_999]
    assert peak < 4_000_000


@pytest.mark.parametrize("body", [None, b""])
def test_a_request_without_body_says_so(serve, body):
    """Never chunked."""
    server = serve(lambda exchange: exchange.read().answer())
    assert post(server, body).status == 200
    assert server.exchanges[0].header("transfer-encoding") is None


@pytest.mark.parametrize(("method", "length"), [("POST", "0"), ("DELETE", "0"), ("GET", None)])
def test_only_a_method_that_may_have_a_body_says_that_it_has_none(serve, method, length):
    """Some servers wait for a length."""
    server = serve(lambda exchange: exchange.read().answer())
    assert RequestsTransport().send(Request(method, server.url), timeout_s=5).status == 200
    assert server.exchanges[0].header("content-length") == length


def test_a_header_of_the_request_takes_the_place_of_one_of_every_request(serve):
    """However it is spelt; each name is said once."""
    server = serve(lambda exchange: exchange.read().answer())
    post(server, headers={"user-agent": "mine", "ACCEPT": "text/plain"})
    names = [line.partition(b":")[0].lower() for line in server.exchanges[0].head.split(b"\r\n")[1:]]
    assert len(names) == len(set(names))
    assert (server.exchanges[0].header("user-agent"), server.exchanges[0].header("accept")) == ("mine", "text/plain")


def test_a_header_that_holds_a_line_is_not_sent(serve):
    """Nothing of the request is."""
    server = serve(lambda exchange: exchange.read().answer())
    event = post(server, headers={"X-Name": "a\r\nX-Other: b"})
    assert event == Failure("the address, the proxy or a header of the request is malformed", sent=False, final=True)


def test_headers_of_an_answer_that_come_twice_are_one(serve):
    """Joined by a comma, as if they had come so."""
    server = serve(
        lambda exchange: exchange.read().say(b"HTTP/1.1 200 OK\r\nA: 1\r\na: 2\r\nContent-Length: 0\r\n\r\n")
    )
    assert post(server).headers["a"] == "1, 2"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_an_answer_and_not_followed(serve, status):
    """Its body is read within the limit, its target never asked."""
    target = serve(lambda exchange: exchange.read().answer())
    server = serve(lambda exchange: exchange.read().answer(status, b"moved", Location=f"{target.url}/steal"))
    event = post(server)
    assert (event.status, event.body) == (status, b"moved")
    assert target.exchanges == []


def test_a_netrc_file_does_not_replace_the_token(serve, tmp_path, monkeypatch):
    """Nor does anything else in the environment."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login evil password evil\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    server = serve(lambda exchange: exchange.read().answer())
    assert post(server, headers={"Authorization": "Bearer t"}).status == 200
    assert server.exchanges[0].header("authorization") == "Bearer t"


def test_a_user_name_in_the_address_is_refused():
    """It would become a header in place of the token."""
    event = RequestsTransport().send(Request("GET", "http://user:pw@127.0.0.1:1/"), timeout_s=1)
    assert event == Failure("an address with a user name in it would replace the token", sent=False, final=True)


def test_cookies_are_not_kept(serve):
    """Nothing is carried from one request to the next."""
    server = serve(lambda exchange: exchange.read().answer(200, Set_Cookie="a=b; Path=/", Connection="close"))
    transport = RequestsTransport()
    for _ in range(2):
        transport.send(Request("GET", server.url), timeout_s=5)
    assert [exchange.header("cookie") for exchange in server.exchanges] == [None, None]


def test_a_proxy_is_used_when_it_is_said(serve):
    """As one address for all."""
    proxy = serve(lambda exchange: exchange.read().answer(200, b"proxied"))
    event = RequestsTransport(proxies=proxy.url).send(Request("GET", "http://nowhere.test/x"), timeout_s=5)
    assert event.body == b"proxied"
    assert proxy.exchanges[0].head.startswith(b"GET http://nowhere.test/x")


def test_nobody_listening_is_a_failure_before_the_body():
    """The server has seen nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/?secret=1"
    event = RequestsTransport().send(Request("POST", url, {}, BODY), timeout_s=5)
    assert event == Failure("the connection was refused", sent=False)


def test_a_name_that_does_not_resolve_is_a_failure_before_the_body():
    """And says so without naming more than that."""
    event = RequestsTransport().send(Request("POST", "http://nowhere.invalid/?secret=1", {}, BODY), timeout_s=5)
    assert event == Failure("the host's name could not be resolved", sent=False)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "http://", "http://[::1", "http://127.0.0.1:99999/"])
def test_a_malformed_address_is_final(url):
    """Trying again cannot help."""
    event = RequestsTransport().send(Request("GET", url), timeout_s=1)
    assert isinstance(event, Failure)
    assert event.final
    assert not event.sent


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (lambda exchange: exchange.read().reset(), "reset"),
        (lambda exchange: exchange.read(), "reset"),
        (lambda exchange: exchange.read().say(b"HTTP/1.1 202 OK\r\nContent-Length: 9\r\n\r\n{"), "cut off"),
        (lambda exchange: exchange.read().say(b"HTTP/1.1 202 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"), ""),
        (lambda exchange: exchange.read().say(b"HTTP/1.1 2"), ""),
        (lambda exchange: exchange.read().say(b"garbage\r\n\r\n"), ""),
        (lambda exchange: exchange.read().answer(202, b"no gzip", Content_Encoding="gzip"), "compression"),
    ],
    ids=["reset", "closed", "cut", "cut chunks", "cut head", "garbage", "gzip garbage"],
)
def test_what_breaks_after_the_body_leaves_it_unknown(serve, script, reason):
    """The server may have stored it."""
    event = post(serve(script))
    assert isinstance(event, Failure)
    assert (event.sent, event.final) == (True, False)
    assert reason in event.reason
    assert "secret" not in event.reason
    assert "127.0.0.1" not in event.reason


def test_a_reset_in_the_middle_of_the_body_leaves_it_unknown(serve):
    """Some of it was sent."""

    def script(exchange):
        exchange.read_head().read_body(most=1000)
        exchange.reset()

    event = post(serve(script), bytes(30_000_000))
    assert isinstance(event, Failure)
    assert event.sent


def test_silence_after_the_body_ends_in_time(serve):
    """With what it was waiting for."""
    done = threading.Event()
    event = post(serve(lambda exchange: exchange.read() and done.wait(20)), timeout_s=0.2)
    done.set()
    assert event == Failure("no answer in time", sent=True)


def test_an_answer_that_drips_for_ever_ends(serve, monkeypatch):
    """Each byte comes in time, but the whole does not."""
    monkeypatch.setattr("occtoo_frames._session.transport._PATIENCE", 1)
    done = threading.Event()

    def script(exchange):
        exchange.read().say(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not done.wait(0.05):
            exchange.say(b" ")

    event = post(serve(script), timeout_s=0.4)
    done.set()
    assert event == Failure("the answer did not end in time", sent=True)


@pytest.mark.parametrize("zipped", [False, True])
def test_an_endless_answer_is_cut(serve, zipped):
    """Counted after decompression."""
    content = bytes(3_000_000)
    headers = {"Content_Encoding": "gzip"} if zipped else {}
    said = gzip.compress(content) if zipped else content
    server = serve(lambda exchange: exchange.read().answer(200, said, **headers))
    event = post(server, max_answer_bytes=2_000_000)
    assert event == Failure("the answer is larger than 2,000,000 bytes", sent=True, final=True)


def test_a_compressed_answer_is_read(serve):
    """Destinations answer in long pages."""
    server = serve(lambda exchange: exchange.read().answer(200, gzip.compress(b"[1]" * 1000), Content_Encoding="gzip"))
    assert post(server).body == b"[1]" * 1000


def test_an_html_502_is_an_answer(serve):
    """Whatever its body."""
    server = serve(lambda exchange: exchange.read().answer(502, b"<html>", Content_Type="text/html"))
    event = post(server)
    assert (event.status, event.body) == (502, b"<html>")


def test_a_self_signed_certificate_is_refused_before_the_body(serve):
    """There is no switch for it; a bundle of one's own is another matter."""
    server = serve(lambda exchange: exchange.read().answer(), tls=True)
    event = post(server)
    assert isinstance(event, Failure)
    assert (event.sent, event.final) == (False, True)
    assert "certificate is not trusted: self-signed certificate" in event.reason
    assert post(server, ca_bundle=str(CERTIFICATE)).status == 200


def test_a_broken_handshake_is_a_failure_before_the_body(serve):
    """It may pass."""
    server = serve(lambda exchange: exchange.say(b"this is no TLS\r\n\r\n"))
    url = server.url.replace("http:", "https:")
    event = RequestsTransport().send(Request("POST", url, {}, BODY), timeout_s=5)
    assert isinstance(event, Failure)
    assert (event.sent, event.final) == (False, False)


def test_connections_are_used_again(serve):
    """By one transport, request after request."""

    def script(exchange):
        while True:
            exchange.head = b""
            exchange.read().answer()

    server = serve(script)
    transport = RequestsTransport()
    for _ in range(3):
        assert transport.send(Request("POST", server.url, {}, BODY), timeout_s=5).status == 200
    assert len(server.exchanges) == 1


def test_what_has_to_be_fresh_goes_over_a_new_connection(serve):
    """Which is closed behind it; those that lie idle stay for others."""
    closed = threading.Event()

    def script(exchange):
        try:
            while True:
                exchange.head = b""
                exchange.read().answer()
        except ConnectionError:
            closed.set()

    server = serve(script)
    transport = RequestsTransport()
    request = Request("POST", server.url, {}, BODY)
    assert transport.send(request, timeout_s=5).status == 200
    assert transport.send(replace(request, fresh=True), timeout_s=5).status == 200
    assert closed.wait(5)
    assert transport.send(request, timeout_s=5).status == 200
    assert len(server.exchanges) == 2


def test_signatures_stay_out_of_the_librarys_own_log(caplog):
    """Whoever holds a signed address can use it."""
    caplog.set_level("DEBUG", logger="urllib3.connectionpool")
    logging.getLogger("urllib3.connectionpool").debug('"%s %s"', "PUT", "/b?X-Amz-Date=1&X-Amz-Signature=abc&x=1")
    assert caplog.messages == ['"PUT /b?X-Amz-Date=1&X-Amz-Signature=***&x=1"']


def test_a_header_that_no_request_can_carry_is_never_sent():
    """Nor tried again."""
    event = RequestsTransport().send(Request("POST", "http://127.0.0.1:1/", {"X-Name": "中"}, BODY), timeout_s=1)
    assert isinstance(event, Failure)
    assert (event.sent, event.final) == (False, True)
    assert "malformed" in event.reason

"""Proxies: which are taken, and that one which stands in the way is named."""

import socket
import threading

import pytest
from raw_server import RawServer

from occtoo_frames._session import proxies as rules
from occtoo_frames._session.connection import Connection
from occtoo_frames._session.transport import RequestsTransport
from occtoo_frames.exceptions import ConfigurationError
from occtoo_frames.protocol.http import Failure, Request


@pytest.fixture
def serve():
    """Starts a proxy that plays a script."""
    servers = []

    def start(script):
        servers.append(RawServer(script))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def through(proxy, url):
    """The reason of the failure of one GET through ``proxy``."""
    event = RequestsTransport(proxies=proxy).send(Request("GET", url), timeout_s=0.5)
    assert isinstance(event, Failure)
    return event.reason


@pytest.mark.parametrize("url", ["http://platform.test/x", "https://platform.test/x"])
def test_a_proxy_that_is_out_of_reach_is_named(url):
    """Without its user and password: otherwise one would look for the fault at the platform."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
    reason = through(f"http://me:secret@{address}/", url)
    assert reason == f"the proxy http://{address} cannot be reached or used: the connection was refused"
    reason = through({url.partition(":")[0]: "http://nowhere.invalid:3128"}, url)
    assert reason.startswith("the proxy http://nowhere.invalid:3128 cannot be reached or used: the host's name could")


def test_a_proxy_that_refuses_is_named_with_its_answer(serve):
    """407 is about the user and password of the proxy."""
    server = serve(lambda exchange: exchange.read().answer(407))
    reason = through(server.url, "https://platform.test/x")
    assert reason.startswith(f"the proxy {server.url} did not let the connection through: it answered 407; check")
    forbidding = serve(lambda exchange: exchange.read().answer(403))
    assert through(forbidding.url, "https://platform.test/x").endswith("it answered 403")


def test_what_fails_through_a_proxy_names_it_too(serve):
    """It may be the proxy that hangs; for addresses that no proxy is for, none is named."""
    over = threading.Event()
    server = serve(lambda exchange: (exchange.read_head(), over.wait(10)))
    reason = through(server.url, "https://platform.test/x")
    over.set()
    assert reason == f"no answer in time, through the proxy {server.url}"
    assert "proxy" not in through({"https": "http://proxy.test:1"}, server.url)


@pytest.mark.parametrize(
    "proxies",
    [
        "http://proxy.test:3128",
        "https://me:p%40ss@proxy.test:3128/",
        "http://[::1]:3128",
        {"https": "http://proxy.test"},
        {"http": "http://proxy.test", "all": "http://other.test:1", "https://ingest.occtoo.com": "http://proxy.test"},
    ],
)
def test_a_proxy_is_taken_as_it_was_said(proxies):
    """One address, or several by what they are for."""
    assert Connection(proxies=proxies)._proxies.reveal() == proxies


@pytest.mark.parametrize(
    ("proxies", "words"),
    [
        ("proxy.test:3128", "^proxies: a proxy is http:// or https://, a host and a port.*write the address with its"),
        ("ftp://proxy.test:3128", "write the address with its http://"),
        ("http://", "no host"),
        ("http://proxy test:1", "a space"),
        ("http://proxy.test:port", "port of this one cannot be read"),
        ("http://proxy.test:99999", "port of this one cannot be read"),
        ("http://me:hush/word@proxy.test:1", "written as urllib.parse.quote writes them"),
        ("http://proxy.test:1/path?hush=1", "something after the port"),
        (["http://proxy.test:1"], "^proxies: give an address, or a dict of them, not list"),
        ({"https": "proxy.test:3128"}, "^proxies: the one of 'https': a proxy is"),
        ({"https": None}, "got NoneType"),
        ({"htps": "http://proxy.test:1"}, "nothing is sent through the proxy of 'htps': its key is 'http', 'https' or"),
        ({"https://Ingest.occtoo.com:443": "http://proxy.test:1"}, "small letters and no port"),
    ],
)
def test_a_proxy_that_nothing_can_go_through_is_refused_at_once(proxies, words):
    """Naming the argument, the rule and what to do, and never a password."""
    with pytest.raises(ConfigurationError, match=words) as caught:
        Connection(proxies=proxies)
    assert "hush" not in str(caught.value)


def test_a_socks_proxy_needs_its_library(monkeypatch):
    """It says which; with the library it is taken."""
    monkeypatch.setattr(rules, "find_spec", lambda _name: None)
    with pytest.raises(ConfigurationError, match=r"socks5h needs another library: pip install 'requests\[socks\]'"):
        Connection(proxies="socks5h://proxy.test:1080")
    monkeypatch.setattr(rules, "find_spec", lambda _name: "found")
    assert Connection(proxies="socks5h://proxy.test:1080").proxies == "socks5h://proxy.test:1080"


def test_a_proxy_of_the_surroundings_is_checked_when_it_is_used(monkeypatch):
    """The message says where it stands; one that is said in code makes it of no account."""
    monkeypatch.setenv("OCCTOO_PROXY", "proxy.test:3128")
    with pytest.raises(
        ConfigurationError, match=r"^the proxy in the environment \(OCCTOO_PROXY, or proxy\): a proxy is"
    ):
        Connection()
    assert Connection(proxies="http://other.test:1").proxies == "http://other.test:1"


def test_passwords_of_several_proxies_are_masked():
    """Each of them."""
    made = Connection(proxies={"http": "http://me:hush@a.test:1", "https": "http://b.test:1"})
    assert made.proxies == {"http": "http://me:***@a.test:1", "https": "http://b.test:1"}
    assert Connection().proxies is None

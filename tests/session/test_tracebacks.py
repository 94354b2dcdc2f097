"""Tracebacks that show the locals of every frame, as error trackers and notebooks keep them: no secret stands there."""

import traceback

import numpy as np
import pytest
from session_wire import answer

from occtoo_frames._session.connection import Connection, connect, current_connection
from occtoo_frames._session.places import ADDRESSES, SECRETS, profiles_path, variable
from occtoo_frames.exceptions import OcctooError
from occtoo_frames.protocol.http import Request

WORD = "ter2x9"
CREDENTIALS = {
    "provider_secret": {"provider_id": "p"},
    "client_secret": {"client_id": "c", "destination_id": "d"},
    "carecloud_api_key": {"carecloud_workspace": "w"},
    "datatile_token": {},
}
FLAWS = [
    {"timeout_s": "x"},
    {"retry": 5},
    {"ca_bundle": "/nowhere.pem"},
    {"state_dir": 5},
    {"compress": "x"},
    {"proxies": "nothing"},
    {"ingest_url": "x", "provider_id": "p"},
    {"carecloud_url": "x", "carecloud_workspace": "w"},
    {"datatile_url": "x", "datatile_token": "d"},
    {"profile": "nowhere"},
]


def secret():
    """A secret that stands in no line of this file: lines are shown, too."""
    return f"hun{WORD}"


def shown(error):
    """All that a traceback can show, from our frames on: what the caller holds is the caller's."""
    whole = traceback.TracebackException.from_exception(error, capture_locals=True)
    del whole.stack[0]
    text = "".join(whole.format())
    assert "repr() failed" not in text
    return text


def put_profile(**values):
    """Writes the profile called default."""
    path = profiles_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("[default]\n" + "".join(f'{name} = "{value}"\n' for name, value in values.items()))


@pytest.mark.parametrize("make", [connect, Connection])
@pytest.mark.parametrize("flaw", FLAWS, ids=str)
@pytest.mark.parametrize("name", CREDENTIALS)
def test_a_connection_that_cannot_be_made_shows_no_secret_argument(name, flaw, make):
    """Whatever is wrong with its other arguments."""
    with pytest.raises(OcctooError) as caught:
        make(**{**CREDENTIALS[name], **flaw, name: secret()})
    assert WORD not in shown(caught.value)


@pytest.mark.parametrize("make", [connect, Connection, current_connection])
@pytest.mark.parametrize("where", ["environment", "profile"])
@pytest.mark.parametrize("flaw", ["ingest_url", "destinations_url", "carecloud_url", "datatile_url", "proxy"])
def test_a_connection_that_cannot_be_made_shows_no_secret_of_its_surroundings(monkeypatch, where, flaw, make):
    """Neither of the environment nor of a profile."""
    values = {name: secret() for name in SECRETS - {"proxy"}} | {flaw: "x"}
    if where == "profile":
        put_profile(**values)
    else:
        for name, value in values.items():
            monkeypatch.setenv(variable(name), value)
    with pytest.raises(OcctooError) as caught:
        make()
    assert WORD not in shown(caught.value)


@pytest.mark.parametrize("make", [connect, Connection])
@pytest.mark.parametrize("name", CREDENTIALS)
def test_a_secret_of_another_kind_is_not_shown_either(name, make):
    """The mistake is named by the argument and the kind."""
    with pytest.raises(OcctooError, match=f"^{name}: a secret is text, not bytes$") as caught:
        make(**{name: secret().encode()})
    assert WORD not in shown(caught.value)


@pytest.mark.parametrize("make", [connect, Connection])
@pytest.mark.parametrize("name", CREDENTIALS)
@pytest.mark.parametrize("empty", [b"", [], np.array(["", ""])], ids=str)
def test_an_empty_secret_of_another_kind_is_not_passed_over(name, make, empty):
    """Only an empty text, and None, are none; and no other argument is shown."""
    others = {other: secret() for other in CREDENTIALS if other != name}
    with pytest.raises(OcctooError, match=f"^{name}: a secret is text, not ") as caught:
        make(**{**others, name: empty, "datatile_url": f"https://me:{secret()}@x.test"})
    assert WORD not in shown(caught.value)


@pytest.mark.parametrize("where", ["argument", "environment", "profile"])
@pytest.mark.parametrize("name", sorted(ADDRESSES))
@pytest.mark.parametrize(
    "address", ["https://me:{}@x.test", "me:{}@x.test", "https://me:{}/@x.test", "https://x.test?key={}"]
)
@pytest.mark.parametrize("flaw", [{}, {"timeout_s": "x"}, {"profile": "nowhere"}], ids=str)
def test_an_address_that_is_refused_shows_no_password(monkeypatch, where, name, address, flaw):
    """Nor where another argument is refused before it."""
    said = {name: address.format(secret())}
    if where == "environment":
        monkeypatch.setenv(variable(name), said[name])
    elif where == "profile":
        put_profile(**said)
    with pytest.raises(OcctooError) as caught:
        Connection(**{**(said if where == "argument" else {}), **flaw})
    assert WORD not in shown(caught.value)


@pytest.mark.parametrize("make", [connect, Connection])
def test_arguments_that_are_none_are_not_shown(make):
    """A misspelt name, or none at all."""
    for args, kwargs in (([], {"provider_secrett": secret()}), (["p", secret()], {})):
        with pytest.raises(TypeError) as caught:
            make(*args, **kwargs)
        assert WORD not in shown(caught.value)


@pytest.mark.parametrize(
    "proxy",
    [
        "http://me:{}@proxy test:1",
        "me:{}@proxy.test:1",
        "http:/me:{}@proxy.test:1",
        "ftp://me:{}@proxy.test:1",
        "http://me:{}@proxy.test:port",
    ],
)
@pytest.mark.parametrize("where", ["argument", "by scope", "list", "environment", "profile"])
def test_a_proxy_that_is_refused_shows_no_password(monkeypatch, proxy, where):
    """However it is written, and wherever it stands."""
    if where == "environment":
        monkeypatch.setenv("OCCTOO_PROXY", proxy.format(secret()))
    elif where == "profile":
        put_profile(proxy=proxy.format(secret()))
    kinds = {"argument": lambda text: text, "by scope": lambda text: {"https": text}, "list": lambda text: [text]}
    with pytest.raises(OcctooError, match=r"a proxy is|give an address") as caught:
        Connection(**({"proxies": kinds[where](proxy.format(secret()))} if where in kinds else {}))
    assert WORD not in shown(caught.value)


@pytest.mark.parametrize("scope", ["http://me:{}@proxy.test:1", "me:{}@proxy.test", "https://me:{}", b"me:%b@proxy"])
def test_a_dict_of_proxies_that_is_the_wrong_way_round_shows_no_password(scope):
    """What should be 'https' is the address then."""
    given = scope.format(secret()) if isinstance(scope, str) else scope % secret().encode()
    with pytest.raises(OcctooError, match=r"the proxy of '\*\*\*': its key is 'http'") as caught:
        Connection(proxies={given: "https"})
    assert WORD not in shown(caught.value)


def test_a_proxy_that_is_taken_shows_no_password():
    """Not where something else is wrong, nor where the password has signs of an address in it."""
    with pytest.raises(OcctooError) as caught:
        Connection(proxies=f"http://me:{secret()}@proxy.test:1", timeout_s=-1)
    assert WORD not in shown(caught.value)
    assert Connection(proxies=f"http://me:a@{secret()}@proxy.test:1").proxies == "http://me:***@proxy.test:1"


def test_a_connection_that_was_never_made_whole_has_a_repr():
    """Or a traceback of its own making could not be shown."""
    assert repr(Connection.__new__(Connection)) == "Connection()"


@pytest.mark.parametrize(("status", "document"), [(200, {}), (200, "<"), (401, {}), (503, {})])
@pytest.mark.parametrize("grant", ["provider", "application"])
def test_a_token_that_is_not_had_shows_no_secret(connect_to, grant, status, document):
    """Nor does the request that asked for it."""
    secrets = {"provider_secret": secret(), "client_secret": secret()}
    made = connect_to([answer(status, document)] * 9, client_id="c", destination_id="d", **secrets)
    with pytest.raises(OcctooError) as caught:
        made.session.call(
            Request("GET", f"{made.ingest_url if grant == 'provider' else made.global_url}/x"), grant=grant
        )
    assert WORD not in shown(caught.value)

"""Where credentials come from; every test has its own surroundings."""

import sys
import types
from fractions import Fraction

import numpy as np
import pytest

from occtoo_frames._session.connection import Connection, connect, current_connection
from occtoo_frames._session.local import LocalConnection
from occtoo_frames._session.places import profile, profiles_path
from occtoo_frames._session.secret import Secret
from occtoo_frames.exceptions import ConfigurationError


@pytest.fixture
def profiles():
    """Writes the profile file."""

    def write(text):
        path = profiles_path()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def environ(monkeypatch):
    """Sets variables."""

    def put(**variables):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return put


@pytest.fixture
def ring(monkeypatch):
    """A keyring of the given secrets."""

    def hold(secrets):
        errors = types.ModuleType("keyring.errors")
        errors.KeyringError = type("KeyringError", (Exception,), {})
        library = types.ModuleType("keyring")
        library.errors = errors
        library.get_password = lambda service, user: secrets.get((service, user))
        monkeypatch.setitem(sys.modules, "keyring", library)
        monkeypatch.setitem(sys.modules, "keyring.errors", errors)
        return library, errors

    return hold


PROFILE = '[prod]\nprovider_id = "file"\nprovider_secret = "file-secret"\ningest_url = "https://file.test"\n'


def test_nothing_set_is_a_connection_to_the_platforms_hosts():
    """Enough to read what is not protected."""
    connection = Connection()
    assert connection.ingest_url == "https://ingest.occtoo.com"
    assert connection.destinations_url == "https://destinations.occtoo.com"
    assert connection.global_url == "https://global.occtoo.com"
    assert connection.provider_id is connection.provider_secret is connection.carecloud_url is None
    with pytest.raises(ConfigurationError, match="OCCTOO_PROVIDER_ID, OCCTOO_PROVIDER_SECRET"):
        connection.require("provider")


def test_settings_are_read_only_and_secrets_are_secret():
    """Changing one needs another connection."""
    connection = Connection(provider_id="p", provider_secret="s", carecloud_api_key="k", datatile_token="t")
    assert connection.provider_secret == Secret("s")
    assert isinstance(connection.carecloud_api_key, Secret)
    assert isinstance(connection.datatile_token, Secret)
    with pytest.raises(AttributeError, match="read-only"):
        connection.provider_id = "q"


def test_the_environment_speaks_when_the_code_does_not(environ):
    """In the documented variables."""
    environ(
        OCCTOO_PROVIDER_ID="e",
        OCCTOO_PROVIDER_SECRET="es",
        OCCTOO_INGEST_URL="https://e.test/base/",
        CARECLOUD_API_KEY="ck",
        CARECLOUD_URL="https://c.test",
        DATATILE_TOKEN="dt",
    )
    connection = Connection()
    assert (connection.provider_id, connection.ingest_url) == ("e", "https://e.test/base")
    assert connection.carecloud_url == "https://c.test"
    assert connection.datatile_token.reveal() == "dt"


def test_arguments_win_over_a_complete_environment(environ):
    """As a whole: its address is not taken over."""
    environ(OCCTOO_PROVIDER_ID="e", OCCTOO_PROVIDER_SECRET="es", OCCTOO_INGEST_URL="https://e.test")
    connection = Connection(provider_id="a", provider_secret="as")
    assert (connection.provider_id, connection.provider_secret.reveal()) == ("a", "as")
    assert connection.ingest_url == "https://ingest.occtoo.com"


@pytest.mark.parametrize(
    ("variables", "arguments"),
    [
        ({"OCCTOO_PROVIDER_SECRET": "env-secret"}, {"provider_id": "a"}),
        ({"OCCTOO_PROVIDER_ID": "e", "OCCTOO_PROVIDER_SECRET": "env-secret"}, {"ingest_url": "https://a.test"}),
        ({"OCCTOO_INGEST_URL": "https://e.test"}, {"provider_id": "a", "provider_secret": "arg-secret"}),
        ({"OCCTOO_CLIENT_SECRET": "env-secret"}, {"client_id": "a", "destination_id": "d"}),
        ({"OCCTOO_PROVIDER_ID": "e", "OCCTOO_PROVIDER_SECRET": "env-secret"}, {"provider_id": "a"}),
    ],
)
def test_one_groups_settings_from_two_places_are_refused(environ, variables, arguments):
    """Naming both places and none of the values."""
    environ(**variables)
    with pytest.raises(ConfigurationError, match=r"from the arguments and .* from the environment") as caught:
        Connection(**arguments)
    assert not any(value in str(caught.value) for value in (*variables.values(), *arguments.values()) if len(value) > 2)


def test_different_groups_may_come_from_different_places(environ):
    """Pushing and reading need different credentials."""
    environ(OCCTOO_CLIENT_ID="c", OCCTOO_CLIENT_SECRET="cs", OCCTOO_DESTINATION_ID="d")
    connection = Connection(provider_id="a", provider_secret="as")
    assert (connection.provider_id, connection.client_id) == ("a", "c")


def test_a_profile_named_in_code_wins_over_the_environment(environ, profiles):
    """And is taken as a whole."""
    profiles(PROFILE)
    environ(OCCTOO_PROVIDER_ID="e", OCCTOO_PROVIDER_SECRET="es")
    connection = Connection(profile="prod")
    assert (connection.provider_id, connection.ingest_url) == ("file", "https://file.test")


def test_the_environment_wins_over_the_profile_it_names(environ, profiles):
    """OCCTOO_PROFILE is asked after the variables themselves."""
    profiles(PROFILE)
    environ(OCCTOO_PROFILE="prod")
    assert Connection().provider_id == "file"
    environ(OCCTOO_PROVIDER_ID="e", OCCTOO_PROVIDER_SECRET="es")
    assert Connection().provider_id == "e"


def test_the_profile_called_default_needs_no_name(profiles):
    """It is the last file to look into."""
    profiles(PROFILE.replace("prod", "default"))
    assert Connection().provider_id == "file"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (PROFILE, "no profile 'test' in .*known: prod"),
        ("", "known: none"),
        ("[test]\nprovider_idd = 'x'", "unknown names: provider_idd"),
        ("[test]\nprovider_id = 3", "table of texts"),
        ("test = 3", "table of texts"),
        (
            "[test\nprovider_secret = 'deep-secret'",
            r"profiles\.toml is no TOML, at line 1, column 6: a table is \[name\]",
        ),
        ("[test]\nprovider_id = 'x'\nprovider_secret = deep-secret", "is no TOML, at line 3, column 19"),
        ("[test]\nprovider_secret = 'deep-secret", "is no TOML, at end of document"),
    ],
)
def test_a_bad_profile_file_is_explained_without_its_values(profiles, text, message):
    """Which file, which name, never a secret."""
    profiles(text)
    with pytest.raises(ConfigurationError, match=message) as caught:
        Connection(profile="test")
    assert "deep-secret" not in str(caught.value)


def test_a_profile_file_of_other_bytes_is_explained_by_its_line(tmp_path):
    """As an editor of Windows writes them."""
    file = tmp_path / "profiles.toml"
    file.write_bytes("[test]\nprovider_secret = 'deep-sécret'".encode("cp1252"))
    with pytest.raises(ConfigurationError, match=r"profiles\.toml is no text in UTF-8, on line 2$"):
        profile("test", file)
    with pytest.raises(ConfigurationError, match="cannot be read: Is a directory"):
        profile("test", tmp_path)


def test_a_profiles_secret_may_lie_in_the_keyring(profiles, ring):
    """It counts as standing in the profile."""
    profiles('[prod]\nprovider_id = "file"\n')
    ring({("occtoo-frames", "prod/provider_secret"): "ring-secret"})
    assert Connection(profile="prod").provider_secret.reveal() == "ring-secret"


def test_the_keyring_is_asked_last(ring):
    """For a group that stands nowhere else."""
    ring({("occtoo-frames", "default/provider_id"): "r", ("occtoo-frames", "default/provider_secret"): "rs"})
    connection = Connection()
    assert (connection.provider_id, connection.provider_secret.reveal()) == ("r", "rs")


def test_a_locked_or_missing_keyring_holds_nothing(ring, monkeypatch):
    """Headless machines have none."""
    library, errors = ring({})

    def locked(service, user):
        raise errors.KeyringError

    library.get_password = locked
    assert Connection().provider_id is None
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert Connection().provider_id is None


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("ftp://x.test", "no http"),
        ("x.test", "no http"),
        ("https://", "no http"),
        ("https://x.test:99999", "no http"),
        ("https://user:pw@x.test", "user name"),
        ("https://x.test/?a=1", "query"),
        ("https://x.test/#a", "query or fragment"),
        ("http://x.test", "plain http to x.test"),
        ("http://127.0.0.1.evil.test", "plain http"),
        ("http://localhost.evil.test", "plain http"),
        ("http://10.0.0.1", "plain http"),
    ],
)
def test_an_address_that_must_not_get_credentials_is_refused(url, message):
    """Before anything is sent."""
    with pytest.raises(ConfigurationError, match=message) as caught:
        Connection(ingest_url=url)
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost", "http://[::1]:1", "https://x.test/base"])
def test_https_and_this_machine_are_taken(url):
    """Trailing slashes do not matter."""
    assert Connection(ingest_url=f"{url}/").ingest_url == url


@pytest.mark.parametrize("timeout_s", [np.int64(30), np.float32(2.5), np.uint8(3), Fraction(5, 2)])
def test_a_timeout_may_be_any_kind_of_number(timeout_s):
    """It is kept as Python's."""
    kept = Connection(timeout_s=timeout_s).timeout_s
    assert (kept, type(kept)) == (float(timeout_s), float)


@pytest.mark.parametrize(
    "timeout_s",
    [0, -1, float("nan"), float("inf"), True, "60", np.float64("nan"), np.bool_(True), np.timedelta64(500, "ms")],
)
def test_a_timeout_is_always_a_finite_number_of_seconds(timeout_s):
    """There is no waiting for ever."""
    with pytest.raises(ConfigurationError, match="timeout_s"):
        Connection(timeout_s=timeout_s)


def test_connect_sets_the_default_and_restores_the_one_before():
    """Nested, as a context manager."""
    first = connect(provider_id="1", provider_secret="s")
    assert current_connection() is first
    with connect(provider_id="2", provider_secret="s") as second:
        assert current_connection() is second
        with Connection(provider_id="3", provider_secret="s") as third:
            assert current_connection() is third
            with third:
                assert current_connection() is third
            assert current_connection() is third
            connect(provider_id="4", provider_secret="s")
        assert current_connection() is second
    assert current_connection() is first
    first.__exit__(None, None, None)
    assert current_connection() is not first


def test_a_connection_is_closed_no_oftener_than_it_was_entered():
    """More would take the default of somebody else away."""
    made = Connection()
    with made, pytest.raises(ConfigurationError, match=r"^this connection is not open"):
        Connection().__exit__(None, None, None)
    with pytest.raises(ConfigurationError, match=r"not open: it is closed as often"):
        made.__exit__(None, None, None)


def test_connect_has_the_signature_and_the_documentation_of_a_connection():
    """For help(), notebooks and type checkers."""
    from inspect import signature

    assert signature(connect) == signature(Connection)
    assert "provider_id: The data provider" in connect.__doc__


def test_a_connection_given_to_a_verb_wins_and_must_be_one():
    """A dict of settings is a mistake."""
    connection = Connection()
    assert current_connection(connection) is connection
    with pytest.raises(ConfigurationError, match="not dict"):
        current_connection({})


def test_the_surroundings_make_one_connection_until_they_change(environ):
    """So that its token is kept from verb to verb."""
    first = current_connection()
    assert current_connection() is first
    environ(OCCTOO_PROVIDER_ID="e", OCCTOO_PROVIDER_SECRET="es")
    assert current_connection() is not first


def test_a_connection_shows_no_secret_and_is_not_pickled():
    """A copy elsewhere would have none."""
    import pickle

    connection = Connection(provider_id="p", provider_secret="deep-secret")
    assert repr(connection) == "Connection(provider_id='p', provider_secret=Secret('***'))"
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(connection)


def test_the_session_is_made_once(environ):
    """With the proxy that the environment names."""
    environ(OCCTOO_PROXY="http://proxy.test:3128", HTTPS_PROXY="http://other.test")
    connection = Connection(retry=Connection().retry, timeout_s=7)
    assert connection.session is connection.session
    assert connection.timeout_s == 7.0
    assert connection.session._transport._proxies == {"all": "http://proxy.test:3128"}


def test_what_a_connection_was_made_with_can_be_read():
    """The password of a proxy is masked; options that cannot work are refused at once."""
    made = Connection(proxies="http://me:secret@127.0.0.1:1")
    assert made.proxies == "http://me:***@127.0.0.1:1"
    assert (made.profile, made.ca_bundle) == ("default", None)
    with pytest.raises(ConfigurationError, match="no such file"):
        Connection(ca_bundle="/nowhere.pem")
    with pytest.raises(ConfigurationError, match="RetryPolicy"):
        Connection(retry="often")


@pytest.mark.parametrize(
    "variables",
    [
        {"OCCTOO_PROXY": "http://me:hush@proxy.test:1"},
        {"OCCTOO_PROXY": "no proxy"},
        {"OCCTOO_PROFILE": "missing"},
        {"OCCTOO_PROVIDER_SECRET": "half", "OCCTOO_INGEST_URL": "https://other.test", "DATATILE_TOKEN": "other"},
    ],
)
def test_a_local_connection_is_all_in_its_arguments(environ, profiles, ring, variables):
    """Whatever stands in the environment, the default profile and the keyring, broken or not."""
    environ(**variables)
    ring({("occtoo-frames", f"{profile}/client_id"): "ring" for profile in ("default", "missing")})
    profiles('[default]\nproxy = "http://proxy.test:2"\nprovider_secret = "other"\n')
    made = LocalConnection(provider_id="p", provider_secret="s", ingest_url="http://127.0.0.1:1")
    profiles("nothing of toml")
    assert made.provider_secret == Secret("s")
    assert (made.proxies, made.client_id, made.datatile_token, made.profile) == (None, None, None, "default")
    assert LocalConnection().session._transport._proxies == {}


def test_the_password_of_a_proxy_is_not_among_the_attributes(environ):
    """Wherever the proxy was said."""
    environ(OCCTOO_PROXY="http://me:hush@proxy.test:1")
    for made in (Connection(), Connection(proxies={"all": "http://me:hush@proxy.test:1"})):
        assert "hush" not in str(vars(made))
        assert "hush" in str(made.session._transport._proxies)


@pytest.mark.parametrize("path", [3, b"state", "", ["state"]])
@pytest.mark.parametrize("option", ["state_dir", "ca_bundle"])
def test_a_path_that_is_none_is_refused(option, path):
    """In words, and as our own error."""
    with pytest.raises(ConfigurationError, match=f"^{option}=.*: it must be the path of a"):
        Connection(**{option: path})

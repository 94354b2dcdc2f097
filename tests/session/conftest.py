"""What the tests of the session share: surroundings without credentials, and connections over a list of answers."""

import os

import pytest
from session_wire import INGEST, Answers, VirtualTime

from occtoo_frames._session.connection import Connection
from occtoo_frames._session.retry import RetryPolicy


@pytest.fixture(autouse=True)
def _bare_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    """No credentials in the environment, no profiles, an empty keyring."""
    for name in list(os.environ):
        if name.startswith(("OCCTOO_", "CARECLOUD_", "DATATILE_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")


@pytest.fixture
def time() -> VirtualTime:
    """A virtual clock."""
    return VirtualTime()


@pytest.fixture
def connect_to(time: VirtualTime):
    """Makes a connection over a transport of answers, on virtual time."""

    def make(answers, *, policy: RetryPolicy | None = None, **settings) -> Connection:
        named = {"provider_id": "p", "provider_secret": "provider-secret", "ingest_url": INGEST, **settings}
        return Connection(
            transport=answers if isinstance(answers, Answers) else Answers(answers),
            clock=time.clock,
            retry=policy or RetryPolicy(),
            **named,
        )

    return make

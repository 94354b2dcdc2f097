"""What holds for every test: no account, profile or keyring of whoever runs them, and how hard hypothesis looks."""

import os
import tempfile

import pytest
from hypothesis import HealthCheck, settings

_FOREIGN = ("OCCTOO_", "CARECLOUD_", "DATATILE_")

settings.register_profile(
    "ci",
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("soak", max_examples=2_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci")


def pytest_configure(config: pytest.Config) -> None:
    """Without a choice of marks the longer runs are left out."""
    if not config.option.markexpr:
        config.option.markexpr = "not soak"
    home = tempfile.TemporaryDirectory(prefix="occtoo-frames-tests-")
    config.add_cleanup(home.cleanup)
    _move_to(home.name)


def _move_to(home: str) -> None:
    for name in [name for name in os.environ if name.startswith(_FOREIGN)]:
        del os.environ[name]
    os.environ |= {
        "XDG_CONFIG_HOME": home,
        "XDG_STATE_HOME": home,
        "XDG_CACHE_HOME": home,
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }

"""The pytest plugin, as its page shows it."""

import subprocess
import sys
from pathlib import Path

import occtoo_frames as of
from occtoo_frames._session.connection import current_connection

PAGE = Path(__file__).parents[2] / "docs" / "testing.md"


def test_the_tests_on_its_page_pass_without_an_import(tmp_path):
    """In a process of their own: the plugin is found by its entry point."""
    (tmp_path / "test_shop.py").write_text(PAGE.read_text().partition("```python\n")[2].partition("```")[0])
    without = [f"-pno:{name}" for name in ("cacheprovider", "schemathesis", "hypothesispytest", "xdist", "randomly")]
    command = [sys.executable, "-m", "pytest", "-q", *without, "-W", "error", str(tmp_path)]
    ran = subprocess.run(command, check=False, capture_output=True, text=True, cwd=tmp_path)  # noqa: S603 - our own code
    assert "2 passed" in ran.stdout, ran.stdout + ran.stderr


def test_a_sandbox_is_the_default_connection(occtoo_sandbox):
    """And nothing else has to be said."""
    assert current_connection() is occtoo_sandbox.connection


def test_the_default_connection_leads_through_the_bad_network(occtoo_sandbox, occtoo_faults):
    """Reading too, protected destinations among it; credentials stay the same."""
    assert current_connection().ingest_url == occtoo_faults.url
    assert current_connection().provider_id == occtoo_sandbox.connection.provider_id
    occtoo_sandbox.add_source("s")
    url = occtoo_sandbox.publish("d", "e", source="s", protected=True)
    occtoo_faults.faults("cut_answer", on="/{endpoint}")
    assert len(of.read_destination(occtoo_faults.through(url))) == 0
    assert occtoo_faults.faults_met == {"cut_answer": 1}
    assert occtoo_faults.requests_seen["POST /destinations/{destinationId}/token"] == 1

"""Every block of code in README and the pages does what the page says."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from pages import Runner, blocks
from typer.testing import CliRunner

import occtoo_frames as of
from occtoo_frames_command.commands import app

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted(path for path in (ROOT / "docs").rglob("*.md") if "_build" not in path.parts)]


def _command(words: list[str]) -> tuple[int, str]:
    ended = CliRunner().invoke(app, words)
    return ended.exit_code, ended.output


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_does_what_it_says(page, tmp_path, monkeypatch):
    """Python blocks show what stands below them; command lines end with the code that the page names."""
    monkeypatch.chdir(tmp_path)
    with of.sandbox() as box:
        box.add_source("products")
        monkeypatch.setenv("SHOP", box.publish("shop", "products", source="products", languages=["en", "sv"]))
        _say_in_the_environment(box.connection, monkeypatch)
        Runner(page, _settled(box), {}).run()


def _settled(box) -> Callable[[list[str]], tuple[int, str]]:
    def command(words: list[str]) -> tuple[int, str]:
        box.settle()
        return _command(words)

    return command


def _say_in_the_environment(connection, monkeypatch) -> None:
    for name in ("provider_id", "provider_secret", "ingest_url", "destinations_url", "global_url"):
        value = getattr(connection, name)
        monkeypatch.setenv(f"OCCTOO_{name.upper()}", getattr(value, "reveal", lambda value=value: value)())


def test_a_lie_is_found(tmp_path):
    """A page whose block shows something else than it says fails."""
    page = tmp_path / "lie.md"
    page.write_text("```python\nsum([1, 1])\n# → 3\n```\n")
    with pytest.raises(AssertionError, match=r"lie\.md:2 says"):
        Runner(page, _command, {}).run()


def test_the_truth_passes(tmp_path):
    """Values and prints are both looked at, inside other statements too."""
    page = tmp_path / "truth.md"
    page.write_text("```python\nfor _ in 'a':\n    print('long', 'text')\n    # → long ...\n1 + 1\n# → 2\n```\n")
    assert Runner(page, _command, {}).run() == 1


def test_every_block_that_is_not_run_is_of_the_live_service_or_another_tool():
    """Nothing is left out because it does not work."""
    kept = [block for page in PAGES for block in blocks(page.read_text(encoding="utf-8")) if block.mark == "not run"]
    assert all("live service" in block.said for block in kept if block.kind == "python")


def test_the_environment_of_whoever_runs_the_tests_is_left_out():
    """No credentials come in from outside."""
    assert not [name for name in os.environ if name.startswith("OCCTOO_")]

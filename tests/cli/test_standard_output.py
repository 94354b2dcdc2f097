"""What stands on standard output is UTF-8, whole, one document, or the command says that it is not."""

import datetime as dt
import json
import os
import subprocess
import sys
from decimal import Decimal

import polars as pl
import pytest

import occtoo_frames as of
from occtoo_frames._cli.document import pieces
from occtoo_frames._cli.files import flat
from occtoo_frames._session.transport import RequestsTransport
from occtoo_frames_command.commands import TerminatedError

NO_ROOM = "standard output cannot be written: No space left on device"
FULL = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="the system has no device that is always full")  # noqa: PTH110 - a device


def shell(words: str, **environ: str) -> subprocess.CompletedProcess[bytes]:
    """How ``occtoo-frames`` ends in a shell, where its standard output can be anything."""
    command = f'exec "{sys.executable}" -c "from occtoo_frames_command import main; main()" {words}'
    return subprocess.run(["sh", "-c", command], check=False, capture_output=True, env={**os.environ, **environ})  # noqa: S603, S607 - our own words


@pytest.fixture
def foreign(tmp_path):
    """A csv whose letters no western code page has."""
    file = tmp_path / "łódź.csv"
    file.write_text("sku,name\na,Łódź 家具\n", encoding="utf-8")
    return file


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_json_and_csv_are_utf_8_and_tables_have_escapes(foreign, box, encoding):
    """Whatever the terminal or pipe is set to; boxes are drawn with letters that it has."""
    of.push(str(foreign), "products", "sku")
    url = box.publish("shop", "products", source="products", languages=["en"])
    box.settle()
    planned = shell(f"plan {foreign} --key sku --json", PYTHONIOENCODING=encoding)
    assert (planned.returncode, planned.stderr) == (0, b"")
    assert "Łódź" in planned.stdout.decode("utf-8")
    json.loads(planned.stdout)
    assert "a,Łódź 家具" in shell(f"read {url}", PYTHONIOENCODING=encoding).stdout.decode("utf-8")
    shown = shell(f"plan {foreign} --key sku", PYTHONIOENCODING=encoding)
    assert (shown.returncode, b"\\u5bb6\\u5177" in shown.stdout, b"+--" in shown.stdout) == (0, True, True)
    assert shell(f"plan {foreign} --Key --json", PYTHONIOENCODING=encoding).returncode == 2


@FULL
@pytest.mark.parametrize("how", ["", "--json"])
def test_rows_that_were_accepted_are_told_of_though_the_disk_is_full(table, box, how):
    """On standard error, with an exit code that does not speak of failed rows."""
    ended = shell(f"push {table} products --key sku --auto {how} > /dev/full")
    assert ended.returncode == 2
    told = ended.stderr.decode()
    assert told.startswith(f"FileNotWrittenError: {NO_ROOM}. What it would have told of: ")
    assert "2 accepted" in told
    assert told.count("\n") == 1


@FULL
def test_an_error_that_finds_no_room_is_told_on_standard_error(dirty, box):
    """With its own exit code."""
    for how in ("", "--json"):
        ended = shell(f"push {dirty} nowhere --key sku --on-invalid skip {how} > /dev/full")
        assert (ended.returncode, b"Traceback" in ended.stderr) == (3, False)
        assert NO_ROOM in ended.stderr.decode()
        assert "PushInterruptedError: the push to 'nowhere' stopped" in ended.stderr.decode()


@FULL
@pytest.mark.parametrize("words", ["--version", "--help", "plan --json", "demo", "profile --json"])
def test_whatever_finds_no_room_ends_with_2(words):
    """In one line."""
    ended = shell(f"{words} > /dev/full")
    told = ended.stderr.decode()
    assert (ended.returncode, told.count("\n"), told.strip().endswith(NO_ROOM)) == (2, 1, True)


def test_nothing_is_begun_without_standard_output(table, box):
    """Nobody could be told what became of it."""
    for words in (f"push {table} products --key sku --auto", "read http://127.0.0.1:1/a/b/v1/c --json", "--help"):
        ended = shell(f"{words} >&-")
        assert (ended.returncode, ended.stderr) == (2, b"standard output is closed: nothing was done\n")
    assert not box.requests_seen


def test_a_reader_may_have_read_enough(box, tmp_path):
    """A command that only shows ends without a word, with the code that shells give for it."""
    pl.DataFrame({"sku": [f"s{number}" for number in range(30_000)]}).write_csv(tmp_path / "long.csv")
    of.push(str(tmp_path / "long.csv"), "products", "sku")
    url = box.publish("shop", "products", source="products", languages=["en"])
    box.settle()
    command = [sys.executable, "-c", "from occtoo_frames_command import main; main()", "read", url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:  # noqa: S603 - our own words
        process.stdout.readline()
        process.stdout.close()
        assert (process.stderr.read(), process.wait(30)) == (b"", 141)


@pytest.mark.parametrize("ending", [(KeyboardInterrupt, 130), (TerminatedError, 143)])
def test_a_signal_is_told_in_the_document(run, box, table, monkeypatch, ending):
    """Of a read; of a push in the words of people."""
    signalled, code = ending

    def interrupted(_transport, _request, **_options):
        raise signalled

    monkeypatch.setattr(RequestsTransport, "send", interrupted)
    ended = run("read", f"{box.url}/sandbox/a/v1/b", "--json")
    assert (ended.code, ended.document) == (
        code,
        {"error": signalled.__name__, "message": "stopped", "exit_code": code},
    )
    message = run("push", table, "products", "--key", "sku", "--auto", "--json").document["message"]
    words = "interrupted by Ctrl-C" if signalled is KeyboardInterrupt else "ended by SIGTERM"
    assert f"the push to 'products' stopped: {words}. " in message


SPELLED = pl.DataFrame(
    {
        "price": [Decimal("0E-18"), Decimal("1E-7"), Decimal("12345678901234567890.100000000000000001")],
        "at": [dt.datetime(2026, 6, 1, tzinfo=dt.UTC), dt.datetime(2026, 6, 1, 1, 2, 3, 500_000, tzinfo=dt.UTC), None],
        "day": [dt.date(2026, 6, 1), None, None],
        "hour": [dt.time(1, 2, 3, 500), dt.time(1), None],
    },
    schema_overrides={"price": pl.Decimal(38, 18)},
)


def test_json_spells_values_as_a_push_does():
    """As the csv of the same read; in lists and relations, too."""
    rows = json.loads("".join(pieces({"rows": SPELLED.to_dicts(), "listed": SPELLED.iter_rows(named=True)})))
    assert rows["rows"] == rows["listed"] == flat(SPELLED).to_dicts()
    nested = SPELLED.select(pl.struct(pl.all()).alias("entry"), pl.concat_list("price").alias("prices"))
    told = json.loads("".join(pieces({"rows": nested.to_dicts()})))["rows"]
    assert [row["entry"] for row in told] == flat(SPELLED).to_dicts()
    assert [row["prices"] for row in told] == [["0"], ["0.0000001"], ["12345678901234567890.100000000000000001"]]

"""Each command does what it says, ends with the right exit code, and has one JSON document for programs."""

import json
import os
import signal
import subprocess
import sys

import polars as pl
import pytest
import xlsxwriter

import occtoo_frames as of
from occtoo_frames._session.transport import RequestsTransport
from occtoo_frames._sync.place import Owner
from occtoo_frames_command import commands
from occtoo_frames_command.commands import TerminatedError


def test_a_plan_of_good_rows_ends_with_0(run, table):
    """And says what becomes of each column."""
    ended = run("plan", table, "--key", "sku", "--lang", "name=en,sv")
    assert ended.code == 0
    assert "2 entries" in ended.out
    assert "name_sv" in ended.out


def test_a_plan_with_problems_ends_with_1(run, dirty):
    """The rule and a hint stand in the document."""
    ended = run("plan", dirty, "--key", "sku", "--json")
    assert ended.code == 1
    assert [problem["rule"] for problem in ended.document["problems"]] == ["key-characters"]
    assert set(ended.document) == {"ok", "counts", "columns", "problems", "warnings"}


def test_an_unknown_column_ends_with_2(run, table):
    """The error is told on standard error, or as the document."""
    ended = run("plan", table, "--key", "SKU")
    assert (ended.code, ended.out) == (2, "")
    assert "ColumnNotFoundError" in ended.err
    assert run("plan", table, "--key", "SKU", "--json").document["error"] == "ColumnNotFoundError"


def test_a_missing_file_ends_with_2(run, tmp_path):
    """It is named."""
    ended = run("plan", tmp_path / "none.csv", "--key", "sku")
    assert ended.code == 2
    assert "none.csv" in ended.err


def test_a_push_and_a_read(run, box, table):
    """What was pushed is read as csv in a pipe."""
    pushed = run("push", table, "products", "--key", "sku", "--auto", "--json")
    assert (pushed.code, pushed.document["counts"]["accepted"]) == (0, 2)
    url = box.publish("shop", "products", source="products", languages=["en", "sv"])
    box.settle()
    ended = run("read", url, "--language", "en", "--language", "sv")
    assert ended.code == 0
    assert pl.read_csv(ended.out.encode()).select("id", "name_en", "name_sv").rows() == [
        ("a-1", "Chair", "Stol"),
        ("a-2", "Table", "Bord"),
    ]
    found = run("read", url, "--language", "sv", "--where", "name=Bord", "--json").document
    assert (found["count"], found["rows"][0]["id"]) == (1, "a-2")


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".xlsx"])
def test_a_read_goes_into_a_file(run, box, tmp_path, ending):
    """Of the kind that its ending says; lists are joined where the kind knows none."""
    of.push(pl.DataFrame({"sku": ["a"], "tags": ["x|y"]}), "products", "sku")
    box.settle()
    url = box.publish("shop", "products", source="products", languages=["en"], types={"tags": "List"})
    box.settle()
    file = tmp_path / f"read{ending}"
    assert run("read", url, "--out", file).code == 0
    reader = {".csv": pl.read_csv, ".parquet": pl.read_parquet, ".xlsx": pl.read_excel}[ending]
    tags = reader(file)["tags"].to_list()
    assert tags == ([["x", "y"]] if ending == ".parquet" else ["x|y"])


def test_bad_rows_stop_a_push_with_1(run, box, dirty):
    """Nothing is sent unless they are to be skipped."""
    assert run("push", dirty, "products", "--key", "sku").code == 1
    ended = run("push", dirty, "products", "--key", "sku", "--on-invalid", "skip", "--json")
    assert ended.code == 1
    counts = ended.document["counts"]
    assert (counts["accepted"], counts["rejected"]) == (1, 1)


def test_a_push_of_the_last_row_of_each_key_ends_with_0(run, box, tmp_path):
    """In a dry run, too: a daily job has nothing to mend."""
    pl.DataFrame({"sku": ["a", "a"], "name": ["old", "new"]}).write_csv(tmp_path / "twice.csv")
    words = ("push", tmp_path / "twice.csv", "products", "--key", "sku", "--duplicates", "last")
    assert (run(*words, "--dry-run").code, run(*words).code) == (0, 0)


def test_a_dry_run_tells_the_rows_that_cannot_be_sent(run, box, dirty):
    """The others are fine, although nothing is sent; the same rows as the report's own."""
    told = run("push", dirty, "products", "--key", "sku", "--dry-run", "--json").document
    assert (told["ok"], [(row["row"], row["outcome"]) for row in told["failed"]]) == (False, [(1, "rejected")])


def test_an_unknown_source_ends_with_3_and_a_report(run, box, table):
    """Every row has its outcome."""
    ended = run("push", table, "nowhere", "--key", "sku", "--auto", "--json")
    assert ended.code == 3
    assert ended.document["report"]["counts"]["not_sent"] == 2


def test_an_interrupted_push_says_which_rows_did_not_arrive(run, box, dirty):
    """With the reasons, as one that came to its end: in the document, and as a table that begins with what to mend."""
    words = ("push", dirty, "nowhere", "--key", "sku", "--on-invalid", "skip")
    failed = run(*words, "--json").document["failed"]
    assert [(row["key"], row["outcome"]) for row in failed] == [("a-1", "not_sent"), ("a 2", "rejected")]
    assert (failed[1]["rule"], "the key holds" in failed[1]["reason"]) == ("key-characters", True)
    shown = run(*words)
    assert (shown.code, "Not arrived" in shown.out, "PushInterruptedError" in shown.err) == (3, True, True)
    assert shown.out.index("a 2") < shown.out.index("a-1")


@pytest.mark.parametrize("ending", [(KeyboardInterrupt, 130), (TerminatedError, 143)])
def test_a_push_that_a_signal_ended_says_it_too(run, box, dirty, monkeypatch, ending):
    """What was under way is unknown."""
    signalled, code = ending

    def interrupted(_transport, _request, **_options):
        raise signalled

    monkeypatch.setattr(RequestsTransport, "send", interrupted)
    ended = run("push", dirty, "products", "--key", "sku", "--on-invalid", "skip", "--json")
    assert (ended.code, {row["key"] for row in ended.document["failed"]}) == (code, {"a-1", "a 2"})


def test_nothing_of_a_file_is_acted_upon_by_a_terminal(run, tmp_path):
    """Not its names, its keys, or its cells, in tables, errors or JSON."""
    (tmp_path / "evil.csv").write_text('sku,n\x1b[31m\n\x1b]0;x\x07,v\n"c\nd",\x9b2J\ne,\u202ev\n')
    for words in (["--key", "sku"], ["--key", "sku", "--json"], ["--key", "none"]):
        ended = run("plan", tmp_path / "evil.csv", *words)
        assert ended.code
        assert not {*"\x1b\x07\x9b\u202e"} & {*ended.out, *ended.err}
    pushed = run("push", tmp_path / "evil.csv", "p", "--key", "sku")
    assert not {*"\x1b\x07\x9b\u202e"} & {*pushed.out, *pushed.err}


def test_an_unreachable_platform_ends_with_3(run, monkeypatch, table):
    """Nobody listens on that port."""
    for name, value in {"ID": "x", "SECRET": "y"}.items():
        monkeypatch.setenv(f"OCCTOO_PROVIDER_{name}", value)
    monkeypatch.setenv("OCCTOO_INGEST_URL", "http://127.0.0.1:1")
    assert run("push", table, "products", "--key", "sku", "--auto").code == 3


def test_no_credentials_end_with_2(run, table):
    """The message names the variables."""
    ended = run("push", table, "products", "--key", "sku", "--auto")
    assert ended.code == 2
    assert "OCCTOO_PROVIDER_ID" in ended.err


def test_brackets_are_no_markup(run, tmp_path):
    """In the name of a file, of a column, or in a cell."""
    file = tmp_path / "[red]a.csv"
    file.write_text("sku,v[bold]\na [dim],[/x]\n")
    ended = run("plan", file, "--key", "sku")
    assert ended.code == 1
    assert all(text in ended.out for text in ("plan of [red]a.csv", "v[bold]", "a [dim]", "[/x]"))


def test_a_damaged_journal_is_named_with_what_a_command_line_can_do(run, box, table):
    """Without the file the next push goes through."""
    words = ("push", table, "products", "--key", "sku", "--auto", "--changed-only")
    assert run(*words).code == 0
    journal = Owner(box.url, box.connection.provider_id, "products").path(box.connection.state_dir)
    journal.write_bytes(b"rubbish" * 100)
    ended = run(*words)
    assert (ended.code, str(journal) in ended.err, "of.forget" in ended.err) == (2, True, False)
    assert "remove it, and the next push begins a new one" in ended.err
    journal.unlink()
    assert run(*words).code == 0


def test_a_delete_asks_first(run, box, table):
    """No is no, and no failure of rows; nobody's answer is none; yes deletes."""
    run("push", table, "products", "--key", "sku", "--auto")
    asked = run("delete", table, "products", "--key", "sku", answers="n\n")
    assert (asked.code, "Delete up to 2 entries" in asked.err, "nothing was done" in asked.err) == (3, True, True)
    assert run("delete", table, "products", "--key", "sku", answers="").code == 2
    ended = run("delete", table, "products", "--key", "sku", "--yes", "--json")
    assert (ended.code, ended.document["counts"]["accepted"]) == (0, 2)


def test_a_delete_may_leave_out_what_is_no_key_and_take_a_key_twice(run, box, table, tmp_path):
    """As a push; without being told so it refuses both, and says so instead of asking."""
    run("push", table, "products", "--key", "sku", "--auto")
    gone = tmp_path / "gone.csv"
    gone.write_text("sku\na-1\na-1\nno key\n")
    words = ("delete", gone, "products", "--key", "sku", "--yes", "--json")
    assert run(*words).code == 1
    refused = run("delete", gone, "products", "--key", "sku", answers="y\n")
    assert (refused.code, "Delete up to" in refused.err, "key-duplicate" in refused.out) == (1, False, True)
    skipping = ("delete", gone, "products", "--key", "sku", "--duplicates", "first", "--on-invalid", "skip")
    asked = run(*skipping, answers="n\n")
    assert (asked.code, "key-characters" in asked.out, "Delete up to 1 entry of" in asked.err) == (3, True, True)
    assert "deletion from products" in run(*skipping, "--yes").out
    run("push", table, "products", "--key", "sku", "--auto")
    ended = run(*words, "--duplicates", "first", "--on-invalid", "skip")
    assert {name: count for name, count in ended.document["counts"].items() if count} == {
        "accepted": 1,
        "rejected": 1,
        "not_sent": 1,
    }


def test_json_says_which_rows_failed_and_why(run, box, dirty):
    """Of a push that skipped them, and of one that was refused because of them."""
    skipped = run("push", dirty, "products", "--key", "sku", "--on-invalid", "skip", "--json")
    assert skipped.code == 1
    assert skipped.document["failed"]
    assert {"row", "key", "outcome", "rule", "reason"} == set(skipped.document["failed"][0])
    refused = run("push", dirty, "products", "--key", "sku", "--json")
    assert refused.code == 1
    rules = {row["rule"] for row in skipped.document["failed"]}
    assert {problem["rule"] for problem in refused.document["problems"]} == rules


@pytest.fixture
def foreign(tmp_path):
    """A csv file that its bytes say nothing true about, and a workbook whose second sheet is the table."""
    (tmp_path / "foreign.csv").write_bytes("sku|size|name;x\na|L|Ž;1\n".encode("cp1250"))
    with xlsxwriter.Workbook(tmp_path / "foreign.xlsx") as book:
        pl.DataFrame({"note": ["nothing"]}).write_excel(book, worksheet="2")
        pl.DataFrame({"sku": ["a"], "size": ["L"]}).write_excel(book, worksheet="goods")
    return tmp_path


def test_how_a_file_is_read_can_be_said(run, box, foreign):
    """Of a plan, a push and a deletion, in the same words."""
    said = ["--key", "sku", "--key", "size", "--key-separator", "_"]
    text = [foreign / "foreign.csv", "products", *said, "--csv-separator", "|", "--csv-encoding", "cp1250"]
    assert run("push", *text, "--property", "name;x=name", "--json").document["counts"]["accepted"] == 1
    box.settle()
    (entry,) = box.entries("products").values()
    assert "Ž;1" in str(entry)
    assert list(box.entries("products")) == ["a_L"]
    assert run("delete", *text, "--yes", "--json").document["counts"]["accepted"] == 1
    box.settle()
    assert not box.entries("products")
    for sheet in (["--sheet", "goods"], ["--sheet-number", "2"]):
        planned = run("plan", foreign / "foreign.xlsx", *said, *sheet, "--json")
        assert (planned.code, planned.document["counts"]["entries"]) == (0, 1)
    assert run("plan", foreign / "foreign.xlsx", *said, "--sheet", "2").code == 2
    assert "--sheet-number" in run("plan", foreign / "foreign.xlsx", *said, "--sheet", "2", "--sheet-number", "2").err


def test_a_correlation_id_goes_with_each_request_and_must_be_a_guid(run, box, table, monkeypatch):
    """Of a push and of a deletion."""
    good, asked = "0c6cbe1e-9d0e-4a57-a4b5-1cbb3a1f3f7e", []
    send = RequestsTransport.send

    def listening(self, request, **options):
        asked.append(request.url)
        return send(self, request, **options)

    monkeypatch.setattr(RequestsTransport, "send", listening)
    for command, *words in (["push", "--auto"], ["delete", "--yes"]):
        said = [command, table, "products", "--key", "sku", *words, "--correlation-id"]
        assert run(*said, good, "--json").document["counts"]["accepted"] == 2
        refused = run(*said, "nightly")
        assert (refused.code, refused.out) == (2, "")
        assert "--correlation-id nightly: " in refused.err
    imports = [url for url in asked if "/import/" in url]
    assert imports == [f"{box.url}/import/products?correlationId={good}"] * 2


def test_a_proxy_that_nobody_listens_at_is_named(run, monkeypatch, table):
    """Without its password."""
    for name, value in {"ID": "x", "SECRET": "y"}.items():
        monkeypatch.setenv(f"OCCTOO_PROVIDER_{name}", value)
    monkeypatch.setenv("OCCTOO_INGEST_URL", "http://127.0.0.1:2")
    monkeypatch.setenv("OCCTOO_PROXY", "http://me:hush@127.0.0.1:1")
    ended = run("push", table, "products", "--key", "sku", "--auto")
    assert ended.code == 3
    assert "the proxy http://127.0.0.1:1 cannot be reached or used: the connection was refused" in ended.err
    assert "hush" not in ended.err
    monkeypatch.setenv("OCCTOO_PROXY", "127.0.0.1:1")
    assert run("push", table, "products", "--key", "sku", "--auto").code == 2


def test_nobody_is_asked_with_json(run, box, table):
    """A question would stand in the document's place."""
    ended = run("delete", table, "products", "--key", "sku", "--json")
    assert (ended.code, ended.document["error"]) == (2, "ConfigurationError")
    assert "--yes" in ended.document["message"]


def test_without_its_extra_the_command_says_what_to_install():
    """One line, not a traceback."""
    code = (
        "import sys, importlib.util as u; found = u.find_spec\n"
        "u.find_spec = lambda name, *rest: None if name in ('typer', 'rich') else found(name, *rest)\n"
        "from occtoo_frames_command import main; main()"
    )
    ran = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)  # noqa: S603 - our own code
    assert ran.returncode == 2
    assert "pip install" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_sandbox(number, code):
    """With the shell's exit code for it, and without a traceback."""
    words = [sys.executable, "-c", "from occtoo_frames_command import main; main()", "sandbox", "--json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ) as process:  # noqa: S603 - our own code
        told = json.JSONDecoder().raw_decode(_until_brace(process.stdout))[0]
        process.send_signal(number)
        _, err = process.communicate(timeout=30)
    assert told["url"].startswith("http://127.0.0.1:")
    assert process.returncode == code
    assert "Traceback" not in err


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt, 130), (TerminatedError, 143)])
def test_a_signal_while_a_command_is_being_loaded_ends_it_likewise(run, monkeypatch, error, code):
    """With the same exit codes and in one word, whatever has been loaded by then."""

    def interrupted(_name):
        raise error

    monkeypatch.setattr(commands, "loaded", interrupted)
    ended = run("profile")
    assert (ended.code, ended.err) == (code, "stopped\n")


def test_an_error_that_is_nobodys_is_not_hidden(run, monkeypatch):
    """A mistake of ours shows its traceback."""
    monkeypatch.setattr(commands, "loaded", lambda name: {}[name])
    with pytest.raises(KeyError):
        run("profile")


def _until_brace(stream) -> str:
    lines = []
    for line in stream:
        lines.append(line)
        if line == "}\n":
            break
    return "".join(lines)


def test_a_taken_port_ends_with_2(run, box):
    """And is named."""
    port = box.url.rpartition(":")[2]
    ended = run("sandbox", "--port", port)
    assert ended.code == 2
    assert port in ended.err

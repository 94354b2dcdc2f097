"""What the package says of its arguments is said of options where somebody types options."""

import polars as pl
import pytest

import occtoo_frames as of
from occtoo_frames._cli.spelling import in_options, with_options


@pytest.mark.parametrize(
    ("message", "typed"),
    [
        ("send the other rows with on_invalid='skip'.", "send the other rows with --on-invalid skip."),
        ("nothing was sent. Mend them (see .problems), or", "nothing was sent. Mend them, or"),
        (
            "name it with properties={'price (SEK)': 'price-SEK'}, or ids='camel'",
            "name it with --property 'price (SEK)=price-SEK', or --ids camel",
        ),
        ("in properties={'Färg': 'Farg', …}", "in --property 'Färg=Farg'"),
        ("properties={'{x}': 'its'}", None),
        ("rename one in properties={column: property id}", "rename one in --property COLUMN=ID"),
        ("declare types={column: 'string'}", "declare --type COLUMN=string"),
        (
            "or choose with duplicates='first', 'last' or 'merge'",
            "or choose with --duplicates first, last or merge",
        ),
        ("list_separator='|' or 'a b', if", "--list-separator '|' or 'a b', if"),
        ("correlation_id='nightly': the platform", "--correlation-id nightly: the platform"),
        ("of the same key, as duplicates= says", "of the same key, as --duplicates says"),
        ("max_delete=0.1 allows; raise max_delete", "--max-delete 0.1 allows; raise --max-delete"),
        ("delete='gone' must be a boolean column", "--delete-column gone must be a boolean column"),
        ("or leave out resume=True to begin anew", "or leave out --resume to begin anew"),
        ("lang_cols['name'] asks for a column", "--lang 'name' asks for a column"),
        ("an element holds it: another list_separator", "an element holds it: another --list-separator"),
        ("or let names='safe' do it", "or let --names safe do it"),
        ("fill it, or allow=['null-text']", "fill it, or --allow null-text"),
        ("allow=['a b', 'c']: only", "--allow 'a b' --allow c: only"),
        ("leave labels= and value_labels= out, or use zsav", "leave --labels out, or use zsav"),
        (
            "raw=True gives the entries as they came: it takes neither columns nor explode",
            "--raw gives the entries as they came: it takes neither --column nor --explode",
        ),
        ("read_media needs unique_identifiers= or file_ids=", "media read needs --identifier or --id"),
        ("push_media needs link= or path=: the column", "media push needs --link or --path: the column"),
        ("on_existing='fail' needs unique_identifier=: else", "--on-existing fail needs --identifier: else"),
        ("is running; when_busy='wait' waits for its turn", "is running; --turn waits for its turn"),
        ("or leave it out, or widen accept=", "or leave it out, or widen --accept"),
        ("try again later, or raise max_wait_s of the retry policy", "try again later"),
        ("try again later, or raise max_wait_s or the budget of the retry policy", "try again later"),
        ("nobody waited: see carecloud.status", "nobody waited: see occtoo-frames carecloud status"),
        ("the upload was interrupted: unknown; see .report", "the upload was interrupted: unknown"),
        ("ImportReport: 1 row\n  .failed() gives the rows, .errors what the portal said", "ImportReport: 1 row"),
        ("asks to wait 300 s, longer than max_wait_s=120", "asks to wait 300 s, longer than 120 s"),
        ("GET https://h/a?path=x&link=y&allow=z", None),
        ("GET https://h/x?path=%2Fa&key=%C3%A4&read_options= answered 404", None),
        ("'b' already: leave out key=", "'b' already: leave out --key"),
        ("key='sku' names 'sku' twice", "--key sku names 'sku' twice"),
        ("or write nulls with empty_text='null'", "or write nulls with --empty-text null"),
        ("no column 'max_delete' in the table; did you mean 'ids='?", None),
        ("the properties of a key; delete it, or resume; modes=5", None),
        ("read_options={'encoding': 'cp1252'} (--csv-encoding cp1252)", None),
    ],
)
def test_arguments_are_spelled_as_options(message, typed):
    """What is none, or is the name of a column, stays."""
    assert in_options(message) == (message if typed is None else typed)


def test_problems_are_spelled_so_too():
    """Their messages and hints, not the caller's cells; frames without are as they were."""
    found = pl.DataFrame({"value": ["ids='x'"], "message": ["m"], "hint": ["ids='camel'"]})
    assert with_options(found).row(0) == ("ids='x'", "m", "--ids camel")
    assert with_options(found.select("value").clear()).is_empty()


def test_a_command_speaks_of_its_options(run, box, tmp_path):
    """In what it says to people and in its document."""
    file = tmp_path / "t.csv"
    pl.DataFrame({"sku": ["a"], "price (SEK)": ["1"]}).write_csv(file)
    ended = run("push", file, "products", "--key", "sku")
    assert "1 of 1 row has problems; nothing was sent. Mend them, or send the other rows with --on-invalid skip" in (
        " ".join(ended.err.split())
    )
    assert "price (SEK)=price-SEK" in ended.err
    told = run("push", file, "products", "--key", "sku", "--json").document
    assert "--on-invalid skip" in told["message"]
    assert "--property" in told["problems"][0]["hint"]
    planned = run("plan", file, "--key", "sku", "--json").document
    assert "--ids camel" in planned["problems"][0]["hint"]


def test_no_command_speaks_python(run, box, tmp_path):
    """Wherever a report, a problem or an error is shown."""
    file = tmp_path / "t.csv"
    pl.DataFrame({"sku": ["a"], "price (SEK)": ["1"], "link": ["no link"]}).write_csv(file)
    checked = run("datatile", "check", file)
    assert "--names safe" in " ".join(checked.out.split())
    assert "--names safe" in run("datatile", "check", file, "--json").document["problems"][0]["hint"]
    assert "--link or --path" in run("media", "push", file).err
    assert "--identifier or --id" in run("media", "read").err
    pushed = run("media", "push", file, "--link", "link", "--on-invalid", "skip")
    assert ".failed()" not in pushed.out + pushed.err
    file.write_text("sku,name\na,Chair\n")
    waiting = run("carecloud", "import", file, "--entity", "note", "--key", "sku", "--no-wait")
    assert "see occtoo-frames carecloud status" in waiting.out
    assert ".failed()" not in waiting.out


def test_what_is_said_beside_a_sync_file_is_refused_as_it_was_typed(run, box, tmp_path):
    """Whatever is said of a table alone, and a key other than the file's."""
    table, file = tmp_path / "t.csv", tmp_path / "t.cc5txt"
    table.write_text("sku,name\na,Chair\n")
    of.carecloud.write_sync_file(table, file, entity="note", key="sku")
    words = ("carecloud", "import", file, "--entity", "note")
    of_tables = ("--type", "sku=int", "--deletes", "disable", "--empty-text", "null", "--on-invalid", "skip")
    refused = run(*words, *of_tables, "--csv-separator", ";")
    assert (
        "leave out --type, --deletes, --empty-text, --on-invalid, --csv-separator, --csv-encoding, --sheet and "
        "--sheet-number, or import the table"
    ) in " ".join(refused.err.split())
    assert "has the key entityId already: leave out --key" in " ".join(run(*words, "--key", "id").err.split())


def test_one_is_not_many(run, box, tmp_path):
    """Of rows, entries, values and requests."""
    file = tmp_path / "t.csv"
    pl.DataFrame({"sku": ["a", "a"], "v": ["1", "2"]}).write_csv(file)
    words = (file, "--key", "sku", "--duplicates", "last")
    said = " ".join(run("plan", *words).out.split())
    assert "2 rows become 1 entry with 1 value in 1 request" in said
    assert "1 row gives way to another row of the same key and is not sent" in said
    foretold = run("push", words[0], "products", *words[1:], "--dry-run").out
    assert "1 create, 1 request" in foretold


def test_a_folder_is_named_as_it_was_typed(run):
    """Though the folder that one is in has no name of its own."""
    assert ".: only .parquet, .csv and .xlsx files are read" in run("plan", ".", "--key", "sku").err
    assert ".: only .csv, .parquet, .xlsx are written" in run("read", "http://127.0.0.1:1/a/b/v1/c", "--out", ".").err

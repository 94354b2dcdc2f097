"""The separator of a csv is found by its header and its records."""

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import occtoo_frames as of
from occtoo_frames._frames.csvs import separator_of
from occtoo_frames._frames.files import from_path


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ('sku;c0\r\nk0;"line\nbreak"\r\n', ";"),
        ('sku;c0\r\nk0;"a, b; c ""d"""\r\nk1;\r\n', ";"),
        ('"sku";"a,b,c"\n"k0";"x,y,z"\n', ";"),
        ('sku\tsize, in cm\nk0\t"1,5"\nk1\t2\n', "\t"),
        ("sku;preis;menge\nk0;1,5;2,5\nk1;10,25;3,0\n", ";"),
        ('sku|name\nk0|5" pipe; long, blue\nk1|x\n', "|"),
        ("sku;name;note\nk0;x\nk1;y;z\n", ";"),
        ('sku;name;a\nk0;"5" pipe";x\n', ";"),
        ("sku;name\n", ";"),
        ("sku;name", ";"),
        ("sku;name\n\nk0;x\n\n", ";"),
        ("sku,a;b,c|d,e\nk0,1,2,3\n", ","),
        ("sku\nk0;k1,k2\n", ","),
        ("sku\rk0\r", ","),
        ("sku;text\n" + "".join(f'k{at};"{"long, " * 50}\n{"text; " * at}"\n' for at in range(200)), ";"),
        ("sku;text\nk0;" + "x," * 50_000 + "\n", ";"),
        ("sku;Preis (EUR, netto)\n1;12,50\n", ";"),
        ("sku;Maße (B, H, T)\n1;1, 2, 3\n", ";"),
        ("sku\tname, long\nk0\tx, y\n", "\t"),
        ("sku, name; short, size\nk0, x; y, 3\n", ","),
        ("sku, name\nk0, x\nk1\n", ","),
    ],
    ids=range(21),
)
def test_the_separator_of_a_csv_is_found(tmp_path, text, separator):
    """Whatever stands between quotes, in long records, or in a cut last one."""
    file = tmp_path / "t.csv"
    file.write_bytes(text.encode())
    assert separator_of(file) == separator


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_separator_that_is_no_comma_is_told(tmp_path, separator):
    """It was found, not known."""
    file = tmp_path / "t.csv"
    file.write_text(f"sku{separator}name\nk0{separator}x\n", encoding="utf-8")
    told = "".join(from_path(file).warnings)
    assert told == ("" if separator == "," else f"t.csv: columns separated by {separator!r}")


@given(
    st.sampled_from(",;\t|"),
    st.integers(2, 6).flatmap(
        lambda width: st.lists(st.lists(st.text(', ;\t|"\n\rab'), min_size=width, max_size=width), max_size=8)
    ),
)
def test_the_separator_of_what_was_written_as_csv_is_found(separator, records):
    """If the header's names need no quotes; whatever the cells hold."""
    width = len(records[0]) if records else 2
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=separator).writerows([[f"c{at}" for at in range(width)], *records])
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "t.csv")
        file.write_bytes(written.getvalue().encode())
        assert separator_of(file) == separator


def test_a_column_that_is_not_found_tells_at_what_the_others_were_cut(tmp_path):
    """And how to say another; what was said is not told again."""
    file = tmp_path / "t.csv"
    file.write_text("sku;a,b\nk0;1,2\n", encoding="utf-8")
    with pytest.raises(of.ColumnNotFoundError, match=r"separated at ','.*read_options={'separator': ';'}"):
        of.plan(file, "sku")
    assert of.plan(file, "sku", ids="camel", read_options={"separator": ";"}).ok
    with pytest.raises(of.ColumnNotFoundError) as told:
        of.plan(file, "key", read_options={"separator": ";"})
    assert "separator" not in str(told.value)


@pytest.mark.parametrize(("header", "other"), [("key, name|text", "','"), ("sku,name", "'…'")])
def test_the_separator_that_is_advised_stands_in_the_header(tmp_path, header, other):
    """Where none does, which one is left to who reads the advice."""
    file = tmp_path / "t.csv"
    file.write_text(f"{header}\n", encoding="utf-8")
    with pytest.raises(of.ColumnNotFoundError, match=rf"read_options={{'separator': {other}}}"):
        of.plan(file, "missing")

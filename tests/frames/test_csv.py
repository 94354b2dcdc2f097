"""A csv is read as it was meant, or refused by its line."""

import csv
import io
import tempfile
from itertools import accumulate
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import occtoo_frames as of
from occtoo_frames._frames import widths
from occtoo_frames._frames.csvs import read_csv
from occtoo_frames._frames.files import from_path
from occtoo_frames._frames.widths import Shape, Wanted, shape_of


@pytest.fixture
def file(tmp_path, monkeypatch):
    """A csv, beside which nothing is left behind."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    Path(tempfile.gettempdir()).mkdir()
    yield tmp_path / "t.csv"
    assert not list(Path(tempfile.gettempdir()).iterdir())


def _rows(file, **options):
    return from_path(file, options).whole().rows()


def test_one_broken_byte_does_not_make_another_encoding(file):
    """Two thousand good rows would be spoiled, and nobody told."""
    good = "".join(f"k{at},Blå stol\n" for at in range(2000)).encode()
    file.write_bytes(b"sku,name\n" + good + b"kx,broken \xff\n")
    with pytest.raises(
        of.UnsupportedFrameError, match=r"t\.csv cannot be read: .*line 2002 holds the byte 0xff"
    ) as told:
        from_path(file)
    assert "read_options={'encoding': 'cp1252'}" in str(told.value)
    assert "Ã" in from_path(file, {"encoding": "cp1252"}).whole()["name"][0]


def test_one_line_of_utf_8_in_another_encoding_is_seen_wherever_it_stands(file):
    """Two exports were put into one file."""
    file.write_bytes(b"sku,name\n" + "k,å\n".encode("cp1252") * 300_000 + "x,å\n".encode())
    with pytest.raises(of.UnsupportedFrameError, match="line 2 holds the byte 0xe5"):
        from_path(file)


def test_a_file_that_is_in_no_found_encoding_says_so(file):
    """Windows' has holes."""
    file.write_bytes(b"sku,name\na,x\nb,\x81\n")
    with pytest.raises(of.UnsupportedFrameError, match="cannot be read as cp1252"):
        from_path(file)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_is_found_or_asked_for(file, encoding):
    """Every other byte is a zero in what is mostly ASCII; where it is not, the header tells."""
    file.write_bytes("sku;name\r\na-1;Blå stol\r\na-2;椅子\r\n".encode(encoding))
    assert _rows(file) == [("a-1", "Blå stol"), ("a-2", "椅子")]
    assert from_path(file).warnings[0] == f"t.csv: read as {encoding}"
    file.write_bytes("ключ;имя\nд;стул\n".encode(encoding))
    with pytest.raises(of.UnsupportedFrameError, match="header holds bytes of zero, as in UTF-16 without its mark"):
        from_path(file)
    assert _rows(file, encoding=encoding) == [("д", "стул")]


def test_a_zero_among_texts_makes_no_other_encoding(file):
    """It is a character like any other."""
    file.write_bytes(b"k,v\na,x\0y\nb,z\n")
    assert _rows(file) == [("a", "x\0y"), ("b", "z")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("sep=;\r\nk;v\r\na;å,b\r\n", [("a", "å,b")]),
        ('"sep=;"\nk;v\na;å,b\n\n', [("a", "å,b")]),
        ("SEP=\t\nk\tv\na\tå\n", [("a", "å")]),
        ("sep=,\nk,v\nå;b;c,d\n", [("å;b;c", "d")]),
        ('sep=;\n\nk;"v\nw"\nå;b\n', [("å", "b")]),
    ],
)
def test_a_line_that_states_the_separator_is_no_header(file, text, rows, encoding):
    """A spreadsheet writes it, and hides it again."""
    file.write_bytes(text.encode(encoding))
    assert _rows(file) == rows


def test_behind_a_stated_separator_lines_count_as_in_editors(file):
    """The line is one of them; another separator may still be said."""
    for text, words in [
        ("sep=;\nk;v\na;1;2\n", "line 3 has 3 columns"),
        ('sep=;\nk;v\na;"x\n', "line 3 holds a quote that is never closed"),
        ('sep=;\nk;v\na;x\nb;5" pipe\nc;"5" pipe"\n', "line 4 holds a quote within a cell"),
    ]:
        file.write_text(text)
        with pytest.raises(of.UnsupportedFrameError, match=words):
            from_path(file)
    file.write_text("sep=;\nk;v\na;x\nb\n")
    assert "line 4 has fewer columns" in from_path(file).warnings[1]
    file.write_text('sep=;\nk;v\na;5" x\nb\n')
    with pytest.raises(of.UnsupportedFrameError, match="line 3 holds a quote within"):
        from_path(file)
    file.write_text("sep=;\nk,v\na,1\n")
    assert _rows(file, separator=",") == [("a", "1")]


@pytest.mark.parametrize("text", ["sep=;", "sep=;x\na;1\n", "sep=\nb\n", "sep=;;\na;;\n"])
def test_what_only_begins_like_a_stated_separator_is_a_header(file, text):
    """There may be such a column."""
    file.write_text(text)
    assert from_path(file).columns[0].startswith("sep=")


def test_a_rewritten_file_that_is_refused_is_not_left_behind(file):
    """The fixture looks."""
    file.write_bytes("sku,å,å\na,1,2\n".encode("cp1252"))
    with pytest.raises(of.UnsupportedFrameError, match="several columns are called 'å'"):
        from_path(file)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("k,v\na,1\n\n", [("a", "1")]),
        ("k,v\r\na,1\r\n\r\n\r\n", [("a", "1")]),
        ("k,v\na,1\n,\n,\n", [("a", "1")]),
        ("k,v\na,1\n\nb,2", [("a", "1"), (None, None), ("b", "2")]),
        ('k,v\na,1\n"",\n', [("a", "1"), ("", None)]),
        ("k,v\n\n", []),
        ("k\na\n\n", [("a",)]),
        ("\n\nk,v\na,1\n", [("a", "1")]),
        ("k,v,\na,1,\nb,2,\n", [("a", "1"), ("b", "2")]),
        ("k,,v,,\na,,1,,\nb,,2,,\n", [("a", "1"), ("b", "2")]),
        ("k,v,\na,1\n", [("a", "1")]),
        ('k,"v ""x"""\na,1\n', [("a", "1")]),
    ],
)
def test_empty_rows_at_the_end_and_nameless_empty_columns_are_nothing(file, text, rows):
    """As in a spreadsheet; an empty row between others is one."""
    file.write_bytes(text.encode())
    source = from_path(file)
    assert source.whole().rows() == rows
    assert not source.warnings


def test_a_nameless_column_with_values_stays_and_two_are_named_by_their_place(file):
    """A csv of pandas has its index there."""
    file.write_text(",,v\n0,,1\n")
    assert from_path(file).columns == ["", "v"]
    file.write_text(",,v\n0,9,1\n")
    with pytest.raises(of.UnsupportedFrameError, match=r"columns \[1, 2\] have values but no name"):
        from_path(file)


def test_a_quoted_name_is_read_as_it_was_written(file):
    """Its doubled quotes are single ones."""
    file.write_text('k,"5"" pipe"\na,1\n')
    assert from_path(file).columns == ["k", '5" pipe']


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('k,v\na,"1\n2"\nb,1,2\n', "line 4 has 3 columns, the header has 2"),
        ('k,v\na,1\nb,5" pipe\n', "line 3 holds a quote within a cell"),
        ('k,v\na,1\nb,"5" pipe"\n', "line 3 holds a quote within a cell"),
        ('k,v\na,5" pipe\nb,6" pipe\n', "line 2 holds a quote within a cell"),
        ('k,v\na,1\nb,"2\nc,3\n', "line 3 holds a quote that is never closed"),
        ("k,v\ra,1\rb,2\r", "its lines end in CR alone"),
        ("k\ra\rb\r", "its lines end in CR alone"),
    ],
)
def test_what_can_only_be_misread_is_refused_by_file_and_line(file, text, words):
    """When it is opened, not in the middle of a push."""
    file.write_bytes(text.encode())
    with pytest.raises(of.UnsupportedFrameError, match=f"t.csv cannot be read: {words}"):
        from_path(file)


def test_short_rows_are_told(file):
    """What they lack is missing, as before."""
    file.write_text('k,v,w\na,"1\n2"\nb,2,3\n\nc\n', encoding="utf-8-sig")
    source = from_path(file)
    assert source.whole().rows() == [("a", "1\n2", None), ("b", "2", "3"), (None, None, None), ("c", None, None)]
    assert source.warnings == (
        "t.csv: 2 lines have fewer columns than the header, the first is line 2, and what they lack is missing",
    )
    file.write_text('k,v,w\na,x 5" y 6"\nb,2,3\n')
    (told,) = from_path(file).warnings
    assert told == "t.csv: line 2 has fewer columns than the header, and what they lack is missing"


@pytest.mark.parametrize(
    ("line", "least", "expected"),
    [
        ("a,b", 3, Shape(1, 150_002, 0, 0)),
        ("a,b", 2, Shape()),
        ("", 3, Shape()),
        ("a,b,c,d", 3, Shape(0, 0, 150_002, 4)),
        ('a,"b\n",c', 3, Shape()),
        ("a,b\na,b,c,d", 3, Shape()),
    ],
)
def test_one_uneven_line_among_many_is_found(file, line, least, expected):
    """A short and a long one beside each other are the engine's to refuse, since no quote makes anybody look."""
    even = "1,2,3\n" * 150_000
    file.write_text(f"a,b,c\n{even}{line}\n{even}")
    assert shape_of(file, Wanted(",", least, 3)) == expected
    if line == "a,b\na,b,c,d":
        with pytest.raises(of.UnsupportedFrameError, match="cannot be read"):
            of.plan(file, "a")


_CELLS = st.text(',"\r\nab', max_size=4)


@given(st.lists(st.lists(_CELLS, min_size=1, max_size=5), max_size=20), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_the_shape_is_what_pythons_reader_says(records, end, closed):
    """Whatever stands in the cells, and wherever a block of bytes ends."""
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator=end, quoting=csv.QUOTE_ALL).writerows([["a", "b", "c"], *records])
    text = written.getvalue() if closed else written.getvalue().removesuffix(end)
    lines = list(accumulate([2, *(1 + "".join(record).count("\n") for record in records)]))[: len(records)]
    short = [line for line, record in zip(lines, records, strict=True) if len(record) < 3]
    long = [(line, len(record)) for line, record in zip(lines, records, strict=True) if len(record) > 3]
    expected = Shape(len(short), *(short[:1] or [0]), *(long[:1] or [(0, 0)])[0])
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "t.csv")
        file.write_bytes(text.encode())
        assert {_shape(file, size) == expected for size in (1, 7, 1 << 20)} == {True}


def _shape(file, size):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(widths, "_BLOCK_BYTES", size)
        return shape_of(file, Wanted(",", 3, 3))


@given(st.lists(st.lists(st.one_of(st.none(), st.text(',"\r\nåa', max_size=5)), min_size=3, max_size=3), max_size=9))
def test_a_csv_that_the_engine_wrote_is_read_back(records):
    """But for the empty rows at its end."""
    frame = pl.DataFrame(records, schema=dict.fromkeys("abc", pl.String), orient="row")
    while frame.height and not any(value is not None for value in frame.row(-1)):
        frame = frame.head(-1)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "t.csv")
        pl.DataFrame(records, schema=dict.fromkeys("abc", pl.String), orient="row").write_csv(file)
        assert read_csv(file, ",", None).frame.collect().rows() == frame.rows()


@pytest.mark.parametrize("options", [[1], "separator", 5])
def test_read_options_are_a_dictionary(file, options):
    """Anything else is said."""
    file.write_text("k,v\na,1\n")
    with pytest.raises(of.ConfigurationError, match="give a dictionary"):
        of.plan(file, "k", read_options=options)

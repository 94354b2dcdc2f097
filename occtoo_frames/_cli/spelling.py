"""Messages of the package in the words of a command line: ``--on-invalid skip`` instead of ``on_invalid='skip'``.

Takes text, gives text. What is no argument with an option of its own stays as it is.
"""

import ast
import re
import shlex

import polars as pl

_RENAMED = {
    "delete": "delete-column",
    "file_ids": "id",
    "properties": "property",
    "types": "type",
    "unique_identifier": "identifier",
    "unique_identifiers": "identifier",
}
_NAMES = (
    "accept|allow|changed_only|concurrency|correlation_id|deletes?|dry_run|duplicates|empty_text|file_ids|filename|"
    "format|ids|key|key_separator|labels|language_column|layout|link|list_separator|max_delete|mirror|mode|names|nulls|"
    "on_existing|on_invalid|path|properties|raw|resume|types|unique_identifiers?"
)
_PHRASES = {
    "when_busy='wait'": "--turn",
    "leave labels= and value_labels= out": "leave --labels out",
    "neither columns nor explode": "neither --column nor --explode",
    "read_media needs": "media read needs",
    "push_media needs": "media push needs",
    "carecloud.status": "occtoo-frames carecloud status",
}
"""What is said in another way altogether."""

_ARGUMENT = re.compile(
    rf"(?<![\w'\"{{?&])(?P<name>{_NAMES})="
    r"(?:(?P<text>'[^'\n]*')(?P<others>(?:(?:, | or )'[^'\n]*')*)"
    r"|\[(?P<listed>'[^'\n]*'(?:, '[^'\n]*')*)\]"
    r"|(?P<pairs>\{[^{}\n]*\})|(?P<plain>True\b|[\d.]*\d)|(?![\w\[{'\"]))"
)
_BARE = re.compile(
    r"(?<![\w'\"{-])(?P<name>max_delete|on_invalid|key_separator|list_separator|language_column)(?![\w'\"=])"
)
_LONGEST = re.compile(r"longer than max_wait_s=([\d.e+]+)")
_READING = re.compile(r"(?<![\w'\"{?&])read_options=(?![\w\[{'\"])")
_LANGUAGES = re.compile(r"(?<![\w'\"{])lang_cols\[('[^'\n]*')\]")
_ATTRIBUTE = re.compile(
    r" \(see \.problems\)|; see \.(?:problems|report)\b|; \.report has each of them| \(of\.forget\(source\) does\)|"
    r"\n  \.failed\(\) gives [^\n]*|, or raise max_wait_s (?:or the budget )?of the retry policy"
)
"""Where Python would look, or what it would call; a command has shown it, has it in its document, or has none."""


def in_options(message: str) -> str:
    """``message``, its arguments spelled as options."""
    told = _ATTRIBUTE.sub("", message)
    for phrase, typed in _PHRASES.items():
        told = told.replace(phrase, typed)
    told = _ARGUMENT.sub(_option, told)
    told = _BARE.sub(lambda found: _named(found["name"]), told)
    told = _LONGEST.sub(r"longer than \1 s", told)
    told = _READING.sub("--csv-separator, --csv-encoding, --sheet and --sheet-number", told)
    return _LANGUAGES.sub(r"--lang \1", told)


def with_options(problems: pl.DataFrame) -> pl.DataFrame:
    """The same of every message and hint of a frame of problems."""
    texts = [pl.col(name) for name in ("message", "hint") if name in problems.columns]
    return problems.with_columns(text.map_elements(in_options, return_dtype=pl.String) for text in texts)


def _option(found: re.Match[str]) -> str:
    option = _named(found["name"])
    if found["pairs"] is not None:
        return " ".join(f"{option} {said}" for said in _pairs(found["pairs"]))
    if found["listed"] is not None:
        return " ".join(f"{option} {shlex.quote(value)}" for value in ast.literal_eval(f"[{found['listed']}]"))
    value = found["plain"] if found["text"] is None else found["text"][1:-1]
    if value in {None, "True"}:
        return option
    others = re.sub(r"'([^'\n]*)'", lambda other: shlex.quote(other[1]), found["others"] or "")
    return f"{option} {shlex.quote(value)}{others}"


def _pairs(mapping: str) -> list[str]:
    """``COLUMN=value`` for each item of a dictionary as Python writes it, or as a hint hints at one."""
    whole = mapping.replace(", …}", "}")
    try:
        return [shlex.quote(f"{column}={value}") for column, value in ast.literal_eval(whole).items()]
    except (ValueError, SyntaxError, AttributeError):
        value = mapping.strip("{}").partition(": ")[2]
        return ["COLUMN=" + (value[1:-1] if value.startswith("'") else "ID")]


def _named(name: str) -> str:
    return f"--{_RENAMED.get(name, name).replace('_', '-')}"

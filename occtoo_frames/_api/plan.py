"""``of.plan``, ``of.validate``, ``of.to_entries``, ``of.from_entries``: what a push would do, without doing it."""

from collections.abc import Callable, Mapping
from functools import wraps
from inspect import signature
from typing import Any, ParamSpec, TypeVar

from occtoo_frames._api.send import send
from occtoo_frames._frames.door import open_frame
from occtoo_frames._frames.exit import to_kind
from occtoo_frames._push.entries import SCHEMA, as_wide
from occtoo_frames._push.options import Options
from occtoo_frames._push.plan import PushPlan
from occtoo_frames._push.planning import make_plan
from occtoo_frames.typing import INDEX, Duplicates, Frame, Ids, Key, LangCols, Nulls, Properties, Style

P = ParamSpec("P")
R = TypeVar("R")


def plan(
    frame: Frame,
    key: Key,
    lang_cols: LangCols = None,
    *,
    properties: Properties = None,
    ids: Ids = "strict",
    delete: str | None = None,
    nulls: Nulls = "skip",
    duplicates: Duplicates = "fail",
    list_separator: str = "|",
    key_separator: str = "-",
    language_column: str | None = None,
    schema: Any = None,
    read_options: Mapping[str, Any] | None = None,
) -> PushPlan:
    """The plan of a push: what each column becomes, every problem, and the exact request bodies. No network.

    Args:
        frame: A pandas DataFrame, polars DataFrame or LazyFrame, pyarrow Table or RecordBatchReader, anything with
            ``__arrow_c_stream__``, or a path to .parquet, .csv or .xlsx. It is not changed.
        key: The column whose values tell entries apart, a list of columns joined by ``key_separator``, or
            ``of.INDEX`` for the index of a pandas frame.
        lang_cols: Which columns hold a property in a language: ``{"name": ["en", "sv"]}`` finds ``name_en`` (or
            ``name-en``, ``name.en``, ``name:en``, ``name@en``, ``name[en]``), ``{"name": {"en": "Name (English)"}}``
            says the columns, ``["name"]`` takes every language of it, ``"auto"`` finds all that are plainly so.
        properties: The columns to send, or ``{column: property id}``; all by default.
        ids: ``"strict"`` makes a column name that is no legal id a problem, ``"camel"`` and ``"snake"`` make it one.
        delete: A boolean column; its true rows delete their entries.
        nulls: ``"skip"`` sends nothing for a null, so that the platform keeps what it has; ``"clear"`` an empty value.
        duplicates: What rows sharing a key are: ``"fail"`` problems, or the ``"first"`` or ``"last"`` is sent, or
            they ``"merge"``, later values winning over earlier ones and over nulls.
        list_separator: Joins the elements of a list; an element that holds it is a problem.
        key_separator: Joins the columns of the key.
        language_column: The column that says each row's language, in tables with a row for each key and language.
        schema: A pandera schema or DataFrameModel, for pandas or polars; its failures are problems too.
        read_options: How to read a path: ``separator`` and ``encoding`` of a csv, ``sheet`` of an xlsx.

    Raises:
        UnsupportedFrameError: ``frame`` is no table.
        ColumnNotFoundError: A named column does not stand in it.
        PlanError: The columns cannot be turned into properties as asked.
        FileMissingError: ``frame`` is a path, and no file stands there; a FileNotFoundError, too.
    """
    options = Options(
        lang_cols=lang_cols,
        properties=properties,
        ids=ids,
        delete=delete,
        nulls=nulls,
        duplicates=duplicates,
        list_separator=list_separator,
        key_separator=key_separator,
        language_column=language_column,
        schema=schema,
    )
    source = open_frame(frame, with_index=key is INDEX, read_options=read_options)
    return make_plan(source, key, options, original=frame, sender=send)


def _of_what(make: Callable[P, PushPlan]) -> Callable[[Callable[[PushPlan], R]], Callable[P, R]]:
    """Makes a function of a plan one of the table: it takes what ``make`` takes."""

    def of_table(look: Callable[[PushPlan], R]) -> Callable[P, R]:
        @wraps(look)
        def looked(*args: P.args, **kwargs: P.kwargs) -> R:
            return look(make(*args, **kwargs))

        shown = signature(make).replace(return_annotation=signature(look).return_annotation)
        looked.__signature__ = shown  # type: ignore[attr-defined]  # help() and notebooks show it
        looked.__annotations__ = {**make.__annotations__, "return": shown.return_annotation}
        return looked

    return of_table


@_of_what(plan)
def validate(planned: PushPlan) -> Any:
    """The problems of a table, as a frame of the caller's kind: ``plan(…).problems``.

    Columns: row, key, column, property, language, rule, value, message, hint. Empty if everything can be sent.
    Arguments and errors as of ``plan``.
    """
    return planned.problems


@_of_what(plan)
def to_entries(planned: PushPlan) -> Any:
    """The entries of a table's valid rows, long: key, delete, property, language, value; a row for each value.

    Arguments and errors as of ``plan``.
    """
    return planned.entries()


def from_entries(entries: Frame, *, style: Style = "name_lang") -> Any:
    """Long entries as a wide table: key, delete (if any is), and a text column for each property and language.

    Args:
        entries: What ``to_entries`` gives: key, property, value, and if there are any language and delete. Cells that
            are no text, numbers for example, are written as those of a table are.
        style: How a localised property and its language make a column's name, such as ``name[lang]``.

    Raises:
        PlanError: A column is missing, a (key, property, language) stands twice, two columns would share a name, or
            a cell cannot be read, or not be written.
    """
    source = open_frame(entries)
    told = [name for name in source.columns if name in SCHEMA]
    long = source.as_written.whole("entries", told)
    return to_kind(as_wide(long, style, whole_keys="key" in source.whole_floats), source.kind)


def plan_deletion(
    frame: Frame, key: Key, *, key_separator: str, duplicates: Duplicates, read_options: Mapping[str, Any] | None
) -> PushPlan:
    """The plan that deletes every entry whose key stands in ``frame``; other columns are not looked at."""
    source = open_frame(frame, with_index=key is INDEX, read_options=read_options)
    options = Options(properties=[], key_separator=key_separator, duplicates=duplicates, delete_all=True)
    return make_plan(source, key, options, original=frame, sender=send)

"""What ``lang_cols`` asks for: which column holds which property in which language.

Takes the argument and the names of columns, gives (base, language) for each column, and why others were passed over.
All names are read once, however many are asked for.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

import polars as pl

from occtoo_frames._frames.meant import hint_for
from occtoo_frames._frames.source import Source
from occtoo_frames._given import is_list
from occtoo_frames._push.languages import Spelled, by_base, detect, find_columns, read_name, spellings
from occtoo_frames.exceptions import ColumnNotFoundError, PlanError
from occtoo_frames.protocol.rules import is_language
from occtoo_frames.typing import LangCols, Texts


class LanguageColumnNotFoundError(ColumnNotFoundError, PlanError):
    """A column that ``lang_cols`` asks for does not stand in the table."""


def column_name(name: object, role: str) -> str:
    """A column's name as the engine has it: pandas names columns by numbers and dates, too."""
    if name is None or isinstance(name, bool | list | tuple | set | frozenset | Mapping):
        raise PlanError(f"{role}={name!r}: give the name of a column")
    return str(name)


def column_names(names: object, role: str) -> list[str]:
    """The names of one column, or of several in any list of Python, pandas, numpy or polars; a set has no order.

    Raises:
        PlanError: It is, or holds, something else.
    """
    if is_list(names) and not isinstance(names, set | frozenset):
        return [column_name(name, role) for name in names]
    return [column_name(names, role)]


def listed_names(source: Source, lang_cols: LangCols) -> tuple[str, ...]:
    """With a language column ``lang_cols`` may list the columns that are localised whatever their values say."""
    if lang_cols is None:
        return ()
    if not is_list(lang_cols):
        raise PlanError("with language_column, lang_cols can only be a list of the columns that are localised")
    names = tuple(column_name(name, "lang_cols") for name in lang_cols)
    source.require(names, "lang_cols")
    return names


def languages_asked(
    source: Source, plain: Sequence[str], lang_cols: LangCols
) -> tuple[dict[str, tuple[str, str]], dict[str, str]]:
    """Column → (base, language), and notes on columns that were passed over."""
    if lang_cols is None:
        return {}, {}
    if isinstance(lang_cols, Mapping):
        known, spelled = frozenset(source.columns), by_base(each for name in plain for each in spellings(name))
        asked_of = ((str(base), asked, spelled.get(str(base), ())) for base, asked in lang_cols.items())
        pairs = [found for base, asked, wanted in asked_of for found in _asked(source, known, wanted, base, asked)]
    elif isinstance(lang_cols, str):
        if lang_cols != "auto":
            raise PlanError(f'lang_cols={lang_cols!r}: give "auto", a list of names, or {{name: languages}}')
        taken, passed = detect({name: source.schema[name] for name in plain}, _empty(source, plain))
        return {spelled.column: (spelled.base, spelled.language) for spelled in taken}, passed
    elif is_list(lang_cols):
        real = by_base(filter(None, map(read_name, plain)))
        pairs = [found for base in lang_cols for found in _all_of(plain, real, str(base))]
    else:
        raise PlanError(f'lang_cols={lang_cols!r}: give "auto", a list of names, or {{name: languages}}')
    claimed: dict[str, tuple[str, str]] = {}
    for column, base, language in pairs:
        if column in claimed and claimed[column] != (base, language):
            raise PlanError(f"column {column!r} is asked for as {claimed[column]} and as {(base, language)}")
        claimed[column] = (base, language)
    return claimed, {}


def _empty(source: Source, plain: Sequence[str]) -> set[str]:
    """The columns that may be of a language and hold nothing: pandas calls them floats, others give them no type."""
    named, frame = [name for name in plain if read_name(name) is not None], source.with_nulls
    untyped = {name for name in named if _is_untyped(source.schema[name])}
    if not isinstance(frame, pl.DataFrame) or not frame.height:
        return untyped
    held = frame.select(name for name in named if name in frame.columns)
    return untyped | {column.name for column in held if column.null_count() == frame.height}


def _is_untyped(dtype: pl.DataType) -> bool:
    return isinstance(dtype.inner if isinstance(dtype, pl.List) else dtype, pl.Null)


def _asked(
    source: Source,
    known: Collection[str],
    wanted: Sequence[Spelled],
    base: str,
    asked: Texts | Mapping[str, str],
) -> Iterator[tuple[str, str, str]]:
    if not isinstance(asked, Mapping) and not is_list(asked):
        raise PlanError(f"lang_cols[{base!r}]={asked!r}: give a list of languages, or {{language: column}}")
    for language in asked:
        if not isinstance(language, str) or not is_language(language):
            raise PlanError(
                f"lang_cols[{base!r}]: {language!r} is no language: it needs 2 to 10 characters of A-Z a-z 0-9 _ -"
            )
        if isinstance(asked, Mapping):
            column = column_name(asked[language], f"lang_cols[{base!r}][{language!r}]")
            if column not in known:
                raise _missing(source, base, language, f"column {column!r}")
        else:
            column = _only(source, wanted, base, language)
        yield column, base, language


def _only(source: Source, wanted: Sequence[Spelled], base: str, language: str) -> str:
    found = find_columns(wanted, language)
    if not found:
        raise _missing(source, base, language, f"a column like '{base}_{language}' or '{base}[{language}]'")
    if len(found) > 1:
        raise PlanError(f"{base!r} in {language!r} stands in two columns: {found}; say which with {{language: column}}")
    return found[0]


def _missing(source: Source, base: str, language: str, wanted: str) -> LanguageColumnNotFoundError:
    real = by_base(filter(None, map(read_name, source.columns)))
    return LanguageColumnNotFoundError(
        f"lang_cols[{base!r}] asks for {wanted} ({language!r}), which is not there; {_hint(base, source.columns, real)}"
    )


def _all_of(plain: Sequence[str], real: Mapping[str, Sequence[Spelled]], base: str) -> list[tuple[str, str, str]]:
    if base not in real:
        raise LanguageColumnNotFoundError(
            f"lang_cols: no column is {base!r} with a language, as in '{base}_en'; {_hint(base, plain, real)}"
        )
    return [(spelled.column, base, spelled.language) for spelled in real[base]]


def _hint(base: str, columns: Sequence[str], real: Mapping[str, Sequence[Spelled]]) -> str:
    """Columns that hold ``base``, else what is spelled nearly so, or is there, with a language or at all."""
    alike = [name for name in columns if base.lower() in name.lower()]
    return f"columns like it: {alike[:5]}" if alike else hint_for(base, [*real] or columns, (), "lang_cols")

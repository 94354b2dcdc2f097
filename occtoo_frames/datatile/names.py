"""Columns become variables: which names are legal as they are, and legal ones made of the others.

Takes column names, gives a variable for each, and problems where it may not choose.
"""

import re
from collections.abc import Sequence
from typing import Literal, TypeAlias

import polars as pl

from occtoo_frames._push.naming import suggest_id
from occtoo_frames._push.problems import Place, problems
from occtoo_frames.exceptions import ConfigurationError
from occtoo_frames.protocol.datatile import NAME_MAX_LENGTH, RESERVED, is_variable_name

Names: TypeAlias = Literal["strict", "safe"]


def variables_of(columns: Sequence[str], names: Names) -> dict[str, str]:
    """The variable of each column: its own name when strict, a legal and unique one when safe.

    Raises:
        ConfigurationError: ``names`` is neither.
    """
    if names == "strict":
        return {column: column for column in columns}
    if names != "safe":
        raise ConfigurationError(f"names={names!r}: it is 'strict' or 'safe'")
    taken = {column.upper() for column in columns if is_variable_name(column)}
    kept: set[str] = set()
    variables: dict[str, str] = {}
    for column in columns:
        if is_variable_name(column) and column.upper() not in kept:
            variables[column] = column
        else:
            variables[column] = _unique(legal_name(column), taken | kept)
        kept.add(variables[column].upper())
    return variables


def legal_name(text: str) -> str:
    """A legal name close to ``text``: accents dropped, what is not allowed an underscore, a letter first."""
    plain = re.sub(r"[^A-Za-z0-9#_.@]+", "_", suggest_id(re.sub(r"[#.@]", "_", text)).replace("-", "_")).strip("_")
    named = plain if re.match(r"[A-Za-z]", plain) else f"v_{plain}".rstrip("_")
    cut = named[:NAME_MAX_LENGTH]
    return f"{cut}_" if cut.upper() in RESERVED else cut


def name_problems(variables: dict[str, str]) -> list[pl.DataFrame]:
    """What is wrong with the names that columns have, each with a name that would do."""
    found = []
    first: dict[str, str] = {}
    safe = variables_of(list(variables), "safe")
    for column, variable in variables.items():
        place = Place(column, variable)
        hint = f"rename it, to {safe[column]!r} for instance, or let names='safe' do it"
        if not is_variable_name(variable):
            found.append(problems("variable-name", _why(variable), hint, place=place))
        elif variable.upper() in first:
            message = f"the collector takes it for the same variable as {first[variable.upper()]!r}"
            found.append(problems("variable-duplicate", message, hint, place=place))
        first.setdefault(variable.upper(), column)
    return found


def _why(name: str) -> str:
    if name.upper() in RESERVED:
        return f"{name!r} is a reserved word"
    if len(name) > NAME_MAX_LENGTH:
        return f"the name has {len(name)} characters; a variable's has at most {NAME_MAX_LENGTH}"
    return "a variable's name is made of A-Z, a-z, 0-9, #, _, . and @, a letter first"


def _unique(name: str, taken: set[str]) -> str:
    number, found = 2, name
    while found.upper() in taken:
        ending = f"_{number}"
        found = f"{name[: NAME_MAX_LENGTH - len(ending)]}{ending}"
        number += 1
    return found

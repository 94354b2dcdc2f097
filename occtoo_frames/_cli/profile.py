"""The command that says which connection the others would use, without saying a secret."""

import polars as pl
from rich.text import Text

import occtoo_frames as of
from occtoo_frames._cli.options import Json
from occtoo_frames._cli.output import Output
from occtoo_frames._cli.views import frame_table
from occtoo_frames._session.places import GROUPS, profiles_path, variable

_GROUPS = {"provider": "to push", "application": "to read protected destinations"}


def profile(*, as_json: Json = False) -> None:
    """Show the connection that the environment, a profile or the keyring gives."""
    output, connection = Output(as_json=as_json), of.Connection()
    found = {name: {setting: _shown(connection.setting(setting)) for setting in GROUPS[name].names} for name in _GROUPS}
    complete = {name: all(values[one] for one in GROUPS[name].credentials) for name, values in found.items()}
    for name, use in _GROUPS.items():
        title = f"{name}, {use}: {'complete' if complete[name] else 'incomplete'}"
        output.show(frame_table(_rows(found[name]), title=title))
    output.show(Text(f"profiles stand in {profiles_path()}"))
    output.answer({"profiles": str(profiles_path()), "complete": complete, "settings": found})


def _shown(value: object) -> str | None:
    return None if value is None else str(value)


def _rows(values: dict[str, str | None]) -> pl.DataFrame:
    rows = {"setting": list(values), "value": list(values.values()), "variable": [variable(name) for name in values]}
    return pl.DataFrame(rows, schema=dict.fromkeys(rows, pl.String))

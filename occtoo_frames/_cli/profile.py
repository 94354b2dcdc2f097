"""The command that says which connection the others would use, and from where, without saying a secret."""

import polars as pl
from rich.text import Text

import occtoo_frames as of
from occtoo_frames._cli.options import Json
from occtoo_frames._cli.output import Output
from occtoo_frames._cli.views import frame_table
from occtoo_frames._session.places import DEFAULTS, GROUPS, Place, profiles_path, said, variable
from occtoo_frames._session.settings import places_of

_GROUPS = {
    "provider": "provider, to push",
    "application": "application, to read protected destinations",
    "carecloud": "carecloud",
    "datatile": "datatile",
}


def profile(*, as_json: Json = False) -> None:
    """Show the connection that the environment, a profile or the keyring gives."""
    output, connection = Output(as_json=as_json), of.Connection()
    places = places_of(said("the arguments", {}), None)
    found = {name: {setting: _shown(connection.setting(setting)) for setting in GROUPS[name].names} for name in _GROUPS}
    complete = {name: all(values.values()) for name, values in found.items()}
    origins = {name: _origin(name, values, places) for name, values in found.items()}
    for name, use in _GROUPS.items():
        told = f"{'complete' if complete[name] else 'incomplete'}, from {origins[name] or 'nowhere'}"
        output.show(frame_table(_rows(found[name]), title=f"{use}: {told}"))
    output.show(Text(f"profiles stand in {profiles_path()}"))
    output.answer({"profiles": str(profiles_path()), "complete": complete, "from": origins, "settings": found})


def _shown(value: object) -> str | None:
    return None if value is None else str(value)


def _origin(group: str, values: dict[str, str | None], places: list[Place]) -> str | None:
    """The place that the settings of a group come from: all of them from the first that holds any."""
    for place in places:
        if any(name in place.values for name in GROUPS[group].names):
            return place.name
    return "the keyring" if any(value and value != DEFAULTS.get(name) for name, value in values.items()) else None


def _rows(values: dict[str, str | None]) -> pl.DataFrame:
    rows = {"setting": list(values), "value": list(values.values()), "variable": [variable(name) for name in values]}
    return pl.DataFrame(rows, schema=dict.fromkeys(rows, pl.String))

"""The local platform in a terminal: run until stopped, filled with the sample catalogue if asked to.

Takes a port, a file and whether to fill it; gives a running platform and what one needs to talk to it.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer
from rich.panel import Panel
from rich.text import Text

import occtoo_frames as of
from occtoo_frames._cli.options import Json
from occtoo_frames._cli.output import Output
from occtoo_frames._session.places import variable

Port = Annotated[int, typer.Option(min=0, max=65_535, help="Where the sandbox listens; 0 takes any that is free.")]
_VARIABLES = ("provider_id", "provider_secret", "client_id", "client_secret", "destination_id")
_ADDRESSES = ("ingest_url", "destinations_url", "global_url")
_TARGETS = (
    "carecloud_url",
    "carecloud_api_key",
    "carecloud_workspace",
    "carecloud_bucket",
    "datatile_url",
    "datatile_token",
)


@dataclass(frozen=True, slots=True)
class Shop:
    """How a source is published: its names, languages, types and facets."""

    source: str
    languages: Sequence[str]
    types: Mapping[str, str] = field(default_factory=dict)
    facets: Sequence[str] = ()

    def publish(self, box: Any) -> str:
        """The address of the endpoint, of all that was pushed into the source so far."""
        box.settle()
        url: str = box.publish(
            "shop",
            self.source,
            source=self.source,
            languages=list(self.languages),
            types=dict(self.types),
            facets=list(self.facets),
        )
        return url


SAMPLE = Shop("products", ("en", "sv", "de"), {"tags": "List", "related": "List"}, ("category", "color"))
"""What the sample catalogue is published as."""


def sample() -> pl.DataFrame:
    """The catalogue that ships with the package.

    Raises:
        ConfigurationError: The extra ``excel`` is missing.
    """
    try:
        with as_file(files("occtoo_frames._cli").joinpath("sample/catalogue.xlsx")) as path:
            return pl.read_excel(path)
    except ModuleNotFoundError as error:
        raise of.ConfigurationError(f"the catalogue needs {error.name}: pip install 'occtoo_frames[excel]'") from None


def seed(box: Any) -> str:
    """The sample catalogue is pushed and published; its address."""
    box.add_source(SAMPLE.source)
    of.push(sample(), SAMPLE.source, "sku", "auto", on_invalid="skip", progress=False, connection=box.connection)
    return SAMPLE.publish(box)


def sandbox(
    *,
    port: Port = 0,
    data: Annotated[Path | None, typer.Option(help="Keep everything in this file.")] = None,
    seeded: Annotated[bool, typer.Option("--seed", help="Fill it with the sample catalogue.")] = False,
    media_host: Annotated[list[str] | None, typer.Option(help="A host to fetch links from. Repeatable.")] = None,
    as_json: Json = False,
) -> None:
    """Run the platform's HTTP contract on 127.0.0.1 until Ctrl-C."""
    output = Output(as_json=as_json)
    with of.sandbox(data, port, media_hosts=media_host or ()) as box:
        shop = seed(box) if seeded else None
        environment = variables(box.connection)
        output.show(_view(box.url, shop, environment))
        output.answer({"url": box.url, "shop": shop, "environment": environment})
        wait()


def variables(connection: Any) -> dict[str, str]:
    """The environment with which another process finds this sandbox; its secrets are of no other use."""
    values = {name: getattr(connection, name) for name in (*_VARIABLES, *_ADDRESSES, *_TARGETS)}
    return {
        variable(name): value.reveal() if isinstance(value, of.Secret) else str(value)
        for name, value in values.items()
        if value is not None
    }


def wait() -> None:
    """Returns never: Ctrl-C or SIGTERM ends it."""
    forever = threading.Event()
    while not forever.wait(3_600):
        continue


def _view(url: str, shop: str | None, environment: Mapping[str, str]) -> Panel:
    text = Text.assemble(("The platform, on this machine: ", ""), (url, "bold cyan"), "\n")
    if shop:
        text.append(f"The sample catalogue: {shop}\n")
    text.append("\nIn another terminal:\n")
    for name, value in environment.items():
        text.append(f"export {name}={value}\n", "dim")
    text.append("\nCtrl-C ends it.")
    return Panel(text, title="sandbox", title_align="left", border_style="cyan")

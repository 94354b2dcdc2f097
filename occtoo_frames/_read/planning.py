"""From a verb's options to a plan of the read: every option is checked before anything is asked."""

from dataclasses import dataclass, field, replace

from occtoo_frames._given import to_count, to_texts
from occtoo_frames._read.destination import Destination
from occtoo_frames._read.document import Endpoint
from occtoo_frames._read.explode import PARENT, POSITION, fields_of
from occtoo_frames._read.languages import STYLES
from occtoo_frames._read.limits import ReadLimits
from occtoo_frames._read.options import (
    Language,
    Layout,
    Types,
    must_take,
    to_columns,
    to_languages,
    to_page_size,
    to_relation,
    to_since,
    to_sorts,
    with_types,
)
from occtoo_frames._read.plan import ReadPlan
from occtoo_frames._read.where import select
from occtoo_frames.exceptions import ConfigurationError
from occtoo_frames.typing import Style, Texts, Where


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the caller of a read may say."""

    columns: str | Texts | None = None
    where: Where = None
    exclude: Where = None
    language: Language = None
    changed_since: object = None
    search: str | Texts | None = None
    sort: str | Texts | None = None
    limit: int | None = None
    explode: str | None = None
    raw: bool = False
    style: Style = "name_lang"
    layout: Layout = "wide"
    page_size: int = 1000
    types: Types = None
    limits: ReadLimits = field(default_factory=ReadLimits)


def plan_read(destination: Destination, options: ReadOptions, name: str | None = None) -> ReadPlan:
    """The plan of reading an endpoint.

    Raises:
        ConfigurationError: An option is wrong, or cannot be asked of this endpoint.
        ColumnNotFoundError: A property or column is none of the endpoint's.
    """
    endpoint = with_types(destination.endpoint(name), options.types)
    _check(endpoint, options)
    default = endpoint.languages[0] if options.layout == "long" and endpoint.languages else None
    languages = to_languages(endpoint, default if options.language is None else options.language)
    plan = ReadPlan(
        endpoint=endpoint,
        url=destination.at(endpoint).url,
        languages=languages,
        several=options.language is not None and not isinstance(options.language, str),
        selection=select(endpoint, options.where, options.exclude),
        sorts=to_sorts(endpoint, options.sort),
        limit=None if options.limit is None else to_count(options.limit, "limit", 0),
        search=to_texts(options.search, "search"),
        since=to_since(options.changed_since),
        relation=to_relation(endpoint, options.explode),
        raw=options.raw,
        style=options.style,
        layout=options.layout,
        page_size=to_page_size(endpoint, options.page_size),
        limits=options.limits,
    )
    return replace(plan, columns=to_columns(options.columns, _known(plan)))


def _known(plan: ReadPlan) -> list[str]:
    """The columns that the output may have: a localised property's name stands for all its languages."""
    if plan.relation is not None:
        language = ["language"] if plan.exploded_by_language else []
        return [PARENT, POSITION, *language, *fields_of(plan.relation)]
    if plan.layout == "long":
        return [*plan.wide, "language"]
    return list(dict.fromkeys([*plan.wide, *(name for group in plan.wide.values() for name in group)]))


def _check(endpoint: Endpoint, options: ReadOptions) -> None:
    if options.style not in list(STYLES):
        raise ConfigurationError(f"style {options.style!r} is none of {', '.join(STYLES)}")
    if options.layout not in ("wide", "long"):
        raise ConfigurationError(f"layout {options.layout!r} is neither 'wide' nor 'long'")
    if options.layout == "long" and "language" in endpoint.by_id and not options.raw and not options.explode:
        raise ConfigurationError("layout='long' has a column 'language', and a property is called so: read it wide")
    if options.raw and (options.explode or options.columns):
        raise ConfigurationError("raw=True gives the entries as they came: it takes neither columns nor explode")
    for option, member in (("language", "language"), ("search", "search"), ("changed_since", "period")):
        if getattr(options, option) is not None:
            must_take(endpoint, member, option)

"""What each event means for the rows of an import: one table.

Takes what came of a request, gives the outcome of the rows in it and what to do next. Knows no batch and no wire.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from occtoo_frames.protocol.fold import fold
from occtoo_frames.protocol.http import Failure, Response
from occtoo_frames.protocol.ingest import ACCEPTED
from occtoo_frames.protocol.meaning import Asked, Meaning
from occtoo_frames.protocol.words import document_of, words_of


class Outcome(StrEnum):
    """What became of a row; after a push every row has exactly one."""

    ACCEPTED = "accepted"
    """The server took it: 202 with an answer of the known kind."""

    REJECTED = "rejected"
    """The plan or the server refused this very row, and said why."""

    NOT_SENT = "not_sent"
    """The server has not stored it: it never arrived, or was turned away with no word about the row."""

    UNKNOWN = "unknown"
    """It was sent and no answer tells what the server did. Sending it again is safe."""

    UNCHANGED = "unchanged"
    """The source holds it already, so it was not sent."""


FAILURES = (Outcome.REJECTED, Outcome.NOT_SENT, Outcome.UNKNOWN)
"""The outcomes of rows that did not arrive."""


class Next(StrEnum):
    """What follows for the run."""

    GO_ON = "go_on"
    DIVIDE = "divide"
    """Send the halves, down to single entries."""

    GIVE_UP = "give_up"
    """This batch is lost for now; another may do."""

    STOP = "stop"
    """Nothing more is to be sent."""


@dataclass(frozen=True, slots=True)
class Fate:
    """The outcome of the rows of one request, what follows, and the rule's name in the report."""

    outcome: Outcome
    next: Next
    rule: str | None


def _fates(outcome: Outcome, following: Next, *meanings: Meaning) -> dict[Meaning, Fate]:
    return {meaning: Fate(outcome, following, meaning.value) for meaning in meanings}


FATES: Mapping[Meaning, Fate] = MappingProxyType(
    {
        Meaning.DONE: Fate(Outcome.ACCEPTED, Next.GO_ON, None),
        **_fates(Outcome.REJECTED, Next.DIVIDE, Meaning.REFUSED, Meaning.TOO_LARGE),
        **_fates(Outcome.NOT_SENT, Next.GIVE_UP, Meaning.UNREACHABLE, Meaning.THROTTLED),
        **_fates(Outcome.UNKNOWN, Next.GIVE_UP, Meaning.UNANSWERED, Meaning.SERVER_ERROR),
        **_fates(Outcome.NOT_SENT, Next.STOP, Meaning.EXPIRED, Meaning.FORBIDDEN, Meaning.MISSING),
        **_fates(Outcome.NOT_SENT, Next.STOP, Meaning.CONFLICT, Meaning.REDIRECTED, Meaning.UNEXPLAINED),
        **_fates(Outcome.NOT_SENT, Next.STOP, Meaning.HOPELESS),
    }
)
"""What follows from each meaning, once retries are over."""

STRANGE = Fate(Outcome.UNKNOWN, Next.STOP, Meaning.UNEXPLAINED.value)
"""A 2xx that is no answer to an import, such as a portal's HTML: never success, and nobody knows what it did."""


def fate_of(asked: Asked) -> Fate:
    """What became of the rows that ``asked`` is about.

    Rows count as not sent only if no attempt can have stored them; what ended the run for everybody stops it.
    """
    fate = FATES[asked.meaning]
    if asked.meaning is Meaning.DONE and not is_import_answer(asked.event):
        return STRANGE
    if fate.outcome is Outcome.NOT_SENT and (asked.unsure or _may_have_arrived(asked)):
        fate = replace(fate, outcome=Outcome.UNKNOWN)
    return replace(fate, next=Next.STOP) if asked.fatal is not None else fate


def is_import_answer(event: Response | Failure) -> bool:
    """True if ``event`` is a 202 with an empty body (ours), or with a JSON object that names no error (seen).

    Errors are a list (seen); in any other shape they are believed as well (ours).
    """
    return isinstance(event, Response) and event.ok and _instead(event) is None


def strangeness_of(event: Response | Failure) -> str | None:
    """Why ``event`` is a success that is no answer to an import, and what to do; None for anything else."""
    instead = _instead(event) if isinstance(event, Response) and event.ok else None
    if instead is None:
        return None
    advice = _READ_THEM if instead == _WITH_ERRORS else _CHECK_THE_ADDRESS
    return (
        f"an import is answered by {ACCEPTED} and a JSON envelope without errors, this one by {instead}: {advice}; "
        "whether the entries were stored is unknown, and pushing them again does no harm"
    )


def reason_of(asked: Asked) -> str:
    """Why the rows were not accepted, in the server's words if it had any."""
    event = asked.event
    if isinstance(event, Failure):
        return event.reason if asked.fatal in {None, event.reason} else f"{event.reason}; {asked.fatal}"
    words = "; ".join(words_of(event))
    said = words or f"the server answered {event.status} without a word"
    if event.ok:
        answered = f"the server answered {event.status}, which is no answer to an import"
        said = f"{answered}: {words}" if words else answered
    return said if asked.fatal is None else f"{said}; {asked.fatal}"


_WITH_ERRORS = f"{ACCEPTED} and an envelope with errors"
_READ_THEM = "mend what they say"
_CHECK_THE_ADDRESS = (
    "check that ingest_url is the platform's own address, and that no portal or proxy answers in its place"
)


def _instead(response: Response) -> str | None:
    """What ``response`` is instead of an answer to an import, or None if it is one."""
    if response.status != ACCEPTED:
        return str(response.status)
    if not response.body.strip():
        return None
    document = document_of(response)
    if not isinstance(document, dict):
        return f"{ACCEPTED} and no JSON object"
    return _WITH_ERRORS if fold(document).get("errors") else None


def _may_have_arrived(asked: Asked) -> bool:
    return isinstance(asked.event, Failure) and asked.event.sent

"""Parcels carried to the platform by a few workers: links fifty at a time, contents one each.

Takes parcels and terms, gives an ending for each. Conversations are held over a session; a file that fails fails
alone, and what no other file would survive (credentials, a redirect, an outage) stops the run.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar

from occtoo_frames._push.media_files import find
from occtoo_frames._push.media_links import parts
from occtoo_frames._push.media_talk import Ask, NotDoneError, Talk, Wait
from occtoo_frames._push.media_upload import Ending, MediaState, Parcel, Terms, send_new_links, send_one
from occtoo_frames._session.crew import Crew, Finished
from occtoo_frames._session.errors import error_of
from occtoo_frames._session.run import Run
from occtoo_frames._session.session import Grant, Session
from occtoo_frames.exceptions import ConnectionFailedError
from occtoo_frames.protocol.http import Request
from occtoo_frames.protocol.media import MediaFile

T = TypeVar("T")
Done = list[tuple[int, Ending]]


class Courier:
    """Holds conversations about media over a session, all on one run."""

    def __init__(self, session: Session, run: Run, grant: Grant | None = "provider") -> None:
        self._session, self._run, self._grant = session, run, grant

    def hold(self, talk: Talk[T]) -> T:
        """What ``talk`` returns.

        Raises:
            NotDoneError: It could not be brought to its end; the last request is said on it.
        """
        request: Request | None = None
        try:
            step = next(talk)
            while True:
                request = step.request if isinstance(step, Ask) else request
                step = talk.send(self._do(step))
        except StopIteration as end:
            result: T = end.value
            return result
        except NotDoneError as error:
            error.request = request
            raise
        finally:
            talk.close()

    def _do(self, step: Ask | Wait) -> Any:
        if isinstance(step, Ask):
            return self._session.ask(step.request, grant=self._grant, idempotent=step.repeat, run=self._run)
        self._session.clock.wait(step.seconds, self._run.stop)
        return None


@dataclass(frozen=True, slots=True)
class Job:
    """What one worker does at a time: parcels by their numbers, in one conversation."""

    numbers: tuple[int, ...]
    talk: Callable[[], Talk[list[Ending]]]


class Delivery:
    """One run over all parcels.

    Args:
        session: What carries it.
        terms: How files are sent.
        parcels: What is sent.
        heard: Told how many parcels have come to an end.
    """

    def __init__(
        self, session: Session, terms: Terms, parcels: Sequence[Parcel], heard: Callable[[int], object] = int
    ) -> None:
        self.run = session.run()
        self.endings: dict[int, Ending] = {}
        self.stopped: BaseException | None = None
        self._courier = Courier(session, self.run)
        self._terms, self._parcels, self._heard = terms, parcels, heard
        self._lock = Lock()

    def carry(self, concurrency: int) -> list[Ending]:
        """The ending of each parcel."""
        crew: Crew[Job, Done] = Crew(self._do, self._hear, self.run.stop, concurrency=concurrency)
        interrupted = crew.work(self._jobs())
        self.stopped = interrupted or self.stopped
        why = f": {self.stopped}" if self.stopped is not None and str(self.stopped) else ""
        unsent = Ending(MediaState.FAILED, reason=f"not sent: the run stopped{why}")
        return [self.endings.get(number, unsent) for number in range(len(self._parcels))]

    def _jobs(self) -> Iterator[Job]:
        """Links with free identifiers together, all else alone; made as workers take them."""
        existing = self._existing()
        if existing is None:
            return
        together = [
            number
            for number, parcel in enumerate(self._parcels)
            if parcel.content is None and parcel.unique_identifier not in existing
        ]
        links = [self._parcels[number].as_link() for number in together]
        for positions in parts(links):
            yield self._links(tuple(together[position] for position in positions))
        for number in sorted(set(range(len(self._parcels))) - set(together)):
            yield self._one(number, existing)

    def _links(self, numbers: tuple[int, ...]) -> Job:
        parcels = [self._parcels[number] for number in numbers]
        return Job(numbers, lambda: send_new_links(self._terms, parcels))

    def _one(self, number: int, existing: Mapping[str, MediaFile]) -> Job:
        parcel = self._parcels[number]
        file = existing.get(parcel.unique_identifier) if parcel.unique_identifier is not None else None

        def talk() -> Talk[list[Ending]]:
            return [(yield from send_one(self._terms, parcel, file))]

        return Job((number,), talk)

    def _existing(self) -> dict[str, MediaFile] | None:
        """The files whose identifiers are wanted; None if nobody can say."""
        wanted = [parcel.unique_identifier for parcel in self._parcels if parcel.unique_identifier is not None]
        try:
            return self._courier.hold(find(self._terms.base_url, wanted))
        except NotDoneError as error:
            self._stop(error)
            return None

    def _do(self, job: Job) -> Done:
        try:
            endings = self._courier.hold(job.talk())
        except NotDoneError as error:
            if error.stops:
                self._stop(error)
            endings = [Ending(MediaState.FAILED, reason=str(error))] * len(job.numbers)
        except OSError as error:
            endings = [Ending(MediaState.FAILED, reason=f"the file cannot be read: {error}")]
        return list(zip(job.numbers, endings, strict=True))

    def _hear(self, finished: Finished[Done]) -> None:
        if finished.error is not None:
            raise finished.error
        for number, ending in finished.result or []:
            self._heard(int(number not in self.endings))
            self.endings[number] = ending

    def _stop(self, error: NotDoneError) -> None:
        with self._lock:
            if not self.run.stop.is_set():
                self.stopped = stopped_by(error)
            self.run.stop.set()


def stopped_by(error: NotDoneError) -> Exception:
    """The exception for a caller, of what ended a conversation."""
    if error.asked is None or error.request is None:
        return ConnectionFailedError(str(error))
    return error_of(error.asked, error.request)

"""Carries a conversation with the collector over a session: requests with the token, pauses, and what was seen.

Takes steps, gives their fate. The token goes to the collector's own address only, which every request was built from.
"""

import logging
from dataclasses import dataclass, field, replace

from occtoo_frames._session.auth import SealedHeaders
from occtoo_frames._session.connection import Connection
from occtoo_frames._session.run import Run
from occtoo_frames._session.session import Session
from occtoo_frames.datatile.conversation import Fate, Outcome, Send, Step, Steps, Tell, check_of
from occtoo_frames.exceptions import ConfigurationError
from occtoo_frames.protocol.conversing import Pause, drive
from occtoo_frames.protocol.datatile import TOKEN_HEADER, Job
from occtoo_frames.protocol.http import Request
from occtoo_frames.protocol.meaning import Asked

log = logging.getLogger("occtoo_frames")


@dataclass(slots=True)
class Driver:
    """One conversation under way; what it has seen stays readable if it is interrupted."""

    connection: Connection
    run: Run = field(init=False)
    job: Job | None = None
    begun: bool = False
    _session: Session = field(init=False, repr=False)

    def __post_init__(self) -> None:
        server_of(self.connection)
        self._session = self.connection.session
        self.run = self._session.run()

    def drive(self, steps: Steps) -> Fate:
        """The fate that ``steps`` come to."""
        return drive(steps, self._do)

    def interrupted(self, mode: str | None) -> Fate:
        """The fate of a conversation that was broken off, as far as it is known."""
        if self.job is not None:
            return Fate(Outcome.PENDING, self.job, "nobody waited for the end of its job")
        return Fate(Outcome.UNKNOWN, reason="the upload was broken off", check=check_of(mode))

    def _do(self, step: Step) -> Asked | None:
        if isinstance(step, Send):
            self.begun = True
            return self._session.ask(self._signed(step.request), grant=None, idempotent=step.idempotent, run=self.run)
        if isinstance(step, Pause):
            self.run.count(waited_s=step.seconds)
            self._session.clock.wait(step.seconds, self.run.stop)
        elif isinstance(step, Tell):
            self.job = step.job
            log.info("job %s: %s", step.job.id, step.job.status)
        return None

    def _signed(self, request: Request) -> Request:
        token = self.connection.datatile_token
        headers = request.headers if token is None else {**request.headers, TOKEN_HEADER: token.reveal()}
        return replace(request, headers=SealedHeaders(headers))


def server_of(connection: Connection) -> str:
    """The collector's base address.

    Raises:
        ConfigurationError: Address or token are missing.
    """
    connection.require("datatile")
    if connection.datatile_url is None:
        raise ConfigurationError(
            "datatile_url missing: pass it to connect(), or set DATATILE_URL, or name a profile that has it"
        )
    return connection.datatile_url

"""The driver: carries requests and conversations over a transport, with tokens, patience and a log.

Takes a request, gives the response or raises. The rules stand elsewhere: ``asking`` says when to try again,
``auth`` how tokens are had, ``retry`` how long to wait.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from threading import Event as Flag
from threading import Lock
from typing import Literal, TypeAlias, TypeVar

from occtoo_frames._session.address import Origin, origin_of, shown
from occtoo_frames._session.asking import Close, Pause, Renew, Try, Unsent, ask
from occtoo_frames._session.auth import Bearer, TokenKeeper
from occtoo_frames._session.compression import Link
from occtoo_frames._session.errors import RunStoppedError, error_of
from occtoo_frames._session.hiding import hide
from occtoo_frames._session.retry import Budget, Gate, RetryPolicy
from occtoo_frames._session.run import Clock, Run
from occtoo_frames._session.secret import Secret
from occtoo_frames._session.transport import Transport
from occtoo_frames.exceptions import ConfigurationError, OcctooError
from occtoo_frames.protocol.conversing import drive
from occtoo_frames.protocol.http import Conversation, Event, Failure, Request, Response
from occtoo_frames.protocol.meaning import Asked
from occtoo_frames.protocol.tokens import Token

Grant: TypeAlias = Literal["provider", "application"]
Heard: TypeAlias = Callable[[Event, float], object]
"""Is told what came of an attempt, and how many seconds it was on the wire."""

T = TypeVar("T")
STOPPED = "the run was stopped"
log = logging.getLogger("occtoo_frames")
log.addHandler(logging.NullHandler())  # silent unless the user listens, as libraries are


@dataclass(frozen=True, slots=True)
class Access:
    """How one kind of token is had: the origin it belongs to, and the conversation that asks for it."""

    origin: Origin
    conversation: Callable[[], Conversation[Token]]


class Session:
    """Requests in, responses out, from any number of threads.

    Args:
        transport: What carries them.
        policy: How patient to be.
        timeout_s: The longest silence of the server.
        access: Gives the access of a grant; raises ConfigurationError if credentials are missing.
        secrets: Gives the texts that are masked in whatever is shown of what a server says.
        clock: Time and chance.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        policy: RetryPolicy,
        timeout_s: float,
        access: Callable[[Grant], Access],
        secrets: Callable[[], Iterable[Secret]] = tuple,
        clock: Clock | None = None,
    ) -> None:
        self._transport = transport
        self._timeout_s = timeout_s
        self._access = access
        self._secrets = secrets
        self._lock = Lock()
        self._keepers: dict[Grant, TokenKeeper] = {}
        self._gates: dict[Origin, Gate] = {}
        self._links: dict[str, Link] = {}
        self.policy = policy
        self.clock = clock or Clock()

    def run(self, stop: Flag | None = None) -> Run:
        """A new run, with a budget of its own, that ends once ``stop`` is set."""
        return Run(Budget(self.policy.budget), stop or Flag())

    def call(
        self, request: Request, *, grant: Grant | None, idempotent: bool = True, run: Run | None = None
    ) -> Response:
        """The 2xx answer to ``request``, with the token of ``grant`` on it.

        Args:
            request: What to ask.
            grant: Whose token to show, if any.
            idempotent: False if it must not be sent again once the server may have seen it.
            run: The run whose budget it uses; without one it has a budget of its own.

        Raises:
            OcctooError: Any other answer, with the server's words, or no answer.
        """
        asked = self.ask(request, grant=grant, idempotent=idempotent, run=run)
        if isinstance(asked.event, Response) and asked.event.ok:
            return asked.event
        raise error_of(asked, request) from None

    def converse(
        self, conversation: Conversation[T], *, grant: Grant | None, idempotent: bool = True, run: Run | None = None
    ) -> T:
        """What ``conversation`` returns, its requests carried by ``call`` on one budget."""
        run = run or self.run()
        return drive(conversation, partial(self.call, grant=grant, idempotent=idempotent, run=run))

    def ask(
        self,
        request: Request,
        *,
        grant: Grant | None,
        idempotent: bool = True,
        run: Run | None = None,
        size: int | None = None,
        heard: Heard | None = None,
    ) -> Asked:
        """What came of ``request`` after all its attempts; raises nothing but ConfigurationError.

        Args:
            request: What to ask.
            grant: Whose token to show, if any.
            idempotent: False if it must not be sent again once the server may have seen it.
            run: The run whose budget it uses; without one it has a budget of its own.
            size: What counts as sent, if that is not the size of the body.
            heard: Told what came of each attempt, and how many seconds it was on the wire.
        """
        run = run or self.run()
        attempt = _Attempt(self, request, grant, run, size=request.size if size is None else size, heard=heard)
        steps = ask(
            self.policy,
            run.budget,
            idempotent=idempotent,
            authorised=grant is not None,
            chance=self.clock.chance,
            wall=self.clock.wall,
        )
        return drive(steps, attempt.do)

    def keeper(self, grant: Grant) -> TokenKeeper:
        """The one keeper of this grant's token."""
        with self._lock:
            if grant not in self._keepers:
                self._keepers[grant] = TokenKeeper(self._access(grant).origin, self.clock.now)
            return self._keepers[grant]

    def gate(self, url: str) -> Gate:
        """The one gate before the server of ``url``."""
        try:
            origin = origin_of(url)
        except ValueError:
            raise ConfigurationError(f"{shown(url)} is no http(s) address") from None
        with self._lock:
            gate = self._gates.get(origin)
            if gate is None:
                gate = self._gates[origin] = Gate()
            return gate

    def link(self, url: str) -> Link:
        """What is known of the way to the resource ``url``, whatever its query."""
        resource = url.partition("?")[0]
        with self._lock:
            link = self._links.get(resource)
            if link is None:
                link = self._links[resource] = Link()
            return link

    def bearer(self, grant: Grant, run: Run) -> Bearer:
        """The token of ``grant``, fetched when needed."""
        keeper = self.keeper(grant)
        if (fresh := keeper.fresh) is not None:
            return fresh
        aside = run.aside()

        def fetch() -> Token:
            return self.converse(self._access(grant).conversation(), grant=None, run=aside)

        try:
            return keeper.bearer(fetch)
        finally:
            run.count(waited_s=aside.waited_s)

    def carry(self, request: Request) -> Event:
        """One attempt, timed and logged; the answer knows what of it must not be shown."""
        started = self.clock.now()
        event = self._transport.send(request, timeout_s=self._timeout_s)
        if log.isEnabledFor(logging.DEBUG):
            said = event.reason if isinstance(event, Failure) else event.status
            log.debug("%s %s: %s, %.3f s", request.method, shown(request.url), said, self.clock.now() - started)
        return event if isinstance(event, Failure) else Response(event.status, event.headers, event.body, self.hide)

    def hide(self, text: str) -> str:
        """``text`` without our secrets and tokens, however a server spells them."""
        with self._lock:
            tokens = [keeper.token for keeper in self._keepers.values()]
        return hide(text, [secret.reveal() for secret in (*self._secrets(), *tokens) if secret])

    @contextmanager
    def hiding(self) -> Iterator[None]:
        """What leaves the block as an error of ours shows no secret, whatever of an answer stands in its message."""
        try:
            yield
        except OcctooError as error:
            error.args = tuple(self.hide(part) if isinstance(part, str) else part for part in error.args)
            raise


class _Attempt:
    """Does the steps of one request."""

    def __init__(
        self,
        session: Session,
        request: Request,
        grant: Grant | None,
        run: Run,
        *,
        size: int,
        heard: Heard | None,
    ) -> None:
        self._session, self._request, self._grant, self._run = session, request, grant, run
        self._size, self._heard = size, heard
        self._gate = session.gate(request.url)
        self._bearer: Bearer | None = None
        self._tries = 0

    def do(self, step: Try | Pause | Close | Renew) -> Event | Unsent | bool | None:
        """What came of ``step``."""
        if isinstance(step, Try):
            return self._try()
        if isinstance(step, Renew):
            return self._renew(step)
        if isinstance(step, Close):
            log.warning("%s asks for patience: %.1f s", shown(self._request.url), step.seconds)
            self._gate.close(self._session.clock.now(), step.seconds)
        else:
            log.warning("%s failed: trying again in %.2f s", shown(self._request.url), step.seconds)
            self._pause(step.seconds)
        return None

    def _try(self) -> Event | Unsent:
        while not self._run.stop.is_set() and (wait_s := self._gate.wait(self._session.clock.now())) > 0:
            self._pause(wait_s)
        if self._run.stop.is_set():
            return Unsent(STOPPED, RunStoppedError(STOPPED))
        try:
            signed = self._signed()
        except OcctooError as error:
            return Unsent(str(error), error)
        self._run.count(size=self._size, requests=1, retries=self._tries > 0)
        self._tries += 1
        started = self._session.clock.now()
        event = self._session.carry(signed)
        if self._heard is not None:
            self._heard(event, self._session.clock.now() - started)
        if isinstance(event, Response) and event.ok:
            self._gate.succeed(self._session.clock.now())
        return event

    def _signed(self) -> Request:
        if self._grant is None:
            return self._request
        self._bearer = self._session.bearer(self._grant, self._run)
        return self._bearer.sign(self._request)

    def _renew(self, step: Renew) -> bool:
        if self._grant is None or self._bearer is None:
            return False
        return self._session.keeper(self._grant).refuse(self._bearer, certain=step.certain)

    def _pause(self, seconds: float) -> None:
        clock = self._session.clock
        started = clock.now()
        clock.wait(seconds, self._run.stop)
        self._run.count(waited_s=min(seconds, clock.now() - started))  # a stop ends waits before their time

"""Requests of one run with their bodies compressed where that is wanted, and plain again where that is refused.

Takes a request, gives what came of it; strings the session and what it knows of the link together. All attempts of one
request send the same bytes.
"""

import logging
from dataclasses import replace

from occtoo_frames._session.address import shown
from occtoo_frames._session.compression import Compress, Link, compressed
from occtoo_frames._session.run import Run
from occtoo_frames._session.session import Grant, Session
from occtoo_frames.protocol.http import Event, Request, Response
from occtoo_frames.protocol.meaning import Asked, Meaning

_UNSUPPORTED = 415
_DOUBTFUL = frozenset({Meaning.REFUSED, Meaning.TOO_LARGE, Meaning.UNEXPLAINED})
"""Refusals that may be about the compression, as long as no compressed body was taken."""

log = logging.getLogger("occtoo_frames")


class Packing:
    """Sends the requests of one run, from any number of threads.

    Args:
        session: What carries them.
        run: Whose budget and counts they use; sizes are counted before compression.
        grant: Whose token they show.
        compress: When to compress.
    """

    def __init__(self, session: Session, run: Run, grant: Grant, compress: Compress) -> None:
        self._session, self._run, self._grant = session, run, grant
        self._compress = compress

    def ask(self, request: Request) -> Asked:
        """What came of ``request`` after all its attempts.

        A 415 stored nothing (RFC 9110, section 15.5.16): the same body goes again plain, and so do all others of the
        run. Until a compressed body was taken, other refusals of one are asked about again in the same way.
        """
        link = self._session.link(request.url)
        if not link.wants(self._compress):
            return self._send(request, request, link, 0.0, packed=False)
        started = self._session.clock.now()
        packed = compressed(request)
        seconds = self._session.clock.now() - started
        asked = self._send(packed or request, request, link, seconds, packed=True)
        if packed is None:
            return asked
        log.debug("%s: %d bytes went as %d", shown(request.url), request.size, packed.size)
        if asked.meaning is Meaning.DONE:
            link.prove()
        if not _is_unsupported(asked) and (link.is_proven or asked.meaning not in _DOUBTFUL):
            return asked
        return self._again(request, asked, link)

    def _again(self, request: Request, refused: Asked, link: Link) -> Asked:
        """What came of ``request`` when it went again, plain, after it was ``refused`` compressed."""
        if _is_unsupported(refused):
            self._give_up(request, link)
        asked = self._send(request, request, link, 0.0, packed=False)
        if asked.meaning is Meaning.DONE:
            self._give_up(request, link)
        self._run.count(retries=asked.attempts > 0)
        return replace(asked, attempts=refused.attempts + asked.attempts, unsure=refused.unsure or asked.unsure)

    def _give_up(self, request: Request, link: Link) -> None:
        if self._compress is not False:
            log.warning("%s refused a compressed body: the run goes on without compression", shown(request.url))
        self._compress = False
        link.forget()

    def _send(self, request: Request, plain: Request, link: Link, seconds: float, *, packed: bool) -> Asked:
        def hear(event: Event, carried_s: float) -> None:
            link.hear(event, size=plain.size, seconds=seconds + carried_s, packed=packed)

        return self._session.ask(request, grant=self._grant, run=self._run, size=plain.size, heard=hear)


def _is_unsupported(asked: Asked) -> bool:
    return isinstance(asked.event, Response) and asked.event.status == _UNSUPPORTED

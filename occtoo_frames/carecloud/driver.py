"""Carries a conversation with the portal over a session.

Takes steps, gives what they come to. The portal's headers are put on here, on calls to the portal alone, so that no
conversation can show them to the host of a signed address; what the portal says is shown without anybody's data.
"""

import json
import logging
import re
from dataclasses import replace
from typing import TypeVar
from urllib.parse import urlsplit

from occtoo_frames._session.address import is_loopback, shown
from occtoo_frames._session.auth import SealedHeaders
from occtoo_frames._session.connection import Connection
from occtoo_frames._session.errors import error_of
from occtoo_frames._session.run import Run
from occtoo_frames.carecloud.conversation import (
    Call,
    RefusedError,
    Steps,
    Tell,
    envelope_in,
    reason_of,
)
from occtoo_frames.exceptions import ConfigurationError, ProtocolError, RejectedError
from occtoo_frames.protocol.carecloud import API_KEY, BUCKET, WORKSPACE, discreet
from occtoo_frames.protocol.conversing import Pause, drive
from occtoo_frames.protocol.http import Request, Response
from occtoo_frames.protocol.meaning import Asked
from occtoo_frames.protocol.words import words_of

T = TypeVar("T")
_STORAGE = re.compile(rb"<(Code|Message)>([^<]{0,300})<")
log = logging.getLogger("occtoo_frames")


class Driver:
    """One conversation under way.

    Attributes:
        base: The portal's address.
        run: What it has cost so far.

    Raises:
        ConfigurationError: The portal's address or credentials are missing.
    """

    def __init__(self, connection: Connection) -> None:
        connection.require("carecloud")
        if connection.carecloud_url is None:
            raise ConfigurationError(
                "carecloud_url missing: pass it to connect(), or set CARECLOUD_URL, or name a profile that has it"
            )
        self.base = connection.carecloud_url
        self._connection = connection
        self._session = connection.session
        self.run: Run = self._session.run()

    def drive(self, steps: Steps[T]) -> T:
        """What ``steps`` come to.

        Raises:
            OcctooError: A call was refused or did not arrive.
        """
        try:
            return drive(steps, self._do)
        except RefusedError as refused:
            error = self._error(refused)
        raise error

    def _do(self, step: Call | Pause | Tell) -> Asked | None:
        if isinstance(step, Tell):
            log.warning("%s", step.text)
            return None
        if isinstance(step, Pause):
            self.run.count(waited_s=step.seconds)
            self._session.clock.wait(step.seconds, self.run.stop)
            return None
        request = self._with_headers(step.request) if step.to_portal else self._to_storage(step.request)
        return self._session.ask(request, grant=None, idempotent=step.idempotent, run=self.run)

    def _with_headers(self, request: Request) -> Request:
        held = self._connection
        key = held.carecloud_api_key
        shown_key = None if key is None else key.reveal()
        named = {WORKSPACE: held.carecloud_workspace, BUCKET: held.carecloud_bucket, API_KEY: shown_key}
        known = {name: value for name, value in named.items() if value is not None}
        return replace(request, headers=SealedHeaders({**request.headers, **known}))

    def _to_storage(self, request: Request) -> Request:
        if not _is_safe(request.url):
            raise ProtocolError(
                "the portal names an address for the file that is not https; nothing was sent", status=200
            )
        return request

    def _error(self, refused: RefusedError) -> Exception:
        asked, call = refused.asked, refused.call
        if not isinstance(asked.event, Response):
            return error_of(asked, call.request, why=refused.why)
        target = f"{call.request.method} {shown(call.request.url)}"
        envelope = envelope_in(asked.event)
        if asked.event.ok and (refused.why or envelope is None):
            return ProtocolError(f"{target}: {refused.why or 'the answer is no envelope'}", status=asked.event.status)
        if asked.event.ok and envelope is not None:
            reason = reason_of(envelope)
            log.warning("%s: refused", target)
            return RejectedError(f"{target}: {reason}", status=asked.event.status, errors=(reason,))
        said = (reason_of(envelope),) if envelope else tuple(map(discreet, _words(asked.event)))
        body = json.dumps({"errors": [{"message": text} for text in said]}).encode()
        kept = {name: value for name, value in asked.event.headers.items() if name != "content-type"}
        quiet = replace(asked.event, headers={**kept, "content-type": "application/json"}, body=body)
        return error_of(replace(asked, event=quiet), call.request, why=refused.why)


def _words(response: Response) -> tuple[str, ...]:
    """What a gateway or the storage says; of the storage's XML only code and message, the rest shows signatures."""
    told = [text.decode("utf-8", "replace") for _, text in _STORAGE.findall(response.body)]
    return (": ".join(told),) if told else words_of(response)


def _is_safe(url: str) -> bool:
    """True if a file may be put there: https, or this machine."""
    split = urlsplit(url)
    if split.username is not None or not split.hostname:
        return False
    return split.scheme == "https" or (split.scheme == "http" and is_loopback(split.hostname))

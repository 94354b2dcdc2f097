"""The Data Collector over HTTP: uploads as multipart forms, and jobs. Requests in, the answers of ``protocol`` out."""

import shutil
from collections.abc import AsyncGenerator
from http import HTTPStatus
from pathlib import PurePath
from secrets import token_hex

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from occtoo_frames._sandbox.answers import json
from occtoo_frames._sandbox.collector import NO_TOKEN, Collector, RefusedError
from occtoo_frames._sandbox.collector_callback import callback_flaw
from occtoo_frames._sandbox.collector_state import Work
from occtoo_frames.protocol import datatile as wire

_FORM_BYTES = 65_536
"""What a form may have beside its file."""


def routes() -> list[Route]:
    """The routes of the collector."""
    return [
        Route("/api/v2/upload/jobs/{job_id}", show_job, methods=["GET"]),
        Route("/api/v2/upload/{action}/{target}", take_upload, methods=["POST"]),
    ]


async def show_job(request: Request) -> Response:
    """The job (ours)."""
    collector = _collector(request)
    if not collector.allows(request.headers.get(wire.TOKEN_HEADER)):
        return _refusal(RefusedError(HTTPStatus.UNAUTHORIZED, NO_TOKEN))
    document = collector.job(request.path_params["job_id"])
    if document is None:
        return _refusal(RefusedError(HTTPStatus.NOT_FOUND, "there is no such job"))
    return json(document)


async def take_upload(request: Request) -> Response:
    """202 with the job once the file has arrived (ours), and the refusals otherwise; the body is read to its end."""
    collector = _collector(request)
    action, target = request.path_params["action"], request.path_params["target"]
    try:
        collector.admit(request.headers.get(wire.TOKEN_HEADER), action, target)
    except RefusedError as refused:
        await _drain(request)
        return _refusal(refused)
    return await _admitted(request, collector, action, target)


async def _admitted(request: Request, collector: Collector, action: str, target: str) -> Response:
    try:
        form = await _form(request, collector.limits.max_file_bytes)
        try:
            work = await run_in_threadpool(_work, collector, form, action, target)
        finally:
            await form.close()
    except RefusedError as refused:
        collector.release(target)
        return _refusal(refused)
    except BaseException:
        collector.release(target)
        raise
    document = await run_in_threadpool(collector.take, work)
    return json({"id": document["id"], "status": document["status"]}, HTTPStatus.ACCEPTED)


async def _form(request: Request, max_bytes: int) -> FormData:
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        await _drain(request)
        raise RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "the body must be multipart/form-data")
    try:
        return await MultiPartParser(request.headers, _pieces(request, max_bytes), max_files=1, max_fields=10).parse()
    except _TooLongError as error:
        await _drain(request)
        raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, error.message) from None
    except MultiPartException as error:
        raise RefusedError(HTTPStatus.BAD_REQUEST, error.message) from None


class _TooLongError(MultiPartException):
    """The body is longer than it may be."""


async def _pieces(request: Request, max_bytes: int) -> AsyncGenerator[bytes, None]:
    """The body, as long as it is not too long; errors are the parser's own, which closes its files for them only."""
    size = 0
    try:
        async for piece in request.stream():
            size += len(piece)
            if size > max_bytes + _FORM_BYTES:
                raise _TooLongError(f"the file is larger than {max_bytes:,} bytes")
            yield piece
    except ClientDisconnect:
        raise MultiPartException("the connection broke") from None


def _work(collector: Collector, form: FormData, action: str, target: str) -> Work:
    file = form.get(wire.FILE_PART)
    if not isinstance(file, UploadFile):
        raise RefusedError(HTTPStatus.BAD_REQUEST, f"the form has no file in its part {wire.FILE_PART!r}")
    name = PurePath((file.filename or "").replace("\\", "/")).name
    ending = PurePath(name).suffix.lower().lstrip(".")
    if ending not in wire.MEDIA_TYPES:
        raise RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"only {', '.join(wire.MEDIA_TYPES)} files are taken")
    callback = form.get(wire.CALLBACK_PART)
    told = callback if isinstance(callback, str) else None
    flaw = None if told is None else callback_flaw(told)
    if flaw is not None:
        raise RefusedError(HTTPStatus.BAD_REQUEST, flaw)
    path = collector.new_file(ending)
    with path.open("wb") as stream:
        shutil.copyfileobj(file.file, stream, 1 << 20)
    database = token_hex(16) if action == "create" else target
    return Work(action, target, database, path.name, ending, name, told)


def _collector(request: Request) -> Collector:
    collector: Collector = request.app.state.core.collector
    return collector


def _refusal(refused: RefusedError) -> Response:
    document = {"error": {"code": HTTPStatus(refused.status).name.lower(), "message": str(refused)}}
    answer = json(document, refused.status)
    if refused.retry_after_s is not None:
        answer.headers["retry-after"] = str(refused.retry_after_s)
    return answer


async def _drain(request: Request) -> None:
    try:
        async for _piece in request.stream():
            continue
    except ClientDisconnect:
        return

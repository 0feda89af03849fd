"""``/attachments``: files to write with, whole in one form, or large ones in pieces.

A file that comes in pieces is begun by its name and size; each piece says where it stands
(``Upload-Offset``), and after a broken line the answer to GET says where to go on.
"""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import Response

from courrier.events.blobs import BlobMissing
from courrier.events.families.drafts import WrittenFile
from courrier.events.families.uploads import FileUploaded
from courrier.gateway.adapters import uploading
from courrier.gateway.adapters.uploading import Unfinished
from courrier.gateway.domain.access import may_create
from courrier.gateway.domain.refusals import InTheWay, NotAllowed, NotThere, Unfit
from courrier.gateway.handlers.uploading import note_uploads
from courrier.gateway.ports import Gateway
from courrier.gateway.projections import configured
from courrier.gateway.projections.uploads import uploads_by_ids

from .answers import answers, file_answers
from .caller import Caller, CallerDep, GatewayDep, cause_of, gateway_of, new_id
from .email_parts import FILE_POLICY, disposition, media_type, safe_headers
from .freshness import Fresh, wait_until_shown
from .orders import SHOWN_WITHIN_S
from .problems import Problem, fault_of
from .routing import CourrierRoute
from .upload_forms import (
    A_FILE,
    FORM,
    PIECE,
    PLAIN,
    UNNAMED,
    BegunBody,
    UploadShown,
    progress_answer,
    type_of,
    whole_answer,
)
from .values import PathId

router = APIRouter(route_class=CourrierRoute, tags=["e-mails"])


@dataclass(frozen=True, slots=True)
class _Whole:
    """A file all of which is here."""

    about: BegunBody
    content: bytes


@router.post(
    "/attachments",
    status_code=201,
    openapi_extra=FORM,
    responses=answers(A_FILE, 201, 400, 403, 413, 415, shape=UploadShown),
)
async def upload(request: Request, gateway: GatewayDep, caller: CallerDep) -> Response:
    """Upload a file as the field `file` of a form, or begin one in pieces by its name and size.

    With `inline` and `content_id` HTML shows it as `cid:`. What no draft or template names for
    long is forgotten, and what nobody goes on with, after a day.
    """
    _check(caller)
    most = await _most_bytes(gateway)
    upload_id = new_id(request, caller, "upload")
    if _kind(request) == "application/json":
        about = await _described(request)
        _check_size(about.size, most)
        return await _begin(gateway, caller, upload_id, about)
    whole = await _form(request, most)
    return await _keep(request, caller, upload_id, whole, 201)


@router.patch(
    "/attachments/{upload_id}",
    openapi_extra=PIECE,
    responses=answers(A_FILE, 200, 404, 409, 413, 415, shape=UploadShown),
)
async def go_on(
    upload_id: PathId, request: Request, gateway: GatewayDep, caller: CallerDep
) -> Response:
    """Send the next piece; 409 says where the file stands if that is elsewhere."""
    found = await uploading.find(gateway.pool, caller.person.id, upload_id)
    if found is None:
        await _own(gateway, caller, upload_id)
        raise InTheWay("this file is complete")
    offset = _offset(request)
    received = await uploading.add(gateway.pool, upload_id, offset, await request.body())
    if received is None:
        text = f"{found.received} of {found.size} bytes are there: go on from there"
        headers = {"Upload-Offset": str(found.received)}
        raise Problem(409, text, slug="wrong-offset", headers=headers)
    if received < found.size:
        return progress_answer(found, 200, received)
    return await _finish(request, gateway, caller, found)


@router.get(
    "/attachments/{upload_id}",
    dependencies=[Fresh],
    responses=answers(A_FILE, 200, 404, shape=UploadShown),
)
async def read_upload(upload_id: PathId, gateway: GatewayDep, caller: CallerDep) -> Response:
    """One file of mine, and how much of it is there."""
    unfinished = await uploading.find(gateway.pool, caller.person.id, upload_id)
    if unfinished is not None:
        return progress_answer(unfinished, 200)
    return whole_answer(await _own(gateway, caller, upload_id), 200)


@router.get(
    "/attachments/{upload_id}/content",
    dependencies=[Fresh],
    response_class=Response,
    responses=file_answers("*/*", "…"),
)
async def upload_content(upload_id: PathId, gateway: GatewayDep, caller: CallerDep) -> Response:
    """The bytes of a file of mine; the browser saves them."""
    file = await _own(gateway, caller, upload_id)
    headers = safe_headers(FILE_POLICY)
    headers["Content-Disposition"] = disposition(file.filename)
    try:
        content = await gateway.blobs.get(file.content.digest)
    except BlobMissing as error:
        raise NotThere("nothing named this file for long: it is forgotten") from error
    return Response(content, headers=headers, media_type=media_type(file.content_type))


@router.delete("/attachments/{upload_id}", status_code=204, responses=answers(None, 204, 404))
async def give_up_upload(upload_id: PathId, gateway: GatewayDep, caller: CallerDep) -> Response:
    """Give up a file that is not complete; one that is goes by itself when nothing names it."""
    if await uploading.find(gateway.pool, caller.person.id, upload_id) is None:
        await _own(gateway, caller, upload_id)
    await uploading.remove(gateway.pool, upload_id)
    return Response(status_code=204)


def _check(caller: Caller) -> None:
    if not (may_create(caller.person, "email") or may_create(caller.person, "template")):
        raise NotAllowed("you may write neither e-mails nor templates")


async def _most_bytes(gateway: Gateway) -> int:
    return (await configured.system_settings(gateway.pool)).max_attachment_bytes


def _check_size(size: int, most: int) -> None:
    if size > most:
        raise Problem(413, f"a file has {most} bytes at most")


def _kind(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def _described(request: Request) -> BegunBody:
    try:
        return BegunBody.model_validate_json(await request.body())
    except ValidationError as error:
        pointer, text = fault_of(error.errors()[0])
        raise Unfit(text, pointer=pointer) from error


async def _begin(gateway: Gateway, caller: Caller, upload_id: str, about: BegunBody) -> Response:
    new = Unfinished(
        id=upload_id,
        filename=about.filename,
        content_type=type_of(about.content_type),
        content_id=about.content_id,
        inline=about.inline,
        size=about.size,
    )
    begun = await uploading.begin(gateway.pool, caller.person.id, new)
    if begun is None:
        raise InTheWay(f"you have {uploading.AT_ONCE} unfinished uploads: finish or remove one")
    return progress_answer(begun, 201)


async def _form(request: Request, most: int) -> _Whole:
    if _kind(request) != "multipart/form-data":
        raise Problem(415, "send the file as multipart/form-data, in the field file")
    try:
        async with request.form(max_files=1, max_fields=10) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise Unfit("send the file in the field file", pointer="/file")
            content = await file.read(most + 1)
            named: dict[str, Any] = {
                name: str(form[name]) for name in ("content_id", "inline") if name in form
            }
            named |= {"filename": file.filename or UNNAMED}
            about = BegunBody.model_validate(named | {"content_type": file.content_type or PLAIN})
    except HTTPException as error:
        raise Problem(400, "the form cannot be read") from error
    except ValidationError as error:
        pointer, text = fault_of(error.errors()[0])
        raise Unfit(text, pointer=pointer) from error
    _check_size(len(content), most)
    return _Whole(about, content)


async def _finish(
    request: Request, gateway: Gateway, caller: Caller, found: Unfinished
) -> Response:
    """Store a file whose last piece has come; a repeat after a crash finds its pieces again."""
    about = BegunBody(
        filename=found.filename,
        content_type=found.content_type,
        content_id=found.content_id,
        inline=found.inline,
    )
    content = await uploading.content_of(gateway.pool, found.id)
    kept = await _keep(request, caller, found.id, _Whole(about, content), 200)
    await uploading.remove(gateway.pool, found.id)
    return kept


async def _keep(
    request: Request, caller: Caller, upload_id: str, whole: _Whole, status: int
) -> Response:
    gateway = gateway_of(request)
    (blob,) = await gateway.blobs.put([whole.content])
    about = whole.about
    fact = FileUploaded(
        upload_id=upload_id,
        owner_id=caller.person.id,
        filename=about.filename,
        content_type=type_of(about.content_type),
        content=blob,
        content_id=about.content_id,
        inline=about.inline,
    )
    position = await note_uploads(gateway.store, [fact], cause_of(request, caller))
    await wait_until_shown(gateway, position, SHOWN_WITHIN_S)
    file = WrittenFile(
        id=upload_id,
        filename=fact.filename,
        content_type=fact.content_type,
        content=blob,
        content_id=fact.content_id,
        inline=fact.inline,
    )
    return whole_answer(file, status, position)


async def _own(gateway: Gateway, caller: Caller, upload_id: str) -> WrittenFile:
    for row in await uploads_by_ids(gateway.pool, [upload_id]):
        if row.owner_id == caller.person.id:
            return row.file
    raise NotThere("there is no such upload of yours")


def _offset(request: Request) -> int:
    given = request.headers.get("upload-offset", "")
    if not given.isascii() or not given.isdigit() or len(given) > 15:
        raise Problem(400, "say where the piece begins: Upload-Offset")
    return int(given)

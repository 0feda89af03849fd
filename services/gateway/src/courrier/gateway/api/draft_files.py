"""The files of a draft: uploads by their ids, and files of e-mails that are passed on.

A file of an e-mail becomes an upload of whoever passes it on, under an id that follows from both:
passing it on again stores nothing anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request

from courrier.events.base import derived_id
from courrier.events.families.drafts import DraftFields, WrittenFile
from courrier.events.families.uploads import FileUploaded
from courrier.gateway.domain.refusals import Unfit
from courrier.gateway.handlers.uploading import note_uploads
from courrier.gateway.ports import Gateway, ReadingTookTooLong
from courrier.gateway.projections.email_views import EmailView
from courrier.gateway.projections.uploads import uploads_by_ids

from .caller import Caller, cause_of, gateway_of
from .draft_forms import FileBody
from .email_shapes import EmailMissing, readable_email
from .problems import Problem

NO_UPLOAD = "there is no such upload of yours: POST /attachments first"
NO_FILE = "there is no such file in this e-mail"


@dataclass(frozen=True, slots=True)
class EnclosedFile:
    """A file of an e-mail, as its message was read."""

    number: int
    filename: str | None
    content_type: str
    content_id: str | None
    inline: bool


async def files_of(
    request: Request, caller: Caller, wanted: Sequence[str | FileBody], before: DraftFields
) -> tuple[WrittenFile, ...]:
    """Return the files that a draft is to have; those that it has need not be the caller's own.

    Raises:
        Unfit: an upload or file is not there, or not for the caller.
    """
    gateway = gateway_of(request)
    known = {file.id: file for file in before.files}
    ids = [each for each in map(_id_of, wanted) if each is not None and each not in known]
    for row in await uploads_by_ids(gateway.pool, ids):
        if row.owner_id == caller.person.id:
            known[row.file.id] = row.file
    found: dict[str, WrittenFile] = {}
    for index, each in enumerate(wanted):
        file = known.get(_id_of(each) or "")
        if file is None and isinstance(each, FileBody) and each.email_id is not None:
            file = await _of_email(request, caller, each, index)
        if file is None:
            raise Unfit(NO_UPLOAD, pointer=f"/attachments/{index}")
        found[file.id] = file
    return tuple(found.values())


def enclosed_of(parsed: dict[str, Any]) -> list[EnclosedFile]:
    """Return the files of a message that was read."""
    return [
        EnclosedFile(
            number, each["filename"], each["content_type"], each["content_id"], each["inline"]
        )
        for number, each in enumerate(parsed["attachments"])
    ]


async def passed_on(
    request: Request, caller: Caller, view: EmailView, files: Sequence[EnclosedFile]
) -> tuple[WrittenFile, ...]:
    """Store these files of an e-mail as uploads of the caller, and return them.

    Raises:
        Problem: the message cannot be read in time.
    """
    if not files:
        return ()
    gateway = gateway_of(request)
    raw = await gateway.blobs.get(view.raw_digest)
    uploads = [
        upload
        for file in files
        if (upload := await _upload(gateway, caller, view, raw, file)) is not None
    ]
    await note_uploads(gateway.store, uploads, cause_of(request, caller, "files"))
    return tuple(
        WrittenFile(
            id=each.upload_id,
            filename=each.filename,
            content_type=each.content_type,
            content=each.content,
            content_id=each.content_id,
            inline=each.inline,
        )
        for each in uploads
    )


async def _upload(
    gateway: Gateway, caller: Caller, view: EmailView, raw: bytes, file: EnclosedFile
) -> FileUploaded | None:
    try:
        content = await gateway.reader.attachment(raw, file.number)
    except ReadingTookTooLong as error:
        raise Problem(503, "the message takes too long to read; try again later") from error
    if content is None:
        return None
    (blob,) = await gateway.blobs.put([content])
    number = str(file.number)
    return FileUploaded(
        upload_id=derived_id("passed-on", caller.person.id, view.id, number).hex,
        owner_id=caller.person.id,
        filename=file.filename or f"file-{file.number + 1}",
        content_type=file.content_type,
        content=blob,
        content_id=file.content_id,
        inline=file.inline and file.content_id is not None,
        email_id=view.id,
    )


async def _of_email(
    request: Request, caller: Caller, wanted: FileBody, index: int
) -> WrittenFile | None:
    try:
        view = await readable_email(gateway_of(request), caller.person, wanted.email_id or "")
    except EmailMissing as error:
        raise Unfit(NO_FILE, pointer=f"/attachments/{index}/email_id") from error
    for each in view.attachments or ():
        if each["position"] == wanted.number:
            file = EnclosedFile(
                each["position"], each["filename"], each["content_type"], None, inline=False
            )
            found = await passed_on(request, caller, view, [file])
            return found[0] if found else None
    raise Unfit(NO_FILE, pointer=f"/attachments/{index}/number")


def _id_of(wanted: str | FileBody) -> str | None:
    return wanted if isinstance(wanted, str) else wanted.id

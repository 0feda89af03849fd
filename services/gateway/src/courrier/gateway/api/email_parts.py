"""What belongs to one e-mail: its page, its bytes, its files, and its holders."""

import html
import json
import re
from base64 import b64encode
from typing import Any
from urllib.parse import quote, unquote

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from courrier.gateway.domain.access import has_part_in
from courrier.gateway.domain.blind_copies import without_bcc
from courrier.gateway.domain.refusals import NotThere
from courrier.gateway.ports import Gateway, ReadingTookTooLong
from courrier.gateway.projections.email_views import EmailView

from .answers import answer, file_answers, listed
from .caller import CallerDep, GatewayDep
from .draft_texts import draft_body, file_of_draft
from .email_forms import HolderShown
from .email_shapes import readable_email
from .freshness import Fresh
from .problems import Problem
from .routing import CourrierRoute
from .values import PathId

router = APIRouter(route_class=CourrierRoute, tags=["e-mails"], dependencies=[Fresh])

PAGE_POLICY = (
    "default-src 'none'; img-src data:{}; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
REMOTE_IMAGES = " https: http:"
PAGE_STYLE = (
    "<style>body{margin:12px;font:16px/1.55 system-ui,sans-serif;overflow-wrap:anywhere}"
    "img{max-width:100%}</style>"
)
FILE_POLICY = "default-src 'none'; sandbox"
SHOWN_IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp")
INLINE_IMAGES = 20
INLINE_BYTES = 5 * 1024 * 1024
_CID = re.compile(r'src="cid:([^"]{1,500})"', re.IGNORECASE)
# In sanitised HTML a tag holds no angle bracket but its own.
_REMOTE_SRC = re.compile(r"(<img [^<>]{0,5000}?)data-remote-src=\"", re.IGNORECASE)
_PLAIN_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,100}/[a-z0-9!#$&^_.+-]{1,100}\Z")

HOLDER = {
    "type": "user",
    "id": "b3f0c1d2e4a5968778695a4b3c2d1e0f",
    "name": "Grace Hopper",
    "at": "2026-03-02T12:00:00Z",
}


@router.get(
    "/emails/{email_id}/html",
    response_class=HTMLResponse,
    responses=file_answers("text/html", "<!doctype html>…"),
)
async def email_page(
    email_id: PathId, gateway: GatewayDep, caller: CallerDep, *, remote_images: bool = False
) -> Response:
    """The e-mail as a page that runs nothing, for a sandboxed frame.

    Nothing is fetched either, unless `remote_images` asks for the images on other servers: who
    runs these learns when and where the e-mail is read.
    """
    view = await readable_email(gateway, caller.person, email_id)
    if view.draft is not None:
        body = await draft_body(gateway, view.draft)
    else:
        body = await _body(gateway, view, await gateway.blobs.get(view.raw_digest))
    if remote_images:
        body = _REMOTE_SRC.sub(r'\1src="', body)
    policy = PAGE_POLICY.format(REMOTE_IMAGES if remote_images else "")
    page = f'<!doctype html><meta charset="utf-8"><base target="_blank">{PAGE_STYLE}<body>{body}'
    return HTMLResponse(page, headers=safe_headers(policy))


@router.get(
    "/emails/{email_id}/raw",
    response_class=Response,
    responses=file_answers("message/rfc822", "From: ada@example.org…"),
)
async def raw_email(email_id: PathId, gateway: GatewayDep, caller: CallerDep) -> Response:
    """The original bytes; without the Bcc field for those who only read it through a record."""
    view = await readable_email(gateway, caller.person, email_id)
    if view.draft is not None:
        raise NotThere("a draft has no bytes before it is sent")
    raw = await gateway.blobs.get(view.raw_digest)
    if not has_part_in(caller.person, view.access):
        raw = without_bcc(raw)
    headers = safe_headers(FILE_POLICY)
    headers["Content-Disposition"] = f'attachment; filename="{view.id}.eml"'
    return Response(raw, headers=headers, media_type="message/rfc822")


@router.get(
    "/emails/{email_id}/attachments/{number}",
    response_class=Response,
    responses=file_answers("*/*", "…"),
)
async def attachment(
    email_id: PathId, number: int, gateway: GatewayDep, caller: CallerDep
) -> Response:
    """One file; the browser saves it and never shows it as a page of ours."""
    view = await readable_email(gateway, caller.person, email_id)
    if not 0 <= number < 2**31:
        raise NotThere("there is no such attachment")
    if view.draft is not None:
        content = await file_of_draft(gateway, view.draft, number)
    else:
        raw = await gateway.blobs.get(view.raw_digest)
        content = await _late_is_503(gateway, raw, number)
    if content is None:
        raise NotThere("there is no such attachment")
    known = next((each for each in view.attachments or () if each["position"] == number), None)
    headers = safe_headers(FILE_POLICY)
    headers["Content-Disposition"] = disposition((known or {}).get("filename"))
    return Response(
        content, headers=headers, media_type=media_type((known or {}).get("content_type"))
    )


@router.get(
    "/emails/{email_id}/holders",
    responses=listed(HOLDER, HolderShown, 404),
)
async def holders(email_id: PathId, gateway: GatewayDep, caller: CallerDep) -> Response:
    """Who has the e-mail; in which folder is each one's own business."""
    view = await readable_email(gateway, caller.person, email_id)
    items = [{"type": h.type, "id": h.id, "name": h.name, "at": h.at} for h in view.holders]
    return answer({"items": items, "next": None})


async def _body(gateway: Gateway, view: EmailView, raw: bytes) -> str:
    """Return safe HTML; a message that cannot be read in time is shown by its text."""
    try:
        parsed = json.loads(await gateway.reader.parse(raw))
    except ReadingTookTooLong:
        parsed = {"html": None, "text": view.text or "", "attachments": []}
    if parsed["html"] is None:
        return f'<div style="white-space:pre-wrap">{html.escape(parsed["text"])}</div>'
    images = await _images(gateway, raw, parsed["attachments"])
    return _CID.sub(
        lambda match: f'src="{images.get(unquote(html.unescape(match[1])), "")}"', parsed["html"]
    )


async def _images(
    gateway: Gateway, raw: bytes, attachments: list[dict[str, Any]]
) -> dict[str, str]:
    """Return the inline images by content id: a sandboxed page has no cookie to fetch them with."""
    found: dict[str, str] = {}
    room = INLINE_BYTES
    for number, each in enumerate(attachments):
        is_image = each["content_id"] and each["content_type"] in SHOWN_IMAGES
        if not is_image or each["size"] > room or len(found) == INLINE_IMAGES:
            continue
        room -= each["size"]
        content = await _late_is_503(gateway, raw, number) or b""
        found[each["content_id"]] = (
            f"data:{each['content_type']};base64,{b64encode(content).decode()}"
        )
    return found


async def _late_is_503(gateway: Gateway, raw: bytes, number: int) -> bytes | None:
    try:
        return await gateway.reader.attachment(raw, number)
    except ReadingTookTooLong as error:
        raise Problem(503, "the message takes too long to read; try again later") from error


def safe_headers(policy: str) -> dict[str, str]:
    """Return the headers of something that others wrote."""
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "private, max-age=3600",
    }


def disposition(filename: str | None) -> str:
    """RFC 6266: the name only in its extended form, which cannot break out of the header."""
    return f"attachment; filename*=UTF-8''{quote(filename or 'attachment', safe='')}"


def media_type(content_type: str | None) -> str:
    """Return a declared type if it is one; a browser never takes it for a page of ours."""
    declared = (content_type or "").lower()
    return declared if _PLAIN_TYPE.match(declared) else "application/octet-stream"

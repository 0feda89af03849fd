"""A draft with its texts, which are blobs."""

import asyncio
from dataclasses import replace

from courrier.events.families.mailbox import BlobRef
from courrier.gateway.ports import Gateway
from courrier.gateway.projections.draft_emails import view_of_draft
from courrier.gateway.projections.draft_views import DraftView
from courrier.gateway.projections.email_views import EmailView
from courrier.mail.html.sanitise import safe_html
from courrier.mail.html.text import html_to_text


async def with_texts(gateway: Gateway, draft: DraftView) -> EmailView:
    """Return a draft as an e-mail with its texts."""
    fields = draft.fields
    text, html = await asyncio.gather(_text(gateway, fields.text), _text(gateway, fields.html))
    whole = replace(draft, html=html)
    return replace(view_of_draft(whole), text=html_to_text(html or "") if text is None else text)


async def _text(gateway: Gateway, ref: BlobRef | None) -> str | None:
    return None if ref is None else (await gateway.blobs.get(ref.digest)).decode()


async def draft_body(gateway: Gateway, draft: DraftView) -> str:
    """Return what a draft says as safe HTML."""
    view = await with_texts(gateway, draft)
    if view.draft is not None and view.draft.html is not None:
        return await asyncio.to_thread(safe_html, [(view.draft.html, True)])
    return safe_html([(view.text or "", False)])


async def file_of_draft(gateway: Gateway, draft: DraftView, number: int) -> bytes | None:
    """Return the bytes of a draft's file; None if there is none of this number."""
    if number >= len(draft.fields.files):
        return None
    return await gateway.blobs.get(draft.fields.files[number].content.digest)

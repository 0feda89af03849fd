"""A draft in the form of an e-mail: what nobody has received, holds or is linked to yet."""

from typing import Any

from courrier.events.base import RecordRef
from courrier.events.families.drafts import WrittenFile
from courrier.gateway.domain.access import LinkedRecord

from .draft_views import DraftView
from .email_views import EmailView, LinkView


def view_of_draft(draft: DraftView) -> EmailView:
    """Return a draft as an e-mail that nobody has."""
    fields, parent = draft.fields, draft.fields.parent
    links = [] if parent is None else [_link_of(draft, parent)]
    return EmailView(
        id=draft.email_id,
        status="draft",
        raw_digest="",
        raw_size=0,
        account_id=fields.account_id,
        message_id=None,
        in_reply_to=fields.in_reply_to,
        references=list(fields.references),
        thread_id=fields.thread_id,
        thread_reason=None,
        subject=fields.subject,
        sent_from=fields.sent_from.model_dump() if fields.sent_from else None,
        reply_to=[],
        to=[box.model_dump() for box in fields.to],
        cc=[box.model_dump() for box in fields.cc],
        date=draft.saved_at,
        snippet=fields.snippet,
        text=None,
        attachments=[_file(position, file) for position, file in enumerate(fields.files)],
        attachment_count=len(fields.files),
        auto_reply=False,
        authentication=None,
        is_replied=False,
        imported_at=None,
        actor=f"user:{draft.author_id}",
        seq=0,
        holders=[],
        links=links,
        delivery=None,
        is_internal=False,
        opened_by=frozenset(),
        draft=draft,
    )


def _link_of(draft: DraftView, parent: RecordRef) -> LinkView:
    record = draft.record or LinkedRecord(parent.type)
    return LinkView(
        type=parent.type,
        id=parent.id,
        name=draft.record_name,
        is_parent=True,
        reason={"rule": "author", "field": "parent", "value": None},
        at=draft.saved_at,
        assigned=record.assigned_user_id,
        team_ids=list(record.team_ids),
        account_id=None,
    )


def _file(position: int, file: WrittenFile) -> dict[str, Any]:
    return {
        "id": file.id,
        "position": position,
        "filename": file.filename,
        "content_type": file.content_type,
        "size": file.content.size,
        "sha256": file.content.digest,
        "content_id": file.content_id,
        "inline": file.inline,
    }

"""An e-mail as answers show it: for this reader, with the people behind its addresses."""

from collections.abc import Mapping, Sequence
from typing import Any

from courrier.gateway.domain.access import (
    Person,
    may_read_record,
    may_see_bcc,
    reach,
)
from courrier.gateway.domain.refusals import NotThere
from courrier.gateway.ports import Gateway
from courrier.gateway.projections import people, readable_emails
from courrier.gateway.projections.email_views import DeliveryView, EmailView, LinkView
from courrier.gateway.projections.people import PersonRef
from courrier.gateway.projections.readable_emails import Trace
from courrier.mail.headers.addresses import match_key

from .answers import version_of

REASON = {"rule": "address", "field": "from", "value": "ada@example.org"}
EMAIL: dict[str, Any] = {
    "id": "e1a2b3c4d5e6f708192a3b4c5d6e7f80",
    "version": "42",
    "status": "archived",
    "subject": "Question",
    "from": {
        "name": "Ada Lovelace",
        "address": "ada@example.org",
        "person": {
            "type": "contact",
            "id": "c0ffee00c0ffee00c0ffee00c0ffee00",
            "name": "Ada Lovelace",
        },
    },
    "to": [{"name": None, "address": "grace@example.org", "person": None}],
    "cc": [],
    "bcc": [],
    "reply_to": [],
    "date": "2026-03-02T12:00:00Z",
    "snippet": "Could you send me…",
    "thread_id": "71a2b3c4d5e6f708192a3b4c5d6e7f80",
    "parent": {
        "type": "contact",
        "id": "c0ffee00c0ffee00c0ffee00c0ffee00",
        "name": "Ada Lovelace",
        "reason": REASON,
    },
    "account": "a1b2c3d4e5f60718293a4b5c6d7e8f90",
    "folder": "inbox",
    "is_read": False,
    "is_important": False,
    "in_trash": False,
    "is_archived": False,
    "is_replied": False,
    "attachments": [],
    "attachment_count": 0,
    "holders": [{"type": "user", "id": "b3f0c1d2e4a5968778695a4b3c2d1e0f", "name": "Grace Hopper"}],
    "message_id": "1@example.org",
    "in_reply_to": None,
    "auto_reply": False,
    "authentication": {"verdict": "pass", "server": "mail.example.org"},
    "bounce": None,
    "warnings": [],
    "delivery": None,
}

Box = dict[str, str | None]
Behind = Mapping[str, PersonRef]


class EmailMissing(NotThere):
    """There is no such e-mail, or none that the caller may read."""


async def readable_email(gateway: Gateway, person: Person, email_id: str) -> EmailView:
    """Return an e-mail that this person may read.

    Raises:
        EmailMissing: there is none, or not for them.
    """
    view = await readable_emails.readable_email(gateway.pool, email_id, person)
    if view is None:
        raise EmailMissing("there is no such e-mail")
    return view


async def emails_json(
    gateway: Gateway, person: Person, views: Sequence[EmailView]
) -> list[dict[str, Any]]:
    """Return e-mails for this reader; people are looked up for all of them at once."""
    boxes = [box for view in views for box in _boxes(view, person)]
    addresses = {str(box["address"]) for box in boxes}
    behind = await people.behind(gateway.pool, addresses, reach(person)) if addresses else {}
    return [_email(view, person, behind) for view in views]


def trace_json(trace: Trace) -> dict[str, Any]:
    """Return what is told of mail that its holders keep to themselves."""
    return {
        "date": trace.date,
        "from": trace.sent_from,
        "to": trace.to,
        "cc": trace.cc,
        "holders": [{"type": h.type, "id": h.id, "name": h.name} for h in trace.holders],
    }


def _boxes(view: EmailView, person: Person) -> list[Box]:
    sender = [view.sent_from] if view.sent_from else []
    return [*sender, *view.to, *view.cc, *view.reply_to, *_bcc(view, person)]


def _email(view: EmailView, person: Person, behind: Behind) -> dict[str, Any]:
    mine = view.held_by(person)
    shown: dict[str, Any] = {
        "id": view.id,
        "version": "",
        "status": view.status,
        "subject": view.subject,
        "from": _box(view.sent_from, behind) if view.sent_from else None,
        "to": [_box(box, behind) for box in view.to],
        "cc": [_box(box, behind) for box in view.cc],
        "bcc": [_box(box, behind) for box in _bcc(view, person)],
        "reply_to": [_box(box, behind) for box in view.reply_to],
        "date": view.date,
        "snippet": view.snippet,
        "thread_id": view.thread_id,
        "parent": _parent(view.links, person),
        "account": mine.account_id if mine else view.account_id,
        "folder": mine.folder if mine else None,
        "is_read": mine.is_read if mine else None,
        "is_important": mine.is_important if mine else None,
        "in_trash": bool(mine and mine.folder == "trash"),
        "is_archived": bool(mine and mine.folder == "archive"),
        "is_replied": view.is_replied,
        "attachments": attachments_json(view),
        "attachment_count": view.attachment_count,
        "holders": [{"type": h.type, "id": h.id, "name": h.name} for h in view.holders],
        "message_id": view.message_id,
        "in_reply_to": view.in_reply_to,
        "auto_reply": view.auto_reply,
        "authentication": view.authentication,
        "bounce": None,
        "warnings": [],
        "delivery": _delivery(view.delivery) if view.delivery else _unsent(view),
    }
    return shown | _version_and_text(view, shown)


def _version_and_text(view: EmailView, shown: dict[str, Any]) -> dict[str, Any]:
    """Return the version of what is shown so far, and the text where one e-mail is asked for."""
    text: dict[str, Any] = {} if view.text is None else {"text": view.text}
    draft = view.draft
    if draft is None:
        return {"version": version_of(shown)} | text
    written = {"html": draft.html, "replies_to": draft.fields.replies_to} if text else {}
    return {"version": str(draft.version), "folder": "drafts"} | text | written


def attachments_json(view: EmailView) -> list[dict[str, Any]]:
    """Return the files of an e-mail; ``number`` is what ``/attachments/{n}`` takes."""
    return [
        {
            "number": each["position"],
            "id": each.get("id"),
            "filename": each["filename"],
            "content_type": each["content_type"],
            "size": each["size"],
            "sha256": each["sha256"],
            "content_id": each["content_id"],
            "inline": each["inline"],
            "url": f"/api/v1/emails/{view.id}/attachments/{each['position']}",
        }
        for each in view.attachments or ()
    ]


def _bcc(view: EmailView, person: Person) -> list[Box]:
    if view.draft is not None:
        return [box.model_dump() for box in view.draft.fields.bcc]
    delivery = view.delivery
    return delivery.bcc if delivery and may_see_bcc(person, delivery.author_id) else []


def _box(box: Box, behind: Behind) -> dict[str, Any]:
    found = behind.get(match_key(str(box["address"])))
    person = {"type": found.type, "id": found.id, "name": found.name} if found else None
    return {"name": box["name"], "address": box["address"], "person": person}


def link_json(link: LinkView | None, person: Person) -> dict[str, Any] | None:
    """Return why an e-mail is in a record's history, and through which record."""
    if link is None:
        return None
    name = link.name if may_read_record(person, link.access) else None
    record = {"type": link.type, "id": link.id, "name": name}
    return {"reason": link.reason, "at": link.at, "record": record}


def _parent(links: Sequence[LinkView], person: Person) -> dict[str, Any] | None:
    link = next((link for link in links if link.is_parent), None)
    if link is None:
        return None
    name = link.name if may_read_record(person, link.access) else None
    return {"type": link.type, "id": link.id, "name": name, "reason": link.reason}


def _unsent(view: EmailView) -> dict[str, Any] | None:
    """Return where a draft stands; None for what was received."""
    if view.draft is None:
        return None
    return {"state": "draft", "attempts": 0, "retry_at": None, "text": "", "recipients": []}


def _delivery(delivery: DeliveryView) -> dict[str, Any]:
    return {
        "state": delivery.state,
        "attempts": delivery.attempts,
        "retry_at": delivery.retry_at,
        "text": delivery.explanation,
        "recipients": [_recipient(each, delivery) for each in delivery.outcomes],
    }


def _recipient(outcome: dict[str, Any], delivery: DeliveryView) -> dict[str, Any]:
    shown = {name: outcome[name] for name in ("address", "outcome", "code", "text")}
    return shown | {"at": outcome.get("at") or delivery.changed_at}

"""``/records/{type}/{id}``: a record's fields, and its History of e-mails with their reasons."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from courrier.events.base import RecordRef
from courrier.events.families.crm import RecordFields
from courrier.gateway.api.email_shapes import emails_json
from courrier.gateway.api.reasons import Teller
from courrier.gateway.api.record_shapes import RecordType
from courrier.gateway.api.records import readable_record
from courrier.gateway.api.values import CursorText, PathId
from courrier.gateway.api.words import noted
from courrier.gateway.domain.access import may_read_record
from courrier.gateway.domain.cursors import Place, parse_cursor
from courrier.gateway.domain.record import display_name
from courrier.gateway.projections import (
    email_accounts,
    email_pages,
    readable_emails,
    records,
    users,
)
from courrier.gateway.projections.email_views import EmailView
from courrier.gateway.projections.records import RecordRow

from .mailbox import VisitorDep
from .page_route import PageRoute
from .rendering import page
from .visitor import Visitor

router = APIRouter(route_class=PageRoute)

HISTORY = 30
STATUS = noted("Status")
STAGE = noted("Stage")
EXTERNAL_ID = noted("Id elsewhere")
ASSIGNED = noted("Assigned to")


@dataclass(frozen=True, slots=True)
class Field:
    """One line of a record."""

    name: str
    value: str


@router.get("/records/{record_type}/{record_id}")
async def record(
    record_type: RecordType, record_id: PathId, visitor: VisitorDep, cursor: CursorText = None
) -> Response:
    """One record and what was written to and from it, newest first."""
    gateway = visitor.gateway
    ref = RecordRef(type=record_type, id=record_id)
    row = await readable_record(gateway, visitor.caller, ref)
    found = await email_pages.of_record(gateway.pool, ref, Place(parse_cursor(cursor), HISTORY + 1))
    older = found[HISTORY - 1].text() if len(found) > HISTORY else None
    values = {
        "viewer": visitor,
        "row": row,
        "name": display_name(row.fields) or ref.id,
        "account": await _account_of(visitor, row),
        "fields": await _fields(visitor, row.fields),
        "history": await _history(visitor, ref, [each.id for each in found[:HISTORY]]),
        "newest": cursor is None,
        "older": f"/records/{record_type}/{record_id}?cursor={older}" if older else None,
    }
    return page(visitor.words, "record.html", values)


async def _history(visitor: Visitor, ref: RecordRef, ids: list[str]) -> list[dict[str, Any]]:
    pool, person = visitor.gateway.pool, visitor.person
    views = await readable_emails.readable_emails(pool, ids, person, with_text=False)
    accounts = await email_accounts.accounts_of(pool, person.id)
    teller = Teller(visitor.words, {each.id: each.address for each in accounts})
    shown = await emails_json(visitor.gateway, person, views)
    return [
        {"email": email, "because": _because(teller, ref, view)}
        for email, view in zip(shown, views, strict=True)
    ]


def _because(teller: Teller, ref: RecordRef, view: EmailView) -> str:
    link = view.link_to(ref)
    return teller.because(link.reason) if link else ""


async def _account_of(visitor: Visitor, row: RecordRow) -> dict[str, str] | None:
    """Return the account that the record belongs to, if this person may read it."""
    account_id = row.fields.account_id
    if account_id is None:
        return None
    found = await records.record_by_id(
        visitor.gateway.pool, RecordRef(type="account", id=account_id)
    )
    if found is None or not may_read_record(visitor.person, found.access):
        return None
    return {"id": account_id, "name": display_name(found.fields) or account_id}


async def _fields(visitor: Visitor, fields: RecordFields) -> list[Field]:
    _ = visitor.words.text
    assigned = None
    if fields.assigned_user_id:
        user = await users.user_by_id(visitor.gateway.pool, fields.assigned_user_id)
        assigned = user.fields.name if user else None
    known = [
        (_(STATUS), fields.status),
        (_(STAGE), fields.stage),
        (_(ASSIGNED), assigned),
        (_(EXTERNAL_ID), fields.external_id),
        *((name.replace("_", " ").capitalize(), _plain(v)) for name, v in fields.custom.items()),
    ]
    return [Field(name, value) for name, value in known if value]


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)

"""``/{account}/skipped``: what filters kept out of a mailbox, and may be taken back for a while.

Taking back is undoing a decision: ``POST /decisions:undo`` with the ``decision_id`` shown here.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from courrier.events.commands.linker import RecallSkipped
from courrier.events.families.mailbox import MessageReceived
from courrier.gateway.domain.access import Person, may_administer, may_use_account
from courrier.gateway.domain.cursors import PAGE, Cursor, parse_cursor
from courrier.gateway.domain.email_account import AccountMissing
from courrier.gateway.ports import Gateway
from courrier.gateway.projections import email_accounts
from courrier.gateway.projections.email_accounts import AccountRow
from courrier.gateway.projections.skipped_messages import SkippedRow, skipped_by, skipped_of

from .answers import Facts, answer, listed, page_answer
from .caller import CallerDep, GatewayDep
from .email_forms import MailboxShown
from .freshness import Fresh
from .orders import order, shown
from .routing import CourrierRoute
from .shapes import Moment, Shown
from .values import CursorText, FieldNames, Limit, PathId

router = APIRouter(route_class=CourrierRoute)

STREAM = "MAILBOX"
A_SKIPPED = {
    "decision_id": "0d5f1c0be83f4c0c9d6f0f3f8f0b7c11",
    "state": "kept",
    "folder": "INBOX",
    "uid": 4711,
    "filter_id": "3c2b1a0f9e8d7c6b5a49382716050403",
    "at": "2026-03-02T12:00:00Z",
    "undo_until": "2026-03-02T13:00:00Z",
    "from": {"name": "Ada Lovelace", "address": "ada@example.org"},
    "subject": "Win a lamp",
}


class SkippedShown(Shown):
    """A message that a filter kept out.

    ``state`` is ``kept`` as long as it can be taken back (until ``undo_until``), ``recalled`` once
    somebody did, else ``gone``. ``from`` and ``subject`` are shown to its owner while it is kept.
    """

    decision_id: str
    state: str
    folder: str
    uid: int
    filter_id: str | None
    at: Moment
    undo_until: Moment
    sender: MailboxShown | None = Field(alias="from")
    subject: str | None


@router.get(
    "/email-accounts/{account_id}/skipped",
    name="list_email_account_skipped",
    tags=["e-mail accounts"],
    dependencies=[Fresh],
    responses=listed(A_SKIPPED, SkippedShown, 404),
)
@router.get(
    "/group-accounts/{account_id}/skipped",
    name="list_group_account_skipped",
    tags=["group accounts"],
    dependencies=[Fresh],
    responses=listed(A_SKIPPED, SkippedShown, 404),
)
async def list_skipped(  # noqa: PLR0913, PLR0917  query parameters
    account_id: PathId,
    request: Request,
    gateway: GatewayDep,
    caller: CallerDep,
    limit: Limit = PAGE,
    cursor: CursorText = None,
    fields: FieldNames = None,
) -> Response:
    """What filters kept out of this mailbox in the last 30 days, newest first."""
    person, is_group = caller.person, "/group-accounts/" in request.url.path
    row = await email_accounts.account_by_id(gateway.pool, account_id)
    if row is None or row.is_group != is_group or not _may_see(person, row):
        raise AccountMissing("there is no such account")
    found = await skipped_of(gateway.pool, [account_id], parse_cursor(cursor), limit + 1)
    last = found[limit - 1] if len(found) > limit else None
    following = Cursor(last.at, last.decision_id).text() if last else None
    is_theirs = is_group or row.owner_id == person.id
    said = await _said(gateway, found[:limit]) if is_theirs else {}
    items = [_json(row, said.get(row.source_id)) for row in found[:limit]]
    return page_answer(request, items, following, fields)


def _may_see(person: Person, row: AccountRow) -> bool:
    return may_administer(person) if row.is_group else may_use_account(person, row.owner_id)


async def mailboxes_of(gateway: Gateway, person: Person) -> list[str]:
    """Return the accounts whose kept-out mail a person may see: theirs, and the groups'."""
    own = await email_accounts.accounts_of(gateway.pool, person.id)
    groups = []
    if may_administer(person):
        groups = await email_accounts.accounts_of(gateway.pool, None, is_group=True)
    return [row.id for row in (*own, *groups)]


async def taken_back(
    gateway: Gateway, person: Person, decision_id: str, whole: UUID
) -> Response | None:
    """Take a message back that this decision kept out; None where it kept out none of theirs.

    Raises:
        Problem: it is too late.
    """
    row = await skipped_by(gateway.pool, decision_id, await mailboxes_of(gateway, person))
    if row is None:
        return None
    command = RecallSkipped(command_id=whole, source_id=row.source_id, actor=person.actor)
    done = await order(gateway, command)
    await shown(gateway, done)
    undone = int(done.created)
    counted = {"undone": undone, "changed_since": 0, "unchanged": 1 - undone}
    return answer({"decision_id": whole.hex} | counted, 200, Facts(done.position))


def as_decision(row: SkippedRow) -> dict[str, Any]:
    """Return that a message was kept out as ``/decisions`` shows it."""
    rule = {"rule": "filter", "rule_id": row.filter_id, "field": None, "value": None}
    return {
        "id": row.decision_id,
        "what": ["skipped"],
        "rule": rule,
        "actor": {"type": "service", "id": "linker", "name": None},
        "at": row.at,
        "emails": 1,
        "email_id": None,
        "undone": int(row.stage == "recalled"),
        "undo_until": row.due_at,
    }


async def _said(gateway: Gateway, rows: Sequence[SkippedRow]) -> Mapping[str, MessageReceived]:
    """Return what is still there of these messages, by source."""
    places = [row.place for row in rows if row.stage == "kept"]
    there = await gateway.events.read(STREAM, places) if places else []
    return {r.id: r.event for r in there if isinstance(r.event, MessageReceived)}


def _json(row: SkippedRow, said: MessageReceived | None) -> dict[str, Any]:
    sender = said.sent_from.model_dump() if said and said.sent_from else None
    return {
        "decision_id": row.decision_id,
        "state": row.stage if row.stage in {"kept", "recalled"} else "gone",
        "folder": row.folder,
        "uid": row.uid,
        "filter_id": row.filter_id,
        "at": row.at,
        "undo_until": row.due_at,
        "from": sender,
        "subject": said.subject if said else None,
    }

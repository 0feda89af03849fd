"""``/accounts``: each mailbox with how it fares and what to do, in plain words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from courrier.gateway.api.words import noted
from courrier.gateway.projections import email_accounts, users
from courrier.gateway.projections.email_accounts import AccountRow

from .mailbox import VisitorDep
from .page_route import PageRoute
from .rendering import page

router = APIRouter(route_class=PageRoute)


@dataclass(frozen=True, slots=True)
class Condition:
    """How a mailbox fares: one word, a tone (good, busy, bad), and what it means for people."""

    tone: str
    word: str
    told: str


CONDITIONS: Mapping[str, Condition] = {
    "working": Condition("good", noted("Working"), noted("New mail is fetched as it arrives.")),
    "waiting": Condition(
        "busy", noted("Starting"), noted("The server has not answered for the first time yet.")
    ),
    "paused": Condition("busy", noted("Paused"), noted("Nothing is fetched until it is resumed.")),
    "failing": Condition("bad", noted("Not working"), noted("No new mail comes in.")),
    "needs_person": Condition(
        "bad",
        noted("Needs you"),
        noted("No new mail comes in, and nothing more is tried until somebody acts."),
    ),
}
NEXT_STEPS: Mapping[str, str] = {
    "name-not-found": noted("Check the name of the IMAP server."),
    "refused": noted("Check the port of the IMAP server, and that the server is running."),
    "timed-out": noted("Check the server's name and port, and whether a firewall is in between."),
    "tls": noted("Check the encryption setting and the server's certificate."),
    "log-in-refused": noted(
        "Check user name and password. Some providers want a password made for one app."
    ),
    "folder-missing": noted("A monitored folder is gone from the server. Choose another one."),
    "disconnected": noted("The server ended the connection. This mostly mends itself."),
    "throttled": noted("The server wants a pause. Close other programs that read this mailbox."),
    "server-error": noted("The server reports a fault of its own. This mostly mends itself."),
}


@router.get("/accounts")
async def accounts(visitor: VisitorDep) -> Response:
    """The mailboxes of this person; of everybody for an administrator."""
    pool, person = visitor.gateway.pool, visitor.person
    rows = await email_accounts.accounts_of(pool, None if person.is_admin else person.id)
    names = {each.id: each.fields.name for each in await users.every_user(pool)}
    shown = [
        _shown(row, await email_accounts.folders_of(pool, row.id), names.get(row.owner_id, ""))
        | {"failure": row.failure_in(visitor.words.language)}
        for row in rows
    ]
    return page(visitor.words, "accounts.html", {"viewer": visitor, "accounts": shown})


def _shown(row: AccountRow, folders: list[dict[str, Any]], owner: str) -> dict[str, Any]:
    failure = row.failure or {}
    return {
        "row": row,
        "owner": owner,
        "condition": CONDITIONS[row.state],
        "next_step": NEXT_STEPS.get(str(failure.get("reason")), "") if row.failure else "",
        "folders": folders,
        "received": sum(each["received"] for each in folders),
        "advanced_at": max((each["at"] for each in folders), default=None),
    }

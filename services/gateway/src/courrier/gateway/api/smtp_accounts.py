"""``/smtp-accounts``: the system's way out, and those that teams or everybody may write from."""

from typing import Annotated, Any, Literal

from pydantic import Field

from courrier.events.base import Value
from courrier.events.families.configuration import SmtpAccountFields
from courrier.events.families.settings import Server
from courrier.gateway.domain.access import may_administer
from courrier.gateway.domain.configured import SMTP_ACCOUNT
from courrier.gateway.domain.refusals import NotAllowed
from courrier.gateway.handlers.configuring import keep_server
from courrier.gateway.handlers.teams import check_teams
from courrier.gateway.projections import configured

from .account_forms import ServerBody, ServerShown
from .own_folders import TeamIds
from .resource import Json, Resource, Wish, routes
from .shapes import Shown, example
from .values import AddressText, Body, Line

NEW_ACCOUNT: Json = {
    "name": "Company",
    "scope": "system",
    "address": "crm@example.org",
    "from_name": "Example Ltd",
    "smtp": {"host": "smtp.example.org", "port": 465, "user": "crm", "password": "…"},
    "is_shared": True,
}
AN_ACCOUNT: Json = {
    "id": "5e4d3c2b1a0f9e8d7c6b5a4938271605",
    "version": "1",
    **NEW_ACCOUNT,
    "smtp": {"host": "smtp.example.org", "port": 465, "tls": "implicit", "user": "crm"},
    "team_ids": [],
}
Scope = Literal["system", "shared"]
Name = Annotated[Line, Field(min_length=1, max_length=150)]


class SmtpAccountBody(Body):
    """A way out; the system's also sends invitations, and with ``is_shared`` everybody's mail."""

    model_config = example(NEW_ACCOUNT)

    name: Name
    scope: Scope = "shared"
    address: AddressText
    from_name: Line | None = None
    smtp: ServerBody
    is_shared: bool = False
    team_ids: TeamIds = ()


class SmtpAccountChange(Body):
    """What to change about a way out; a server without a password keeps the one it has."""

    model_config = example({"is_shared": False})

    name: Name = "-"
    address: AddressText = ""
    from_name: Line | None = None
    smtp: ServerBody | None = None
    is_shared: bool = False
    team_ids: TeamIds = ()


class SmtpAccountShown(Shown):
    """A way out; never its password."""

    id: str
    version: str
    name: str
    scope: str
    address: str
    from_name: str | None
    smtp: ServerShown
    is_shared: bool
    team_ids: list[str]


async def _added(wish: Wish, body: SmtpAccountBody) -> Value:
    _check_administrator(wish)
    await check_teams(wish.gateway.store, body.team_ids)
    server = await keep_server(wish.gateway.vault, secret_of(wish.item_id), body.smtp.server())
    return SmtpAccountFields(smtp=server, **body.model_dump(exclude={"smtp"}))


async def _changes(wish: Wish, body: SmtpAccountChange) -> dict[str, Any]:
    await check_teams(wish.gateway.store, body.team_ids)
    named = {name: getattr(body, name) for name in body.model_fields_set - {"smtp"}}
    if body.smtp is not None:
        named["smtp"] = await _server(wish, body.smtp)
    return named


async def _server(wish: Wish, body: ServerBody) -> Server:
    kept = await keep_server(wish.gateway.vault, secret_of(wish.item_id), body.server())
    row = await configured.item_by_id(wish.gateway.pool, SMTP_ACCOUNT, wish.item_id)
    if kept.secret is not None or row is None:
        return kept
    return kept.model_copy(update={"secret": row.fields.smtp.secret})


def _check_administrator(wish: Wish) -> None:
    if not may_administer(wish.person):
        raise NotAllowed("only an administrator sets up ways out for others")


def secret_of(smtp_account_id: str) -> str:
    """Return the name of the vault record of its password."""
    return f"smtp.{smtp_account_id}.smtp"


smtp_accounts = routes(
    Resource(
        path="/smtp-accounts",
        article="an",
        noun="SMTP account",
        plural="SMTP accounts",
        kind=SMTP_ACCOUNT,
        shown=SmtpAccountShown,
        example=AN_ACCOUNT,
        new=SmtpAccountBody,
        change=SmtpAccountChange,
        added=_added,
        changes=_changes,
        hidden={"smtp": {"secret"}},
    )
)

"""``/email-accounts``: mailboxes that are fetched and written from."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from courrier.events.commands import FetchAccount
from courrier.gateway.domain.access import may_use_account
from courrier.gateway.domain.email_account import (
    AccountCommand,
    AccountMissing,
    PauseAccount,
    RemoveAccount,
    ResumeAccount,
)
from courrier.gateway.domain.refusals import NotAllowed, Unfit
from courrier.gateway.handlers.email_accounts import (
    NewAccount,
    NewServer,
    add_account,
    change_account,
)
from courrier.gateway.handlers.facts import Written
from courrier.gateway.ports import Gateway
from courrier.gateway.projections import email_accounts, users
from courrier.gateway.projections.email_accounts import AccountRow

from .answers import Facts, answer, answers, listed, nothing
from .caller import Caller, CallerDep, GatewayDep, cause_of, command_id, gateway_of, new_id
from .freshness import Fresh
from .orders import order
from .routing import CourrierRoute
from .shapes import Moment, Shown, example
from .values import AddressText, Body, IdText, Line, Password, PathId

router = APIRouter(route_class=CourrierRoute, tags=["e-mail accounts"])

ACCOUNT = {
    "id": "a1b2c3d4e5f60718293a4b5c6d7e8f90",
    "owner_id": "b3f0c1d2e4a5968778695a4b3c2d1e0f",
    "name": "Work",
    "address": "grace@example.org",
    "imap": {"host": "imap.example.org", "port": 993, "tls": "implicit", "user": "grace"},
    "smtp": {"host": "smtp.example.org", "port": 465, "tls": "implicit", "user": "grace"},
    "monitored_folders": ["INBOX"],
    "fetch_since": "2026-01-01",
    "keep_unread": True,
    "state": "working",
}
STATUS = {
    "state": "working",
    "paused": None,
    "failure": None,
    "folders": [{"folder": "INBOX", "received": 132, "skipped": 0, "at": "2026-03-02T12:00:00Z"}],
}


class ServerShown(Shown):
    """How a server is reached; never the password."""

    host: str
    port: int
    tls: str
    user: str | None


class AccountShown(Shown):
    """An e-mail account; ``state`` is paused, failing, waiting or working."""

    id: str
    owner_id: str
    name: str
    address: str
    imap: ServerShown | None
    smtp: ServerShown | None
    monitored_folders: list[str]
    fetch_since: date | None
    keep_unread: bool
    state: str


class FolderStatusShown(Shown):
    """What came from one folder of the server."""

    folder: str
    received: int
    skipped: int
    at: Moment


class StatusShown(Shown):
    """How fetching goes."""

    state: str
    paused: str | None
    failure: dict[str, Any] | None
    folders: list[FolderStatusShown]


class FetchShown(Shown):
    """Fetching was asked for."""


class ServerBody(Body):
    """How to reach a server and log in; the password goes to the vault and never comes back."""

    host: Line
    port: int = Field(ge=1, le=65535)
    tls: Literal["implicit", "starttls", "none"] = "implicit"
    user: Line | None = None
    password: Password | None = None

    def server(self) -> NewServer:
        """Return it for the handler."""
        return NewServer(
            host=self.host, port=self.port, tls=self.tls, user=self.user, password=self.password
        )


class AccountBody(Body):
    """A mailbox to set up; ``owner_id`` is the caller unless an administrator names another."""

    model_config = example(
        {
            "name": "Work",
            "address": "grace@example.org",
            "imap": {"host": "imap.example.org", "port": 993, "user": "grace", "password": "…"},
            "smtp": {"host": "smtp.example.org", "port": 465, "user": "grace", "password": "…"},
        }
    )

    name: Line
    address: AddressText
    imap: ServerBody | None = None
    smtp: ServerBody | None = None
    monitored_folders: Annotated[tuple[Line, ...], Field(min_length=1, max_length=200)] = ("INBOX",)
    fetch_since: date | None = None
    keep_unread: bool = True
    owner_id: IdText | None = None


@router.get(
    "/email-accounts",
    dependencies=[Fresh],
    responses=listed(ACCOUNT, AccountShown),
)
async def list_accounts(gateway: GatewayDep, caller: CallerDep) -> Response:
    """My accounts; an administrator sees everybody's."""
    owner = None if caller.person.is_admin else caller.person.id
    rows = await email_accounts.accounts_of(gateway.pool, owner)
    return answer({"items": [account_json(row) for row in rows], "next": None})


@router.post(
    "/email-accounts",
    status_code=201,
    responses=answers(ACCOUNT, 201, 403, shape=AccountShown),
)
async def create_account(
    body: AccountBody, request: Request, gateway: GatewayDep, caller: CallerDep
) -> Response:
    """Set up a mailbox; fetching starts at once."""
    owner_id = await _owner(body, gateway, caller)
    account_id = new_id(request, caller, "email-account")
    new = NewAccount(
        account_id=account_id,
        owner_id=owner_id,
        name=body.name,
        address=body.address,
        imap=body.imap.server() if body.imap else None,
        smtp=body.smtp.server() if body.smtp else None,
        monitored_folders=tuple(dict.fromkeys(body.monitored_folders)),
        fetch_since=body.fetch_since,
        keep_unread=body.keep_unread,
    )
    cause = cause_of(request, caller)
    written = await add_account(gateway.store, gateway.vault, new, cause)
    shown = {"id": account_id} | body.model_dump(exclude={"imap", "smtp"}) | {"owner_id": owner_id}
    shown |= {"imap": _server(body.imap), "smtp": _server(body.smtp), "state": "waiting"}
    location = f"/api/v1/email-accounts/{account_id}"
    return answer(shown, 201, Facts(written.position, location=location))


@router.get(
    "/email-accounts/{account_id}",
    dependencies=[Fresh],
    responses=answers(ACCOUNT, 200, 404, shape=AccountShown),
)
async def read_account(account_id: PathId, gateway: GatewayDep, caller: CallerDep) -> Response:
    """One account."""
    return answer(account_json(await _account(gateway, caller, account_id)))


@router.get(
    "/email-accounts/{account_id}/status",
    dependencies=[Fresh],
    responses=answers(STATUS, 200, 404, shape=StatusShown),
)
async def read_status(account_id: PathId, gateway: GatewayDep, caller: CallerDep) -> Response:
    """How fetching goes: state, last failure in plain words, what came from each folder."""
    row = await _account(gateway, caller, account_id)
    folders = await email_accounts.folders_of(gateway.pool, account_id)
    shown = {"state": row.state, "paused": row.paused, "failure": row.failure, "folders": folders}
    return answer(shown)


@router.post(
    "/email-accounts/{account_id}:pause", status_code=204, responses=answers(None, 204, 404)
)
async def pause_account(account_id: PathId, request: Request, caller: CallerDep) -> Response:
    """Fetch nothing until it is resumed."""
    return nothing((await _change(request, caller, account_id, PauseAccount())).position)


@router.post(
    "/email-accounts/{account_id}:resume", status_code=204, responses=answers(None, 204, 404)
)
async def resume_account(account_id: PathId, request: Request, caller: CallerDep) -> Response:
    """Fetch again."""
    return nothing((await _change(request, caller, account_id, ResumeAccount())).position)


@router.post(
    "/email-accounts/{account_id}:fetch",
    status_code=202,
    responses=answers({}, 202, 404, 409, shape=FetchShown),
)
async def fetch_account(
    account_id: PathId, request: Request, gateway: GatewayDep, caller: CallerDep
) -> Response:
    """Look for new mail now, not at the next poll."""
    await _account(gateway, caller, account_id)
    actor = caller.person.actor
    command = FetchAccount(
        command_id=command_id(request, caller), account_id=account_id, actor=actor
    )
    done = await order(gateway, command)
    return answer({}, 202, Facts(done.position))


@router.delete("/email-accounts/{account_id}", status_code=204, responses=answers(None, 204, 404))
async def remove_account(account_id: PathId, request: Request, caller: CallerDep) -> Response:
    """Remove the account; its e-mails stay with their holders."""
    return nothing((await _change(request, caller, account_id, RemoveAccount())).position)


def account_json(row: AccountRow) -> dict[str, Any]:
    """Return an account as answers show it; never a password or the name of a secret."""
    return {
        "id": row.id,
        "owner_id": row.owner_id,
        "name": row.name,
        "address": row.address,
        "imap": _shown(row.imap),
        "smtp": _shown(row.smtp),
        "monitored_folders": row.monitored_folders,
        "fetch_since": row.fetch_since,
        "keep_unread": row.keep_unread,
        "state": row.state,
    }


def _shown(server: dict[str, Any] | None) -> dict[str, Any] | None:
    return server and {name: server.get(name) for name in ("host", "port", "tls", "user")}


def _server(body: ServerBody | None) -> dict[str, Any] | None:
    return body.model_dump(exclude={"password"}) if body else None


async def _owner(body: AccountBody, gateway: Gateway, caller: Caller) -> str:
    if body.owner_id in (None, caller.person.id):
        return caller.person.id
    if not caller.person.is_admin:
        raise NotAllowed("only an administrator sets up accounts for others", pointer="/owner_id")
    if await users.person_by_id(gateway.pool, str(body.owner_id)) is None:
        raise Unfit("there is no such user", pointer="/owner_id")
    return str(body.owner_id)


async def _account(gateway: Gateway, caller: Caller, account_id: str) -> AccountRow:
    row = await email_accounts.account_by_id(gateway.pool, account_id)
    if row is None or not may_use_account(caller.person, row.owner_id):
        raise AccountMissing("there is no such e-mail account")
    return row


async def _change(
    request: Request, caller: Caller, account_id: str, wanted: AccountCommand
) -> Written:
    gateway = gateway_of(request)
    row = await _account(gateway, caller, account_id)
    return await change_account(gateway.store, row.id, wanted, cause_of(request, caller))

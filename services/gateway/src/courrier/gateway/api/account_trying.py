"""Try a mailbox before or after it is set up, and list its server's folders.

Under ``/email-accounts`` and ``/group-accounts`` alike. What is wrong is an answer, not an error:
a code for programs, the step that was reached, and plain words in the caller's language.
"""

import asyncio
from typing import Annotated, Self

from fastapi import APIRouter, Query, Request
from pydantic import ConfigDict, model_validator
from starlette.responses import Response

from courrier.events.commands.mailboxes import InspectMailbox, InspectOutgoing, MailboxSeen
from courrier.events.families.settings import EmailAccountChanged
from courrier.events.vault import Vault
from courrier.gateway.domain.access import may_administer, may_use_account
from courrier.gateway.domain.email_account import AccountMissing
from courrier.gateway.domain.presets import preset_for
from courrier.gateway.domain.refusals import NotAllowed
from courrier.gateway.handlers.inspecting import (
    Asked,
    Outgoing,
    facts_of,
    inspection,
    outgoing_inspection,
    saved_inspection,
    saved_outgoing_inspection,
)
from courrier.gateway.ports import Gateway
from courrier.gateway.projections import email_accounts
from courrier.gateway.projections.email_accounts import AccountRow

from .account_forms import Folders, Json, ServerBody, ServerShown
from .answers import answer, answers, listed
from .caller import Caller, CallerDep, GatewayDep, command_id
from .orders import inspected
from .problems import Problem
from .routing import CourrierRoute
from .shapes import Shown, example
from .tried_servers import CertificateShown, SmtpTriedShown, both_json, text_of
from .values import AddressText, Body, PathId

TRIED: Json = {
    "smtp": None,
    "ok": False,
    "step": "log-in",
    "problem": "app-password-needed",
    "text": "Google refused the log-in: it takes no ordinary password from mail programs. …",
    "folders": [],
    "capabilities": [],
    "certificate": None,
}
FOLDER: Json = {"name": "INBOX", "special_use": None, "selectable": True}
PRESET: Json = {
    "id": "gmail",
    "name": "Gmail",
    "auth": "oauth-or-app-password",
    "oauth": "google",
    "imap": {"host": "imap.gmail.com", "port": 993, "tls": "implicit", "user": None},
    "smtp": {"host": "smtp.gmail.com", "port": 465, "tls": "implicit", "user": None},
    "user": "grace@gmail.com",
    "hint": "Sign in with Google, or make an app password.",
    "hint_url": "https://myaccount.google.com/apppasswords",
}
SERVER: Json = {"host": "imap.example.org", "port": 993, "user": "grace", "password": "…"}


WHOLE_FORM = ConfigDict(extra="ignore")
"""Whoever fills in a form tries it as it is: what is not about reading is passed over."""


class TryBody(Body):
    """Settings to try; nothing of them is stored. A whole account's form may be sent.

    ``imap``, ``smtp``, or both; with ``smtp`` the ``address`` that mail is to be sent from.
    """

    model_config = example({"imap": SERVER, "monitored_folders": ["INBOX"]}) | WHOLE_FORM

    imap: ServerBody | None = None
    smtp: ServerBody | None = None
    address: AddressText | None = None
    monitored_folders: Folders = ("INBOX",)

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.imap is None and self.smtp is None:
            raise ValueError("name the server to try: imap, smtp, or both")
        if self.smtp is not None and self.address is None:
            raise ValueError("name the address that mail is to be sent from")
        return self

    def orders(
        self, vault: Vault, asked: Asked
    ) -> tuple[InspectMailbox | None, InspectOutgoing | None]:
        """Return what is to be tried: the mailbox, the way out, or both."""
        mailbox = inspection(vault, asked, self.imap.server()) if self.imap else None
        if self.smtp is None or self.address is None:
            return mailbox, None
        wanted = Outgoing(self.smtp.server(), self.address)
        return mailbox, outgoing_inspection(vault, asked, wanted)


class TrySavedBody(Body):
    """Changes to try on a saved account: a password left out is the saved one.

    What is named is tried; where nothing is, all that the account has.
    """

    model_config = example({"imap": SERVER | {"port": 143, "tls": "starttls"}}) | WHOLE_FORM

    imap: ServerBody | None = None
    smtp: ServerBody | None = None
    monitored_folders: Folders | None = None

    def tries(self, half: str) -> bool:
        """Tell whether the account's ``imap`` or ``smtp`` half is asked about."""
        named = {"imap": bool(self.imap or self.monitored_folders), "smtp": bool(self.smtp)}
        return named[half] or not any(named.values())


class ServerFolderShown(Shown):
    """A folder of the server."""

    name: str
    special_use: str | None
    selectable: bool


class TriedShown(Shown):
    """How far it went and what is in the way; ``problem`` is null where all works.

    ``smtp`` is what was found of the way out, null where it was not tried.
    """

    ok: bool
    step: str
    problem: str | None
    text: str
    folders: list[ServerFolderShown]
    capabilities: list[str]
    certificate: CertificateShown | None
    smtp: SmtpTriedShown | None


class PresetShown(Shown):
    """Settings of a well-known provider."""

    id: str
    name: str
    auth: str
    oauth: str | None
    imap: ServerShown
    smtp: ServerShown
    user: str | None
    hint: str
    hint_url: str | None


class _Routes:
    def __init__(self, path: str, noun: str, *, is_group: bool) -> None:
        self._path = path
        self._noun = noun
        self._is_group = is_group
        self.router = APIRouter(route_class=CourrierRoute, tags=[f"{noun}s"])
        self._add_trying()
        self._add_looking()

    def _add_trying(self) -> None:
        async def try_new(
            body: TryBody, request: Request, gateway: GatewayDep, caller: CallerDep
        ) -> Response:
            if self._is_group and not may_administer(caller.person):
                raise NotAllowed("only an administrator sets up group accounts")
            asked = _asked(request, caller, body.monitored_folders)
            return await _tried(gateway, caller, *body.orders(gateway.vault, asked))

        async def try_saved(
            account_id: PathId,
            request: Request,
            gateway: GatewayDep,
            caller: CallerDep,
            body: TrySavedBody | None = None,
        ) -> Response:
            await self._account(gateway, caller, account_id)
            facts = await facts_of(gateway, account_id)
            wanted = body or TrySavedBody()
            asked = _asked(request, caller, wanted.monitored_folders or facts.monitored_folders)
            return await _tried(
                gateway,
                caller,
                _mailbox_order(gateway, asked, wanted, facts),
                _way_out_order(gateway, asked, wanted, facts),
            )

        self.router.post(
            f"{self._path}:test",
            name=f"test_new_{self._name}",
            description="Try settings that are not saved: says in plain words what is wrong.",
            responses=answers(TRIED, 200, 403, shape=TriedShown),
        )(try_new)
        self.router.post(
            f"{self._path}/{{account_id}}:test",
            name=f"test_{self._name}",
            description=f"Try one {self._noun}, as it is or with changes that are not saved yet.",
            responses=answers(TRIED, 200, 404, shape=TriedShown),
        )(try_saved)

    def _add_looking(self) -> None:
        async def folders(
            account_id: PathId, request: Request, gateway: GatewayDep, caller: CallerDep
        ) -> Response:
            await self._account(gateway, caller, account_id)
            facts = await facts_of(gateway, account_id)
            order = saved_inspection(_asked(request, caller), facts)
            seen = await inspected(gateway, order)
            if seen.problem is not None:
                raise Problem(409, text_of(seen, caller.person.language), slug=seen.problem)
            found = [one.model_dump(mode="json") for one in seen.folders]
            return answer({"items": found, "next": None})

        async def presets(
            caller: CallerDep, address: Annotated[str, Query(min_length=3, max_length=320)]
        ) -> Response:
            found = preset_for(address, caller.person.language)
            return answer({"items": [found] if found else [], "next": None})

        self.router.get(
            f"{self._path}/presets",
            name=f"list_{self._name}_presets",
            description="Settings of the provider that an address is of; empty for an unknown one.",
            responses=listed(PRESET, PresetShown),
        )(presets)
        self.router.get(
            f"{self._path}/{{account_id}}/folders",
            name=f"list_{self._name}_folders",
            description="The server's folders, as it tells them now; 409 says why it cannot.",
            responses=listed(FOLDER, ServerFolderShown, 404, 409),
        )(folders)

    @property
    def _name(self) -> str:
        return "group_account" if self._is_group else "email_account"

    async def _account(self, gateway: Gateway, caller: Caller, account_id: str) -> AccountRow:
        row = await email_accounts.account_by_id(gateway.pool, account_id)
        if row is None or row.is_group != self._is_group:
            raise AccountMissing(f"there is no such {self._noun}")
        person = caller.person
        is_theirs = not self._is_group and may_use_account(person, row.owner_id)
        if not (is_theirs or may_administer(person)):
            raise AccountMissing(f"there is no such {self._noun}")
        return row


def _asked(request: Request, caller: Caller, folders: tuple[str, ...] = ()) -> Asked:
    return Asked(command_id(request, caller), caller.person.actor, folders)


def _mailbox_order(
    gateway: Gateway, asked: Asked, wanted: TrySavedBody, facts: EmailAccountChanged
) -> InspectMailbox | None:
    if wanted.imap is not None:
        return inspection(gateway.vault, asked, wanted.imap.server(), facts.imap)
    has_only_smtp = facts.imap is None and facts.smtp is not None
    if not wanted.tries("imap") or (has_only_smtp and wanted.monitored_folders is None):
        return None
    return saved_inspection(asked, facts)


def _way_out_order(
    gateway: Gateway, asked: Asked, wanted: TrySavedBody, facts: EmailAccountChanged
) -> InspectOutgoing | None:
    if wanted.smtp is not None:
        server = Outgoing(wanted.smtp.server(), facts.address)
        return outgoing_inspection(gateway.vault, asked, server, facts.smtp)
    if facts.smtp is None or not wanted.tries("smtp"):
        return None
    return saved_outgoing_inspection(asked, facts.smtp, facts.address)


async def _tried(
    gateway: Gateway,
    caller: Caller,
    mailbox: InspectMailbox | None,
    way_out: InspectOutgoing | None,
) -> Response:
    """Try both at once: each may take nearly as long as a person waits."""

    async def seen(order: InspectMailbox | InspectOutgoing | None) -> MailboxSeen | None:
        return None if order is None else await inspected(gateway, order)

    found = await asyncio.gather(seen(mailbox), seen(way_out))
    return answer(both_json(*found, caller.person.language))


router = _Routes("/email-accounts", "e-mail account", is_group=False).router
group_accounts = _Routes("/group-accounts", "group account", is_group=True).router

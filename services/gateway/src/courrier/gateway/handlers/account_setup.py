"""Set up mailboxes, personal or a team's, and change how they are set up.

Passwords go to the vault first, then the fact that names them to the log. What the account names
(owner, folders, teams, people) must be there; its privacy must be among what is allowed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from courrier.events import subjects
from courrier.events.families.configuration import SystemFields
from courrier.events.families.settings import EmailAccountChanged, GroupOptions, Server
from courrier.gateway.domain.access import Person, may_administer
from courrier.gateway.domain.configured import (
    FOLDER,
    GROUP_FOLDER,
    SYSTEM,
    SYSTEM_FOLDERS,
    SYSTEM_ID,
)
from courrier.gateway.domain.email_account import (
    Account,
    AccountMissing,
    AddAccount,
    ChangeAccount,
    as_added,
    email_account,
)
from courrier.gateway.domain.refusals import NotAllowed, Unfit
from courrier.gateway.domain.shared_sign_in import joined
from courrier.gateway.ports import Gateway

from .configuring import fields_of, keep_server
from .email_accounts import NewServer
from .facts import Cause, carry_out
from .teams import check_teams
from .users import check_user


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants of an account: ``named`` fields, and servers by ``imap`` and ``smtp``."""

    account_id: str
    owner_id: str | None
    named: Mapping[str, Any]
    servers: Mapping[str, NewServer | None]

    @property
    def has_new_secret(self) -> bool:
        """Whether a password was given."""
        return any(server and server.password is not None for server in self.servers.values())


@dataclass(frozen=True, slots=True)
class AccountWritten:
    """The account after the order; ``position``: None, nothing new."""

    account: Account
    position: str | None


async def add_account(
    gateway: Gateway, person: Person, wanted: Wanted, cause: Cause
) -> AccountWritten:
    """Keep the passwords, then add the account for its owner.

    Raises:
        NotAllowed: for somebody else, or none of one's own, without being an administrator.
        Unfit: it names what is not there.
        AccountExists: the id is taken.
    """
    system = await _system(gateway)
    if not (system.personal_accounts or may_administer(person)):
        raise NotAllowed("only administrators set up e-mail accounts here")
    owner_id = await _owner(gateway, person, wanted.owner_id)
    fields = {"privacy": system.default_privacy, **wanted.named}
    fields |= {name: await _kept(gateway, wanted, name, None) for name in wanted.servers}
    facts = EmailAccountChanged(account_id=wanted.account_id, owner_id=owner_id, **fields)
    await _check(gateway, facts)
    subject = subjects.email_account(wanted.account_id)
    order = AddAccount(as_added(facts))
    written = await carry_out(gateway.store, subject, email_account, order, cause)
    return AccountWritten(Account(wanted.account_id, facts), written.position)


async def alter_account(
    gateway: Gateway, wanted: Wanted, version: int | None, cause: Cause
) -> AccountWritten:
    """Change how an account is set up; what is not named stays.

    Raises:
        AccountMissing: it was removed meanwhile.
        VersionChanged: it is no longer what the caller saw.
        Unfit: it names what is not there, or another host without its password.
    """
    subject = subjects.email_account(wanted.account_id)
    history = await gateway.store.load(subject)
    state = email_account.fold(recorded.event for recorded in history)
    if not isinstance(state, Account):
        raise AccountMissing("there is no such e-mail account")
    changes = dict(wanted.named)
    for name in wanted.servers:
        changes[name] = await _kept(gateway, wanted, name, getattr(state.facts, name))
    facts = state.facts.model_copy(update=changes)
    if facts.smtp is not None and state.facts.smtp is None:
        facts = facts.model_copy(update={"smtp": joined(facts.imap, facts.smtp)})
    await _check(gateway, facts)
    order = ChangeAccount(facts, version, has_new_secret=wanted.has_new_secret)
    written = await carry_out(gateway.store, subject, email_account, order, cause)
    is_same = facts == state.facts and not wanted.has_new_secret
    changed = 0 if is_same or written.repeated else 1
    after = Account(state.account_id, facts, state.version + changed, state.is_paused)
    return AccountWritten(after, written.position)


async def _owner(gateway: Gateway, person: Person, owner_id: str | None) -> str:
    if owner_id in (None, person.id):
        return person.id
    if not may_administer(person):
        raise NotAllowed("only an administrator sets up accounts for others", pointer="/owner_id")
    await check_user(gateway.store, str(owner_id), "/owner_id")
    return str(owner_id)


async def _kept(
    gateway: Gateway, wanted: Wanted, name: str, before: Server | None
) -> Server | None:
    """Return the server as the log may hold it; a password left out is the one there is."""
    server = wanted.servers[name]
    if server is None:
        return None
    kept = await keep_server(gateway.vault, f"account.{wanted.account_id}.{name}", server)
    return with_secret_of(before, kept, name)


def with_secret_of(before: Server | None, kept: Server, name: str) -> Server:
    """Return the server with the secret that the one before had, unless it has its own.

    Raises:
        Unfit: it is another server.
    """
    if kept.secret is not None or before is None or before.secret is None:
        return kept
    if (before.host, before.port) != (kept.host, kept.port):
        text = "another server needs the password again: it is not sent where it was not meant for"
        raise Unfit(text, pointer=f"/{name}/password")
    return kept.model_copy(update={"secret": before.secret, "oauth": before.oauth})


async def _system(gateway: Gateway) -> SystemFields:
    return await fields_of(gateway.store, SYSTEM, SYSTEM_ID) or SystemFields()


async def _check(gateway: Gateway, facts: EmailAccountChanged) -> None:
    if facts.privacy not in (await _system(gateway)).privacy_levels:
        raise Unfit("this level is not allowed here: see /settings", pointer="/privacy")
    if facts.folder_id is not None:
        await _check_folder(gateway, facts, facts.folder_id, "/folder_id")
    for folder_id in set(facts.folder_map.values()):
        await _check_folder(gateway, facts, folder_id, "/folder_map")
    if facts.group is not None:
        await _check_group(gateway, facts.group)


async def _check_folder(
    gateway: Gateway, facts: EmailAccountChanged, folder_id: str, pointer: str
) -> None:
    if folder_id in SYSTEM_FOLDERS:
        return
    folder = await fields_of(gateway.store, FOLDER, folder_id)
    if folder is None or folder.owner_id != facts.owner_id:
        raise Unfit("there is no such folder of the account's owner", pointer=pointer)


async def _check_group(gateway: Gateway, group: GroupOptions) -> None:
    await check_teams(gateway.store, group.team_ids)
    folder_id = group.group_folder_id
    if folder_id and await fields_of(gateway.store, GROUP_FOLDER, folder_id) is None:
        raise Unfit("there is no such group folder", pointer="/group/group_folder_id")
    if group.assigned_user_id:
        await check_user(gateway.store, group.assigned_user_id, "/group/assigned_user_id")

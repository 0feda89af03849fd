"""Ask the fetcher to try a mailbox, and the sender a way out, set up already or about to be."""

import base64
from dataclasses import dataclass
from uuid import UUID

from courrier.events import subjects
from courrier.events.commands.mailboxes import InspectMailbox, InspectOutgoing
from courrier.events.families.settings import EmailAccountChanged, Server
from courrier.events.vault import Vault
from courrier.gateway.domain.email_account import Account, AccountMissing, email_account
from courrier.gateway.domain.refusals import Unfit
from courrier.gateway.ports import Gateway

from .account_setup import with_secret_of
from .email_accounts import NewServer


@dataclass(frozen=True, slots=True)
class Asked:
    """Who wants to know, and which folders have to be there."""

    command_id: UUID
    actor: str
    folders: tuple[str, ...] = ()


async def facts_of(gateway: Gateway, account_id: str) -> EmailAccountChanged:
    """Return how an account is set up, as the log has it.

    Raises:
        AccountMissing: there is no such account, or no longer.
    """
    history = await gateway.store.load(subjects.email_account(account_id))
    state = email_account.fold(recorded.event for recorded in history)
    if not isinstance(state, Account):
        raise AccountMissing("there is no such e-mail account")
    return state.facts


def inspection(
    vault: Vault, asked: Asked, server: NewServer, before: Server | None = None
) -> InspectMailbox:
    """Return the order to try these settings; the password goes sealed, and is stored nowhere.

    Without a password it is the one that ``before``, the saved settings, has.

    Raises:
        Unfit: another server without its password.
    """
    order = InspectMailbox(
        command_id=asked.command_id,
        server=server.as_logged(None),
        folders=asked.folders,
        actor=asked.actor,
    )
    if server.password is None:
        kept = with_secret_of(before, order.server, "imap")
        return order.model_copy(update={"server": kept})
    sealed = vault.seal(order.sealed_name, server.password.encode())
    return order.model_copy(update={"sealed_secret": base64.b64encode(sealed).decode()})


def saved_inspection(asked: Asked, facts: EmailAccountChanged) -> InspectMailbox:
    """Return the order to try an account as it is set up.

    Raises:
        Unfit: it has no server to fetch from.
    """
    if facts.imap is None:
        raise Unfit("this account fetches nothing: it has no IMAP server", pointer="/imap")
    secret = facts.imap.secret or f"account.{facts.account_id}.imap"
    server = facts.imap.model_copy(update={"secret": secret})
    return InspectMailbox(
        command_id=asked.command_id, server=server, folders=asked.folders, actor=asked.actor
    )


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A server for outgoing mail to try, and the address that it should take mail from."""

    server: NewServer
    address: str


def outgoing_inspection(
    vault: Vault, asked: Asked, wanted: Outgoing, before: Server | None = None
) -> InspectOutgoing:
    """Return the order to try these settings (see ``inspection``)."""
    order = InspectOutgoing(
        command_id=asked.command_id,
        server=wanted.server.as_logged(None),
        address=wanted.address,
        actor=asked.actor,
    )
    if wanted.server.password is None:
        kept = with_secret_of(before, order.server, "smtp")
        return order.model_copy(update={"server": kept})
    sealed = vault.seal(order.sealed_name, wanted.server.password.encode())
    return order.model_copy(update={"sealed_secret": base64.b64encode(sealed).decode()})


def saved_outgoing_inspection(asked: Asked, server: Server, address: str) -> InspectOutgoing:
    """Return the order to try a server as it is set up."""
    return InspectOutgoing(
        command_id=asked.command_id, server=server, address=address, actor=asked.actor
    )

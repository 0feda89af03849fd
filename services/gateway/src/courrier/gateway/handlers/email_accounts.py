"""Set up mailboxes: passwords go to the vault, then the fact that names them to the log."""

from dataclasses import dataclass, replace
from datetime import date

from courrier.events import subjects
from courrier.events.families.settings import EmailAccountAdded, Server, Tls
from courrier.events.store import EventStore
from courrier.events.vault import Vault
from courrier.gateway.domain.email_account import (
    AccountCommand,
    AddAccount,
    PauseAccount,
    RemoveAccount,
    ResumeAccount,
    email_account,
)

from .facts import Cause, Written, carry_out

__all__ = ["PauseAccount", "RemoveAccount", "ResumeAccount"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewServer:
    """An IMAP or SMTP server and how to log in; the password is in clear here and nowhere else."""

    host: str
    port: int
    tls: Tls = "implicit"
    user: str | None = None
    password: str | None = None

    def __repr__(self) -> str:
        """Never show the password."""
        return f"NewServer({self.host}:{self.port})"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """A mailbox to set up for ``owner_id``."""

    account_id: str
    owner_id: str
    name: str
    address: str
    imap: NewServer | None = None
    smtp: NewServer | None = None
    monitored_folders: tuple[str, ...] = ("INBOX",)
    fetch_since: date | None = None
    keep_unread: bool = True


async def add_account(store: EventStore, vault: Vault, new: NewAccount, cause: Cause) -> Written:
    """Keep the passwords, then add the account.

    Raises:
        AccountExists: the id is taken.
    """
    added = EmailAccountAdded(
        account_id=new.account_id,
        owner_id=new.owner_id,
        name=new.name,
        address=new.address,
        imap=await _keep(vault, f"account.{new.account_id}.imap", new.imap),
        smtp=await _keep(vault, f"account.{new.account_id}.smtp", new.smtp),
        monitored_folders=new.monitored_folders,
        fetch_since=new.fetch_since,
        keep_unread=new.keep_unread,
    )
    return await change_account(store, new.account_id, AddAccount(added), cause)


async def change_account(
    store: EventStore, account_id: str, order: AccountCommand, cause: Cause
) -> Written:
    """Carry out an order on an account.

    Raises:
        AccountMissing: there is no such account.
    """
    subject = subjects.email_account(account_id)
    return await carry_out(store, subject, email_account, order, cause)


async def _keep(vault: Vault, secret: str, server: NewServer | None) -> Server | None:
    if server is None:
        return None
    if server.password is not None:
        await vault.put(secret, server.password.encode())
    plain = replace(server, password=None)
    return Server(
        host=plain.host,
        port=plain.port,
        tls=plain.tls,
        user=plain.user,
        secret=secret if server.password is not None else None,
    )

"""Which accounts are to be fetched, and how: folded from ``SETTINGS``."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from courrier.events.base import Event
from courrier.events.families.settings import (
    EmailAccountAdded,
    EmailAccountChanged,
    EmailAccountPaused,
    EmailAccountRemoved,
    EmailAccountResumed,
    Server,
)


@dataclass(frozen=True, slots=True)
class Account:
    """One mailbox to fetch; equal values mean that nothing changed for the fetcher."""

    account_id: str
    imap: Server
    folders: tuple[str, ...] = ("INBOX",)
    fetch_since: date | None = None

    @property
    def secret(self) -> str:
        """The vault record of the password."""
        return self.imap.secret or f"account.{self.account_id}.imap"


@dataclass(frozen=True, slots=True)
class Configured:
    """An account as it stands, fetched or not."""

    account: Account
    is_paused: bool = False


Accounts = dict[str, Configured]


def fold(accounts: Accounts, events: Iterable[Event]) -> Accounts:
    """Return the accounts after these events; events about other things change nothing."""
    after = dict(accounts)
    for event in events:
        match event:
            case EmailAccountAdded() | EmailAccountChanged():
                _add(after, event)
            case EmailAccountPaused(account_id=account_id) if account_id in after:
                after[account_id] = replace(after[account_id], is_paused=True)
            case EmailAccountResumed(account_id=account_id) if account_id in after:
                after[account_id] = replace(after[account_id], is_paused=False)
            case EmailAccountRemoved(account_id=account_id):
                after.pop(account_id, None)
            case _:
                continue
    return after


def active(accounts: Accounts) -> dict[str, Account]:
    """Return the accounts to fetch now."""
    return {key: one.account for key, one in accounts.items() if not one.is_paused}


def _add(accounts: Accounts, event: EmailAccountAdded | EmailAccountChanged) -> None:
    """One that only sends has nothing to fetch; one that is paused stays so."""
    if event.imap is None:
        accounts.pop(event.account_id, None)
        return
    account = Account(
        event.account_id, event.imap, event.monitored_folders or ("INBOX",), event.fetch_since
    )
    known = accounts.get(event.account_id)
    accounts[event.account_id] = Configured(account, is_paused=bool(known and known.is_paused))

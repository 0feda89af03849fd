"""Which accounts are to be fetched, and how: folded from ``SETTINGS``."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from courrier.events.base import Event
from courrier.events.envelope import Recorded
from courrier.events.families.configuration import SystemFields, SystemSettingsChanged
from courrier.events.families.identity import UserDeactivated, UserReactivated
from courrier.events.families.settings import (
    EmailAccountAdded,
    EmailAccountChanged,
    EmailAccountPaused,
    EmailAccountRemoved,
    EmailAccountResumed,
    Server,
)

Sync = Literal["off", "from_server", "both"]


@dataclass(frozen=True, slots=True)
class ServerState:
    r"""What Courrier does about the state that messages have on the server.

    ``folder_map`` is what its folders are called in Courrier, as pairs. ``sent_folder`` is a
    folder's name, or ``\Sent``: the one that the server says is for it.
    """

    owner_id: str = ""
    is_group: bool = False
    sync: Sync = "off"
    keep_unread: bool = True
    folder_map: tuple[tuple[str, str], ...] = ()
    store_sent: bool = False
    sent_folder: str = "\\Sent"

    @property
    def is_followed(self) -> bool:
        """Whether what is done on the server is done in Courrier; never for a team's mailbox."""
        return self.sync != "off" and not self.is_group

    @property
    def is_two_way(self) -> bool:
        """Whether what its owner does in Courrier is done on the server."""
        return self.sync == "both" and not self.is_group

    @property
    def marks_fetched(self) -> bool:
        """Whether fetched messages are marked as read on the server."""
        return self.sync == "off" and not self.keep_unread

    @property
    def is_idle(self) -> bool:
        """Whether nothing is to be done about it."""
        return not (self.is_followed or self.marks_fetched or self.store_sent)


@dataclass(frozen=True, slots=True)
class Account:
    """One mailbox to fetch; another value is worked on anew, with what holds now.

    ``version`` counts the facts about it, also those that change nothing to be seen here: another
    password is one.
    """

    account_id: str
    imap: Server
    folders: tuple[str, ...] = ("INBOX",)
    fetch_since: date | None = None
    fetch_period_s: int | None = None
    version: int = 0
    state: ServerState = field(default_factory=ServerState)

    @property
    def secret(self) -> str:
        """The vault record of the password."""
        return self.imap.secret or f"account.{self.account_id}.imap"

    @property
    def login(self) -> Server:
        """The server with the name of its secret."""
        return self.imap.model_copy(update={"secret": self.secret})


@dataclass(frozen=True, slots=True)
class Configured:
    """An account as it stands, fetched or not; ``owner_id`` is None for a team's."""

    account: Account
    owner_id: str | None = None
    is_paused: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """All that the fetcher knows of ``SETTINGS``: accounts by id, who is gone, what holds for all.

    A value is never changed: whoever holds one may go on reading it.
    """

    accounts: dict[str, Configured] = field(default_factory=dict)
    deactivated: frozenset[str] = frozenset()
    system: SystemFields = SystemFields()  # noqa: RUF009  frozen


def fold(standing: Standing, history: Iterable[Recorded[Event]]) -> Standing:
    """Return what stands after these events; events about other things change nothing."""
    accounts, gone, system = dict(standing.accounts), set(standing.deactivated), standing.system
    for recorded in history:
        match recorded.event:
            case UserDeactivated(user_id=user_id):
                gone.add(user_id)
            case UserReactivated(user_id=user_id):
                gone.discard(user_id)
            case SystemSettingsChanged(fields=fields):
                system = fields
            case event:
                _fold_account(accounts, event, recorded.version)
    return Standing(accounts, frozenset(gone), system)


def active(standing: Standing) -> dict[str, Account]:
    """Return the accounts to fetch now; those of people who are gone are not, a team's are."""
    return {
        key: one.account
        for key, one in standing.accounts.items()
        if not one.is_paused and one.owner_id not in standing.deactivated
    }


def _fold_account(accounts: dict[str, Configured], event: Event, version: int) -> None:
    match event:
        case EmailAccountAdded() | EmailAccountChanged():
            _add(accounts, event, version)
        case EmailAccountPaused(account_id=account_id) if account_id in accounts:
            accounts[account_id] = replace(accounts[account_id], is_paused=True)
        case EmailAccountResumed(account_id=account_id) if account_id in accounts:
            one = accounts[account_id]
            account = replace(one.account, version=version)
            accounts[account_id] = replace(one, account=account, is_paused=False)
        case EmailAccountRemoved(account_id=account_id):
            accounts.pop(account_id, None)
        case _:
            return


def _add(
    accounts: dict[str, Configured], event: EmailAccountAdded | EmailAccountChanged, version: int
) -> None:
    """One that only sends has nothing to fetch; one that is paused stays so."""
    if event.imap is None:
        accounts.pop(event.account_id, None)
        return
    account = Account(
        event.account_id,
        event.imap,
        event.monitored_folders or ("INBOX",),
        event.fetch_since,
        event.fetch_period_s,
        version,
        _state_of(event),
    )
    known = accounts.get(event.account_id)
    accounts[event.account_id] = Configured(
        account, None if event.group else event.owner_id, is_paused=bool(known and known.is_paused)
    )


def _state_of(event: EmailAccountAdded | EmailAccountChanged) -> ServerState:
    return ServerState(
        owner_id=event.owner_id,
        is_group=event.group is not None,
        sync=event.sync,
        keep_unread=event.keep_unread,
        folder_map=tuple(sorted(event.folder_map.items())),
        store_sent=event.store_sent,
        sent_folder=event.sent_folder or "\\Sent",
    )

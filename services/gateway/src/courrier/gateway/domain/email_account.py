"""Decide how a mailbox is set up: added, paused, resumed, removed."""

from dataclasses import dataclass, replace
from typing import assert_never

from courrier.events.base import Event
from courrier.events.decider import Decider
from courrier.events.families.settings import (
    EmailAccountAdded,
    EmailAccountChanged,
    EmailAccountPaused,
    EmailAccountRemoved,
    EmailAccountResumed,
)

from .refusals import InTheWay, NotThere, VersionChanged


class AccountMissing(NotThere):
    """There is no such account, or it was removed."""


class AccountExists(InTheWay):
    """The id is an account's already."""


@dataclass(frozen=True, slots=True)
class AddAccount:
    """Fetch this mailbox, or write from it; passwords are in the vault already."""

    account: EmailAccountAdded


@dataclass(frozen=True, slots=True)
class ChangeAccount:
    """Set the mailbox up like this; ``version`` is what the caller saw, None for any.

    With ``has_new_secret`` something changed even if nothing that may be seen did: the fact tells
    whoever uses the account to try the new password.
    """

    account: EmailAccountChanged
    version: int | None = None
    has_new_secret: bool = False


@dataclass(frozen=True, slots=True)
class PauseAccount:
    """Fetch nothing until it is resumed; ``reason`` is shown to people."""

    reason: str = "asked"


@dataclass(frozen=True, slots=True)
class ResumeAccount:
    """Fetch again."""


@dataclass(frozen=True, slots=True)
class RemoveAccount:
    """Forget the account; its e-mails stay."""


@dataclass(frozen=True, slots=True)
class NoAccount:
    """Never added."""


@dataclass(frozen=True, slots=True)
class Account:
    """In use, or paused; ``facts`` say how it is set up, ``version`` counts all about it."""

    account_id: str
    facts: EmailAccountChanged
    version: int = 1
    is_paused: bool = False
    paused_reason: str | None = None


@dataclass(frozen=True, slots=True)
class RemovedAccount:
    """Gone for good: its id is never used again."""


AccountState = NoAccount | Account | RemovedAccount
AccountCommand = AddAccount | ChangeAccount | PauseAccount | ResumeAccount | RemoveAccount


def decide(state: AccountState, command: AccountCommand) -> list[Event]:
    """Return the new facts; what is so already gives none.

    Raises:
        AccountExists: the id to add is taken.
        AccountMissing: there is no such account, or no longer.
        VersionChanged: it is no longer what the caller saw.
    """
    if isinstance(command, AddAccount):
        if not isinstance(state, NoAccount):
            raise AccountExists("an account with this id exists or existed")
        return [command.account]
    if not isinstance(state, Account):
        raise AccountMissing("there is no such e-mail account")
    match command:
        case ChangeAccount(account, version, has_new_secret):
            if version not in {None, state.version}:
                raise VersionChanged("somebody changed it since you read it: read it again")
            return [account] if has_new_secret or account != state.facts else []
        case PauseAccount():
            paused = EmailAccountPaused(account_id=state.account_id, reason=command.reason)
            return [] if state.is_paused else [paused]
        case ResumeAccount():
            resumed = EmailAccountResumed(account_id=state.account_id)
            return [resumed] if state.is_paused else []
        case RemoveAccount():
            return [EmailAccountRemoved(account_id=state.account_id)]
        case _:
            assert_never(command)


def evolve(state: AccountState, event: Event) -> AccountState:
    """Fold one fact."""
    match event:
        case EmailAccountAdded():
            return Account(event.account_id, as_changed(event))
        case EmailAccountChanged() if isinstance(state, Account):
            return replace(state, facts=event, version=state.version + 1)
        case EmailAccountPaused() if isinstance(state, Account):
            version, why = state.version + 1, event.reason
            return replace(state, is_paused=True, paused_reason=why, version=version)
        case EmailAccountResumed() if isinstance(state, Account):
            version = state.version + 1
            return replace(state, is_paused=False, paused_reason=None, version=version)
        case EmailAccountRemoved():
            return RemovedAccount()
        case _:
            return state


def as_changed(added: EmailAccountAdded) -> EmailAccountChanged:
    """Return how the account is set up from its start, to compare a change with."""
    return EmailAccountChanged.model_validate(added.model_dump())


def as_added(facts: EmailAccountChanged) -> EmailAccountAdded:
    """Return the first fact of an account that is set up like this."""
    return EmailAccountAdded.model_validate(facts.model_dump())


email_account: Decider[AccountState, AccountCommand, Event] = Decider(NoAccount(), decide, evolve)

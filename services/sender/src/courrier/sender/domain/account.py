"""An account that mail can be sent from, as ``SETTINGS`` tells it."""

from collections.abc import Iterable
from dataclasses import dataclass

from courrier.events.base import Event
from courrier.events.envelope import readable
from courrier.events.families.settings import EmailAccountAdded, EmailAccountRemoved, Server


@dataclass(frozen=True, slots=True)
class Account:
    """``smtp`` None: nothing can be sent from it. ``address`` is the only From it allows."""

    account_id: str
    owner_id: str
    address: str
    smtp: Server | None


def account_of(facts: Iterable[Event]) -> Account | None:
    """Return the account after these facts, oldest first; None if there is none any more."""
    account = None
    for fact in map(readable, facts):
        if isinstance(fact, EmailAccountAdded):
            account = Account(fact.account_id, fact.owner_id, fact.address, fact.smtp)
        elif isinstance(fact, EmailAccountRemoved):
            account = None
    return account

"""An account that mail can be sent from, as ``SETTINGS`` tells it."""

from collections.abc import Iterable
from dataclasses import dataclass

from courrier.events.base import Event
from courrier.events.envelope import readable
from courrier.events.families.configuration import (
    SmtpAccountAdded,
    SmtpAccountChanged,
    SmtpAccountRemoved,
)
from courrier.events.families.settings import (
    EmailAccountAdded,
    EmailAccountChanged,
    EmailAccountRemoved,
    Server,
)


@dataclass(frozen=True, slots=True)
class Account:
    """``smtp`` None: nothing can be sent from it. ``address`` is the only From it allows.

    ``owner_id`` is empty for a way out that is nobody's own: who may use it, the gateway says.
    """

    account_id: str
    owner_id: str
    address: str
    smtp: Server | None


def account_of(facts: Iterable[Event]) -> Account | None:
    """Return the account after these facts, oldest first; None if there is none any more."""
    account = None
    for fact in map(readable, facts):
        match fact:
            case EmailAccountAdded() | EmailAccountChanged():
                account = Account(fact.account_id, fact.owner_id, fact.address, fact.smtp)
            case SmtpAccountAdded(smtp_account_id=key) | SmtpAccountChanged(smtp_account_id=key):
                account = Account(key, "", fact.fields.address, fact.fields.smtp)
            case EmailAccountRemoved() | SmtpAccountRemoved():
                account = None
    return account

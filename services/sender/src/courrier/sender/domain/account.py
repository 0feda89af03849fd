"""An account that mail can be sent from, as ``SETTINGS`` tells it."""

from collections.abc import Iterable
from dataclasses import dataclass

from courrier.events.base import Event
from courrier.events.commands.sender import own_server_id
from courrier.events.envelope import readable
from courrier.events.families.configuration import (
    PreferencesChanged,
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

    ``owner_id`` is empty for a way out that is nobody's own, and with ``carries_any`` mail of other
    addresses leaves by it too: who may use it, and for which address, the gateway says.
    """

    account_id: str
    owner_id: str
    address: str
    smtp: Server | None
    carries_any: bool = False


def account_of(facts: Iterable[Event]) -> Account | None:
    """Return the account after these facts, oldest first; None if there is none any more."""
    account = None
    for fact in map(readable, facts):
        match fact:
            case EmailAccountAdded() | EmailAccountChanged():
                owner_id = "" if fact.group else fact.owner_id
                account = Account(fact.account_id, owner_id, fact.address, fact.smtp)
            case SmtpAccountAdded(smtp_account_id=key) | SmtpAccountChanged(smtp_account_id=key):
                carries_any = fact.fields.scope == "system"
                account = Account(key, "", fact.fields.address, fact.fields.smtp, carries_any)
            case PreferencesChanged(user_id=user_id, fields=liked):
                account = Account(own_server_id(user_id), user_id, "", liked.smtp, carries_any=True)
            case EmailAccountRemoved() | SmtpAccountRemoved():
                account = None
    return account

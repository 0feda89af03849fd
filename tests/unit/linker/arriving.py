"""Messages about to be decided on, and what is known when they are: short names for the tables."""

from collections.abc import Sequence
from itertools import count
from typing import Any

from courrier.events import subjects
from courrier.events.base import Event, RecordRef, derived_id
from courrier.events.envelope import Recorded
from courrier.events.families.email import (
    AutoReplyPermitted,
    CaseAnswered,
    EmailEvent,
    EmailImported,
    EmailShared,
    MessageSkipped,
)
from courrier.events.families.mailbox import MessageReceived
from courrier.events.families.outbound import MessageSent
from courrier.events.identity import SIGNATURE_PURPOSE, Identity
from courrier.linker.domain.arrivals import Arrival, arrival_of
from courrier.linker.domain.batch import decide_batch
from courrier.linker.domain.filing import holder_key
from courrier.linker.domain.known import Known, Owner
from support.builders import ACCOUNT, USER, example, recorded

IDENTITY = Identity(b"k" * 32)
OTHER_USER = "9" * 32
OTHER_ACCOUNT = "8" * 32
ADA = "ada@example.test"
GRACE = "grace@example.test"
CONTACT = RecordRef(type="contact", id="c1")
COMPANY = RecordRef(type="account", id="co1")
LEAD = RecordRef(type="lead", id="l1")

_sequences = count(1)


def received(**changes: Any) -> Recorded[Event]:
    """A message read from a mailbox: from Ada to Grace (our user), subject 'Question'."""
    return _recorded(example(MessageReceived, **changes))


def sent(**changes: Any) -> Recorded[Event]:
    """A message sent by Grace to Ada, with the Message-ID that we sign."""
    email_id = changes.get("email_id", "5" * 32)
    usual = {"email_id": email_id, "message_id": signed(email_id)}
    return _recorded(example(MessageSent, **(usual | changes)))


def signed(email_id: str) -> str:
    """The Message-ID under which the sender sends this e-mail."""
    return f"{email_id}.{IDENTITY.sign(SIGNATURE_PURPOSE, email_id)}@example.test"


def mailbox(address: str, name: str | None = None) -> dict[str, str | None]:
    """A mailbox of a header field."""
    return {"name": name, "address": address}


def arrival(source: Recorded[Event]) -> Arrival:
    """The message of an event."""
    found = arrival_of(source, IDENTITY)
    assert found is not None
    return found


def world(**changes: Any) -> Known:
    """Grace and her account; Ada is a contact of the company."""
    usual: dict[str, Any] = {
        "owners": {ADA: (Owner(CONTACT, COMPANY.id),)},
        "people": {GRACE: frozenset({USER})},
        "account_owners": {ACCOUNT: USER, OTHER_ACCOUNT: OTHER_USER},
    }
    return Known(**(usual | changes))


def facts(*sources: Recorded[Event], known: Known | None = None) -> list[EmailEvent]:
    """What a batch of these messages leads to for e-mails."""
    return [each for each in _all(sources, known) if isinstance(each, EmailEvent)]


def kept_out(*sources: Recorded[Event], known: Known | None = None) -> list[MessageSkipped]:
    """The messages of a batch of which no e-mail is made."""
    return [each for each in _all(sources, known) if isinstance(each, MessageSkipped)]


def permissions(*sources: Recorded[Event], known: Known | None = None) -> list[AutoReplyPermitted]:
    """Who may be answered by a machine after a batch of these messages."""
    return [each for each in _all(sources, known) if isinstance(each, AutoReplyPermitted)]


def answers(*sources: Recorded[Event], known: Known | None = None) -> list[CaseAnswered]:
    """The cases that a batch of these messages is about."""
    return [each for each in _all(sources, known) if isinstance(each, CaseAnswered)]


def imported(*sources: Recorded[Event], known: Known | None = None) -> list[EmailImported]:
    """The new e-mails among the facts of a batch."""
    return [each for each in facts(*sources, known=known) if isinstance(each, EmailImported)]


def shared(*sources: Recorded[Event], known: Known | None = None) -> list[EmailShared]:
    """The new holders among the facts of a batch."""
    return [each for each in facts(*sources, known=known) if isinstance(each, EmailShared)]


def holders(batch: Sequence[EmailEvent]) -> dict[str, frozenset[str]]:
    """Who holds each e-mail after these facts."""
    found: dict[str, frozenset[str]] = {}
    for fact in batch:
        if isinstance(fact, EmailImported | EmailShared):
            added = frozenset(map(holder_key, fact.holdings))
            found[fact.email_id] = found.get(fact.email_id, frozenset()) | added
    return found


def _all(sources: Sequence[Recorded[Event]], known: Known | None) -> list[Event]:
    arrivals = [arrival(each) for each in sources]
    return [each.fact for each in decide_batch(arrivals, world() if known is None else known)]


def _recorded(event: Event) -> Recorded[Event]:
    sequence = next(_sequences)
    match event:
        case MessageReceived():
            subject = subjects.folder_messages(event.account_id, event.folder)
        case MessageSent():
            subject = subjects.outbound(event.email_id)
        case _:
            raise AssertionError(f"{event!r} is no message")
    event_id = str(derived_id("test", str(sequence)))
    return recorded(event, subject, id=event_id, sequence=sequence)

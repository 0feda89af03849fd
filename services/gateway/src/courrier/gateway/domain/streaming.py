"""Which events a person may have from the stream, and what of them; anything not named here, none.

An event about a record is for those who may read the record now; about an e-mail, for those who may
read the e-mail now, without others' copies and without records that they may not read; about the
sending of a message, for its author, who knows the blind recipients.
"""

from collections.abc import Collection
from typing import Any

from courrier.events.base import Event, RecordRef
from courrier.events.families.conversation import EmailRethreaded
from courrier.events.families.crm import (
    CaseOpened,
    RecordChanged,
    RecordCreated,
    RecordRemoved,
    RecordReplaced,
    RecordsMerged,
)
from courrier.events.families.email import (
    EmailImported,
    EmailLinked,
    EmailMarkedRead,
    EmailMarkedUnread,
    EmailShared,
    Link,
)
from courrier.events.families.email_state import (
    EmailArchived,
    EmailFiled,
    EmailGivenUp,
    EmailMarkedImportant,
    EmailMarkedUnimportant,
    EmailRestored,
    EmailSnoozed,
    EmailTrashed,
    EmailWoken,
    PersonalFields,
    ReminderCleared,
    ReminderFired,
    ReminderSet,
)
from courrier.events.families.outbound import (
    DeliveryBecameUncertain,
    DeliveryDeferred,
    DeliveryFailed,
    DeliveryReleased,
    MessageSent,
    OutboundCancelled,
    RecipientsSettled,
    SendRequested,
)

from .access import Reach

STREAMS = ("CRM", "EMAIL", "OUTBOUND")
OF_RECORDS = (
    RecordCreated,
    RecordChanged,
    RecordRemoved,
    RecordsMerged,
    RecordReplaced,
    CaseOpened,
)
OF_PERSONS = (
    EmailMarkedRead,
    EmailMarkedUnread,
    EmailMarkedImportant,
    EmailMarkedUnimportant,
    EmailFiled,
    EmailArchived,
    EmailTrashed,
    EmailRestored,
    EmailGivenUp,
    EmailSnoozed,
    EmailWoken,
    ReminderSet,
    ReminderCleared,
    ReminderFired,
)
"""What one person did with their copy: told to them and nobody else."""
OF_EMAILS = (EmailImported, EmailShared, EmailLinked, EmailRethreaded, *OF_PERSONS)
OF_SENDING = (
    SendRequested,
    OutboundCancelled,
    MessageSent,
    DeliveryDeferred,
    DeliveryFailed,
    RecipientsSettled,
    DeliveryBecameUncertain,
    DeliveryReleased,
)
TYPES = tuple(kind.TYPE for kind in (*OF_RECORDS, *OF_EMAILS, *OF_SENDING))
INSIDE = ("raw", "fingerprint", "ancestors", "proven")
"""What only services use."""


def record_of(event: Event) -> RecordRef | None:
    """Return the record that an event is about."""
    return event.record if isinstance(event, OF_RECORDS) else None


def email_of(event: Event) -> str | None:
    """Return the id of the e-mail that an event is about."""
    return event.email_id if isinstance(event, (*OF_EMAILS, *OF_SENDING)) else None


def is_authors(event: Event) -> bool:
    """Tell whether an event is for the author of its e-mail only."""
    return isinstance(event, OF_SENDING)


def told(
    event: Event, reach: Reach, readable: Collection[tuple[str, str]]
) -> dict[str, Any] | None:
    """Return what to tell this person of an event that they may have; None if nothing is left.

    ``readable`` are type and id of those of the linked records that the person may read.
    """
    if isinstance(event, PersonalFields) and event.person_id != reach.person_id:
        return None
    match event:
        case EmailImported() | EmailShared():
            own = tuple(each for each in event.holdings if each.holder_id in reach.holder_ids)
            if isinstance(event, EmailShared) and not own:
                return None
            changes: dict[str, Any] = {"holdings": own}
            if isinstance(event, EmailImported):
                changes["links"] = _readable(event.links, readable)
            event = event.model_copy(update=changes)
        case EmailLinked():
            event = event.model_copy(update={"links": _readable(event.links, readable)})
        case _:
            pass
    data = event.model_dump(mode="json", by_alias=True)
    return {name: value for name, value in data.items() if name not in INSIDE}


def _readable(links: tuple[Link, ...], readable: Collection[tuple[str, str]]) -> tuple[Link, ...]:
    return tuple(each for each in links if (each.record.type, each.record.id) in readable)

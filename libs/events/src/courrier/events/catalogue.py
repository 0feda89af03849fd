"""Which event class a type name means, so that bytes become events and events become bytes.

A published type is never removed. A newer version of an event brings an upcaster here.
"""

from courrier.events.base import Event
from courrier.events.families import crm, dead, email, mailbox, outbound, settings

EVENTS: tuple[type[Event], ...] = (
    mailbox.MessageReceived,
    mailbox.FolderAdvanced,
    mailbox.FetchingFailed,
    mailbox.FetchingRecovered,
    mailbox.MessageErased,
    email.EmailImported,
    email.EmailShared,
    email.EmailMarkedRead,
    email.EmailMarkedUnread,
    email.EmailErased,
    outbound.SendRequested,
    outbound.DeliveryStarted,
    outbound.MessageSent,
    outbound.DeliveryDeferred,
    outbound.DeliveryFailed,
    outbound.DeliveryBecameUncertain,
    outbound.OutboundErased,
    settings.UserAdded,
    settings.PasswordSet,
    settings.TokenIssued,
    settings.TokenRevoked,
    settings.EmailAccountAdded,
    settings.EmailAccountPaused,
    settings.EmailAccountResumed,
    settings.EmailAccountRemoved,
    settings.ErasureStarted,
    settings.ErasureFinished,
    crm.RecordCreated,
    crm.RecordChanged,
    crm.AddressAssigned,
    crm.AddressReleased,
    crm.RecordErased,
    crm.AddressErased,
    dead.EventParked,
    dead.EventReplayed,
)

BY_TYPE: dict[str, type[Event]] = {event.TYPE: event for event in EVENTS}


class UnknownType(LookupError):
    """The type is in no catalogue of this version: written by a newer Courrier, or damaged."""


def class_of(type_name: str) -> type[Event]:
    """Return the class of a type name.

    Raises:
        UnknownType: this version does not know the type.
    """
    try:
        return BY_TYPE[type_name]
    except KeyError:
        raise UnknownType(f"no event type {type_name!r} in this version's catalogue") from None


def short_name(type_name: str) -> str:
    """Return ``MessageReceived`` for ``courrier.mailbox.MessageReceived.v1``."""
    return type_name.split(".")[2]

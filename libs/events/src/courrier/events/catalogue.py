"""Which event class a type name means, so that bytes become events and events become bytes.

A published type is never removed: a newer version of an event puts the older one, with the way
from its bodies to the newer ones, into ``SUPERSEDED``.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from courrier.events.base import Event
from courrier.events.families import (
    configuration,
    conversation,
    crm,
    dead,
    drafts,
    email,
    email_state,
    identity,
    mailbox,
    mailbox_state,
    outbound,
    settings,
    skipped,
    uploads,
    webhooks,
)

EVENTS: tuple[type[Event], ...] = (
    mailbox.MessageReceived,
    mailbox.FolderAdvanced,
    mailbox.FetchingFailed,
    mailbox.FetchingRecovered,
    mailbox.FetchingSuspended,
    mailbox.FetchingResumed,
    mailbox.MessageErased,
    mailbox.MessageReread,
    mailbox_state.FolderMarked,
    mailbox_state.ErrandsNoted,
    mailbox_state.MessagesPurged,
    email.EmailImported,
    email.EmailShared,
    email.EmailLinked,
    email.ThreadsJoined,
    email.EmailMarkedRead,
    email.EmailMarkedUnread,
    email.EmailReread,
    email.EmailErased,
    email.CaseRequested,
    email.CaseAnswered,
    email.AutoReplyPermitted,
    email.MessageSkipped,
    skipped.SkippedMessageRecalled,
    skipped.SkippedMessageExpired,
    skipped.SkippedMessagePurged,
    email_state.EmailMarkedImportant,
    email_state.EmailMarkedUnimportant,
    email_state.EmailFiled,
    email_state.EmailArchived,
    email_state.EmailTrashed,
    email_state.EmailRestored,
    email_state.EmailGivenUp,
    email_state.EmailSnoozed,
    email_state.EmailWoken,
    email_state.ReminderSet,
    email_state.ReminderCleared,
    email_state.ReminderFired,
    conversation.EmailRethreaded,
    conversation.ConversationStatusChanged,
    conversation.ConversationAssigned,
    conversation.ConversationTagged,
    conversation.NoteAdded,
    drafts.DraftSaved,
    drafts.DraftSubmitted,
    drafts.DraftDiscarded,
    outbound.SendRequested,
    outbound.OutboundCancelled,
    outbound.DeliveryStarted,
    outbound.MessageSent,
    outbound.DeliveryDeferred,
    outbound.DeliveryFailed,
    outbound.RecipientsSettled,
    outbound.DeliveryBecameUncertain,
    outbound.DeliveryReleased,
    outbound.OutboundErased,
    outbound.OutboundReopened,
    outbound.DeliveryReported,
    outbound.AutoReplyDecided,
    outbound.SendingHeldBack,
    outbound.SendingResumed,
    settings.UserAdded,
    settings.PasswordSet,
    settings.TokenIssued,
    settings.TokenRevoked,
    settings.EmailAccountAdded,
    settings.EmailAccountChanged,
    settings.EmailAccountPaused,
    settings.EmailAccountResumed,
    settings.EmailAccountRemoved,
    uploads.FileUploaded,
    settings.ErasureStarted,
    settings.ErasureFinished,
    configuration.FolderAdded,
    configuration.FolderChanged,
    configuration.FolderRemoved,
    configuration.GroupFolderAdded,
    configuration.GroupFolderChanged,
    configuration.GroupFolderRemoved,
    configuration.FilterAdded,
    configuration.FilterChanged,
    configuration.FilterRemoved,
    configuration.TemplateAdded,
    configuration.TemplateChanged,
    configuration.TemplateRemoved,
    configuration.SmtpAccountAdded,
    configuration.SmtpAccountChanged,
    configuration.SmtpAccountRemoved,
    webhooks.WebhookAdded,
    webhooks.WebhookChanged,
    webhooks.WebhookRemoved,
    configuration.PreferencesChanged,
    configuration.SystemSettingsChanged,
    identity.UserChanged,
    identity.UserDeactivated,
    identity.UserReactivated,
    identity.TotpEnabled,
    identity.TotpDisabled,
    identity.RecoveryCodesReplaced,
    identity.RecoveryCodeUsed,
    identity.LoginClaimed,
    identity.TeamCreated,
    identity.TeamChanged,
    identity.TeamRemoved,
    identity.RoleCreated,
    identity.RoleChanged,
    identity.RoleRemoved,
    identity.PrivateMailOpened,
    crm.RecordCreated,
    crm.RecordChanged,
    crm.RecordRemoved,
    crm.RecordsMerged,
    crm.RecordReplaced,
    crm.CaseNumbersTaken,
    crm.CaseTurnTaken,
    crm.CaseOpened,
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


@dataclass(frozen=True, slots=True)
class Superseded:
    """A version that is read for ever and written no more: ``upcast`` makes its body the next's.

    ``becomes`` is the next version's type, itself perhaps superseded. ``upcast`` is pure and takes
    any body that was ever written under ``type_name``.
    """

    type_name: str
    becomes: str
    upcast: Callable[[dict[str, Any]], dict[str, Any]]


SUPERSEDED: tuple[Superseded, ...] = ()
"""Versions of released events that have a successor. An entry is never removed."""


class Catalogue:
    """What type names mean: the classes that are written, and the older versions behind them."""

    def __init__(self, events: Sequence[type[Event]], superseded: Sequence[Superseded]) -> None:
        self._classes = {event.TYPE: event for event in events}
        self._superseded = {old.type_name: old for old in superseded}

    def read(self, type_name: str, body: bytes) -> Event:
        """Return the event in a body, in the newest version of its type.

        Raises:
            UnknownType: this version does not know the type.
            ValueError: the body is no JSON, or does not fit the type.
        """
        if event := self._classes.get(type_name):
            return event.model_validate_json(body)
        return self._upcast(type_name, json.loads(body))

    def _upcast(self, type_name: str, body: dict[str, Any]) -> Event:
        while old := self._superseded.get(type_name):
            try:
                type_name, body = old.becomes, old.upcast(body)
            except (LookupError, TypeError, AttributeError) as error:
                fault = type(error).__name__
                raise ValueError(f"no body of {old.type_name}: {fault} on its way up") from None
        if event := self._classes.get(type_name):
            return event.model_validate(body)
        raise UnknownType(f"no event type {type_name!r} in this version's catalogue")


CATALOGUE = Catalogue(EVENTS, SUPERSEDED)


def short_name(type_name: str) -> str:
    """Return ``MessageReceived`` for ``courrier.mailbox.MessageReceived.v1``."""
    return type_name.split(".")[2]

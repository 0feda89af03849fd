"""Where the owner of an event would publish it."""

from collections.abc import Callable, Mapping
from typing import Any

from courrier.events import subjects
from courrier.events.base import Event, RecordRef, derived_id
from courrier.events.families import (
    configuration,
    conversation,
    crm,
    drafts,
    email,
    identity,
    mailbox,
    mailbox_state,
    outbound,
    skipped,
    uploads,
    webhooks,
)


def subject_of(event: Event) -> str:  # noqa: C901, PLR0911, PLR0912  one a kind
    """Return the subject that the owner of this event would publish it on."""
    match event:
        case _ if type(event).__module__ in {mailbox.__name__, mailbox_state.__name__}:
            return _subject_of_mailbox(event)
        case outbound.OutboundReopened():
            return subjects.outbound_queue()
        case outbound.SendingHeldBack() | outbound.SendingResumed():
            return subjects.sending_state(event.account_id)
        case outbound.AutoReplyDecided():
            return subjects.answered(event.account_id, event.recipient_key)
        case drafts.DraftSaved() | drafts.DraftSubmitted() | drafts.DraftDiscarded():
            return subjects.draft(event.email_id)
        case uploads.FileUploaded():
            return subjects.upload(event.upload_id)
        case email.ThreadsJoined():
            return subjects.thread(event.joined)
        case email.CaseRequested() | email.CaseAnswered() | email.AutoReplyPermitted():
            return _subject_beside(event)
        case email.MessageSkipped() | skipped.SkippedMessageRecalled():
            return subjects.skipped_message(event.source_id)
        case skipped.SkippedMessageExpired() | skipped.SkippedMessagePurged():
            return subjects.skipped_message(event.source_id)
        case identity.PrivateMailOpened():
            return subjects.opening(event.email_id)
        case _ if isinstance(event, conversation.ConversationEvent):
            return subjects.thread(event.thread_id)
        case _ if type(event).__module__ == crm.__name__:
            return _subject_of_crm(event)
        case _:
            return _subject_by_field(event)


def _subject_of_mailbox(event: Event) -> str:  # noqa: PLR0911  one a kind
    match event:
        case mailbox.MessageReceived():
            return subjects.folder_messages(event.account_id, event.folder)
        case mailbox.MessageReread():
            return subjects.reread_message(event.source_id)
        case mailbox.FolderAdvanced():
            return subjects.folder_cursor(event.account_id, event.folder)
        case mailbox_state.FolderMarked():
            return subjects.folder_marks(event.account_id, event.folder)
        case mailbox_state.ErrandsNoted():
            return subjects.account_errands(event.account_id)
        case (
            mailbox.FetchingFailed()
            | mailbox.FetchingRecovered()
            | mailbox.FetchingSuspended()
            | mailbox.FetchingResumed()
        ):
            return subjects.account_state(event.account_id)
        case mailbox_state.MessagesPurged():
            return subjects.folder_purged(event.account_id, event.folder)
        case _:
            return _subject_by_field(event)


def _subject_beside(
    event: email.CaseRequested | email.CaseAnswered | email.AutoReplyPermitted,
) -> str:
    match event:
        case email.CaseRequested():
            return subjects.case_request(event.claim or event.email_id)
        case email.CaseAnswered():
            return subjects.case_answer(event.email_id)
        case email.AutoReplyPermitted():
            return subjects.auto_reply(event.email_id)


def _subject_of_crm(event: Event) -> str:
    match event:
        case crm.AddressAssigned() | crm.AddressReleased():
            return subjects.address(derived_id(event.address).hex)
        case crm.CaseNumbersTaken():
            return subjects.counter("case")
        case crm.RecordsMerged():
            return subjects.merge(event.record.id)
        case crm.CaseTurnTaken():
            return subjects.desk(event.account_id)
        case _:
            record = getattr(event, "record", None)
            if isinstance(record, RecordRef):
                return subjects.record(record.type, record.id)
            return _subject_by_field(event)


BY_KEY: Mapping[str, Callable[[str], str]] = {
    "message_key": subjects.erased_message,
    "erasure_id": subjects.erasure,
    "address_key": subjects.address,
    "login_key": subjects.login,
    "team_id": subjects.team,
    "role_id": subjects.role,
}


CONFIGURED: Mapping[str, str] = {
    "folder_id": "folder",
    "group_folder_id": "group_folder",
    "filter_id": "filter",
    "template_id": "template",
    "smtp_account_id": "smtp_account",
    "webhook_id": "webhook",
    "user_id": "preferences",
}


def _subject_of_configured(fields: Mapping[str, Any]) -> str:
    for name, kind in CONFIGURED.items():
        if name in fields:
            return subjects.configured(kind, fields[name])
    return subjects.configured("system", "settings")


def _subject_by_field(event: Event) -> str:
    fields = event.model_dump()
    if type(event).__module__ in {configuration.__name__, webhooks.__name__}:
        return _subject_of_configured(fields)
    if "email_id" not in fields:
        for name in fields.keys() & BY_KEY.keys():
            return BY_KEY[name](fields[name])
    if "consumer" in fields:
        return subjects.dead(fields["consumer"], fields["subject"])
    if "email_id" in fields:
        is_outbound = type(event).__module__ == outbound.__name__
        build = subjects.outbound if is_outbound else subjects.email
        return build(fields["email_id"])
    if "user_id" in fields:
        return subjects.user(fields["user_id"])
    return subjects.email_account(fields["account_id"])

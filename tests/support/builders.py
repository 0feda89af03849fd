r"""Valid events, envelopes and messages by default: a test names only what it is about.

``example(MessageReceived, subject="Hello")`` is an event; ``recorded(event, sequence=7)`` is the
event as a store would give it back; ``new_event(event, expected=0)`` is one to append;
``raw_message(subject="Hello")`` is an RFC 5322 message with CRLF line ends.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any, TypeVar
from uuid import UUID

from courrier.events import subjects
from courrier.events.base import Event, derived_id
from courrier.events.envelope import Context, NewEvent, Recorded
from courrier.events.families import (
    conversation,
    crm,
    dead,
    email,
    identity,
    mailbox,
    outbound,
    settings,
)
from support import configured, mailbox_states, outgoing_states, skipped_states, states

from . import event_subjects

E = TypeVar("E", bound=Event)
subject_of = event_subjects.subject_of

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ACCOUNT = "a" * 32
CONTACT = "c" * 32
COMPANY = "d" * 32
EMAIL = "e" * 32
THREAD = "7" * 32
TOKEN = "f" * 32
KEY = "6" * 32
USER = "b" * 32
DIGEST = "0" * 64
TEAM = "5" * 32
ROLE = "4" * 32

RAW = {"digest": DIGEST, "size": 1000}
REASON = {"rule": "address", "field": "from", "value": "ada@example.test"}
HOLDING = {"holder_id": USER, "folder": "inbox", "account_id": ACCOUNT, "reason": REASON}
ADA = {"name": "Ada Lovelace", "address": "ada@example.test"}
ME = {"name": "Grace Hopper", "address": "grace@example.test"}
OWNER = {"type": "contact", "id": CONTACT}
OUTCOME = {"address": "ada@example.test", "outcome": "sent", "code": 250, "text": "OK"}
MESSAGE_ID = "1@example.test"
WRITTEN = {"author_id": USER, "account_id": ACCOUNT, "raw": RAW, "message_id": MESSAGE_ID}
SHOWN = {"from": ME, "to": [ADA], "subject": "Offer", "snippet": "Hello", "date": NOON}
ATTEMPT = {"email_id": EMAIL, "attempt": 1}
REFUSED = [OUTCOME | {"outcome": "failed", "code": 550, "text": "no such user"}]
NAMED = {"record": OWNER, "fields": {"name": "Ada Lovelace", "account_id": COMPANY}}
PERSON = {"login": "grace", "name": "Grace Hopper", "email_addresses": ["grace@example.test"]}
CASE = {
    "consumer": "gateway.read-models",
    "stream": "EMAIL",
    "subject": subjects.email(EMAIL),
    "sequence": 7,
    "event_id": "00000000-0000-0000-0000-000000000007",
    "type": "courrier.email.EmailImported.v1",
}

DEFAULTS: Mapping[type[Event], Mapping[str, Any]] = {
    mailbox.MessageReceived: {
        "account_id": ACCOUNT,
        "folder": "INBOX",
        "uidvalidity": 1,
        "uid": 1,
        "raw": RAW,
        "received_at": NOON,
        "message_id": MESSAGE_ID,
        "date": NOON,
        "from": ADA,
        "to": [ME],
        "recipient_count": 1,
        "subject": "Question",
        "text": "Hello",
    },
    mailbox.FolderAdvanced: {
        "account_id": ACCOUNT,
        "folder": "INBOX",
        "uidvalidity": 1,
        "uid_ranges": [{"first": 1, "last": 1}],
        "received": 1,
    },
    mailbox.FetchingFailed: {
        "account_id": ACCOUNT,
        "reason": "timed-out",
        "text": "imap.example.test did not answer within 30 s",
        "retry_at": NOON,
    },
    mailbox.FetchingRecovered: {"account_id": ACCOUNT},
    mailbox.FetchingSuspended: {
        "account_id": ACCOUNT,
        "reason": "log-in-refused",
        "text": "The password is wrong.",
        "since": NOON,
        "tries": 3,
        "account_version": 1,
    },
    mailbox.FetchingResumed: {"account_id": ACCOUNT},
    mailbox.MessageErased: {"message_key": KEY, "source_ids": [str(UUID(int=1))]},
    email.EmailImported: {
        "email_id": EMAIL,
        "source_id": str(UUID(int=1)),
        "status": "archived",
        "raw": RAW,
        "account_id": ACCOUNT,
        "message_id": MESSAGE_ID,
        "thread_id": THREAD,
        "thread_reason": {"rule": "new"},
        "subject": "Question",
        "from": ADA,
        "to": [ME],
        "date": NOON,
        "snippet": "Hello",
        "links": [{"record": OWNER, "parent": True, "reason": REASON}],
        "holdings": [HOLDING],
    },
    email.EmailShared: {
        "email_id": EMAIL,
        "source_id": str(UUID(int=2)),
        "holdings": [HOLDING],
    },
    email.EmailLinked: {"email_id": EMAIL, "links": [], "because": REASON},
    conversation.EmailRethreaded: {
        "email_id": EMAIL,
        "thread_id": EMAIL,
        "left": THREAD,
        "apart": True,
        "reason": REASON,
    },
    email.ThreadsJoined: {
        "thread_id": EMAIL,
        "joined": THREAD,
        "email_id": EMAIL,
        "reason": REASON,
    },
    email.EmailMarkedRead: {"email_id": EMAIL, "person_id": USER},
    email.EmailMarkedUnread: {"email_id": EMAIL, "person_id": USER},
    email.EmailErased: {"email_id": EMAIL, "message_key": KEY},
    email.CaseRequested: {
        "email_id": EMAIL,
        "account_id": ACCOUNT,
        "reason": {"rule": "group-account"},
    },
    email.CaseAnswered: {
        "email_id": EMAIL,
        "record": {"type": "case", "id": "4" * 32},
        "at": "2026-01-12T10:00:00Z",
        "reason": {"rule": "parent-of-answered"},
    },
    email.AutoReplyPermitted: {
        "email_id": EMAIL,
        "account_id": ACCOUNT,
        "template_id": "9" * 32,
        "recipient": {"address": "ada@example.test"},
        "thread_id": THREAD,
        "date": "2026-01-12T10:00:00Z",
        "reason": {"rule": "written-by-person"},
    },
    email.MessageSkipped: {
        "source_id": "7" * 32,
        "source_sequence": 1,
        "account_id": ACCOUNT,
        "folder": "INBOX",
        "uidvalidity": 1,
        "uid": 1,
        "message_key": KEY,
        "reason": {"rule": "filter", "rule_id": "3" * 32},
    },
    outbound.SendRequested: {"email_id": EMAIL, "envelope_to": ["ada@example.test"]}
    | WRITTEN
    | SHOWN,
    outbound.DeliveryStarted: ATTEMPT
    | {"host": "smtp.example.test", "recipients": ["ada@example.test"]},
    outbound.MessageSent: ATTEMPT | {"outcomes": [OUTCOME]} | WRITTEN | SHOWN,
    outbound.DeliveryDeferred: ATTEMPT
    | {"outcomes": [OUTCOME | {"outcome": "deferred", "code": 451}], "retry_at": NOON},
    outbound.DeliveryFailed: ATTEMPT | {"outcomes": REFUSED, "text": "nobody took it"},
    outbound.DeliveryBecameUncertain: ATTEMPT | {"text": "the line was lost after DATA"},
    outbound.OutboundErased: {"email_id": EMAIL},
    settings.ErasureStarted: {"erasure_id": KEY, "kind": "address", "planned": {"emails": 1}},
    settings.ErasureFinished: {"erasure_id": KEY, "removed": {"emails": 1}},
    settings.UserAdded: {
        "user_id": USER,
        "login": "grace",
        "name": "Grace Hopper",
        "email_addresses": ["grace@example.test"],
    },
    settings.PasswordSet: {"user_id": USER, "secret": f"user.{USER}.password"},
    settings.TokenIssued: {
        "token_id": TOKEN,
        "user_id": USER,
        "name": "laptop",
        "digest": DIGEST,
    },
    settings.TokenRevoked: {"token_id": TOKEN, "user_id": USER},
    settings.EmailAccountAdded: {
        "account_id": ACCOUNT,
        "owner_id": USER,
        "name": "Work",
        "address": "grace@example.test",
        "imap": {
            "host": "imap.example.test",
            "port": 993,
            "user": "grace@example.test",
            "secret": f"account.{ACCOUNT}.imap",
        },
        "smtp": {
            "host": "smtp.example.test",
            "port": 465,
            "user": "grace@example.test",
            "secret": f"account.{ACCOUNT}.smtp",
        },
    },
    settings.EmailAccountPaused: {"account_id": ACCOUNT},
    settings.EmailAccountResumed: {"account_id": ACCOUNT},
    settings.EmailAccountRemoved: {"account_id": ACCOUNT},
    identity.UserChanged: {"user_id": USER, "fields": PERSON, "changed": ["name"]},
    identity.UserDeactivated: {"user_id": USER},
    identity.UserReactivated: {"user_id": USER},
    identity.TotpEnabled: {"user_id": USER, "secret": f"user.{USER}.totp", "recovery": [DIGEST]},
    identity.TotpDisabled: {"user_id": USER},
    identity.RecoveryCodesReplaced: {"user_id": USER, "recovery": [DIGEST]},
    identity.RecoveryCodeUsed: {"user_id": USER, "digest": DIGEST},
    identity.LoginClaimed: {"login_key": KEY, "user_id": USER},
    identity.TeamCreated: {"team_id": TEAM, "fields": {"name": "Sales"}},
    identity.TeamChanged: {"team_id": TEAM, "fields": {"name": "Sales"}},
    identity.TeamRemoved: {"team_id": TEAM},
    identity.RoleCreated: {"role_id": ROLE, "fields": {"name": "Seller"}},
    identity.RoleChanged: {"role_id": ROLE, "fields": {"name": "Seller"}},
    identity.RoleRemoved: {"role_id": ROLE},
    identity.PrivateMailOpened: {"email_id": EMAIL, "user_id": USER, "reason": "looked into"},
    crm.RecordCreated: NAMED,
    crm.RecordChanged: NAMED | {"changed": ["name"]},
    crm.RecordRemoved: {"record": OWNER},
    crm.RecordsMerged: {"record": OWNER, "merged": [THREAD]},
    crm.RecordReplaced: {"record": OWNER, "by": {"type": "contact", "id": USER}},
    crm.CaseNumbersTaken: {"first": 1, "last": 1},
    crm.CaseTurnTaken: {"account_id": ACCOUNT, "user_id": USER, "case_id": CONTACT},
    crm.CaseOpened: {
        "record": {"type": "case", "id": CONTACT},
        "number": 1,
        "email_id": EMAIL,
        "account_id": ACCOUNT,
        "request_id": str(UUID(int=1)),
        "assigned_user_id": USER,
        "reason": {"rule": "round-robin"},
    },
    crm.AddressAssigned: {"address": "ada@example.test", "owner": OWNER, "account_id": COMPANY},
    crm.AddressReleased: {"address": "ada@example.test", "owner": OWNER},
    crm.RecordErased: {"record": OWNER},
    crm.AddressErased: {"address_key": KEY},
    dead.EventParked: CASE | {"reason": "failed", "text": "KeyError at emails.py:7"},
    dead.EventReplayed: CASE,
    **configured.DEFAULTS,
    **states.DEFAULTS,
    **mailbox_states.DEFAULTS,
    **outgoing_states.DEFAULTS,
    **skipped_states.DEFAULTS,
}


def example(kind: type[E], **changes: Any) -> E:
    """Return a valid event; ``changes`` are fields by name (or by alias: ``**{"from": …}``)."""
    aliases = {name: info.alias or name for name, info in kind.model_fields.items()}
    named = {aliases.get(name, name): value for name, value in changes.items()}
    return kind.model_validate(dict(DEFAULTS[kind]) | named)


def context(**changes: Any) -> Context:
    """Return where a fact comes from: a service, at noon, of nobody's request."""
    usual: dict[str, Any] = {
        "source": "/courrier/test",
        "actor": "service:test",
        "time": NOON,
        "correlation_id": str(UUID(int=9)),
    }
    return Context(**(usual | changes))


def new_event(event: Event, subject: str | None = None, **changes: Any) -> NewEvent:
    """Return an event to append: version 1, an id of its content, nothing expected."""
    where = subject or subject_of(event)
    usual: dict[str, Any] = {
        "id": derived_id(where, event.TYPE, event.model_dump_json()),
        "version": 1,
        "context": context(),
    }
    return NewEvent(subject=where, event=event, **(usual | changes))


def recorded(event: E, subject: str | None = None, **changes: Any) -> Recorded[E]:
    """Return the event as a log holds it, at sequence 1 of its stream unless told otherwise."""
    where = subject or subject_of(event)
    usual: dict[str, Any] = {
        "id": str(derived_id(where, event.TYPE, event.model_dump_json())),
        "type": event.TYPE,
        "time": NOON,
        "stream": subjects.stream_of(where),
        "sequence": 1,
        "version": 1,
        "actor": "service:test",
        "source": "/courrier/test",
        "correlation_id": str(UUID(int=9)),
    }
    return Recorded(event=event, subject=where, **(usual | changes))


def raw_message(text: str = "Hello\n", **headers: str) -> bytes:
    """Return a plain message; ``headers`` replace the usual ones: ``message_id="<2@x.test>"``.

    Names are written with underscores; an empty value leaves the header out.
    """
    usual = {
        "from": "Ada Lovelace <ada@example.test>",
        "to": "Grace Hopper <grace@example.test>",
        "subject": "Question",
        "date": "Mon, 02 Mar 2026 12:00:00 +0000",
        "message_id": f"<{MESSAGE_ID}>",
    }
    message = EmailMessage(policy=SMTP)
    for name, value in (usual | headers).items():
        if value:
            message[name.replace("_", "-").title()] = value
    message.set_content(text)
    return message.as_bytes()

"""Valid events of what is changed on mail servers, for builders and goldens."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from courrier.events.base import Event
from courrier.events.families import email, mailbox, mailbox_state

ACCOUNT = "a" * 32
EMAIL = "e" * 32
KEY = "ab" * 16
NOON = "2026-03-02T12:00:00Z"

READ = {
    "cause_id": str(UUID(int=3)),
    "kind": "mark",
    "email_id": EMAIL,
    "is_read": True,
    "asked_at": NOON,
}
TRASHED = {
    "cause_id": str(UUID(int=2)),
    "kind": "file",
    "email_id": EMAIL,
    "end": "done",
    "folder": "Trash",
    "uidvalidity": 9,
    "uid": 4,
}

ADA = {"name": "Ada Lovelace", "address": "ada@example.test"}
ME = {"name": "Grace Hopper", "address": "grace@example.test"}

DEFAULTS: Mapping[type[Event], Mapping[str, Any]] = {
    mailbox_state.FolderMarked: {
        "account_id": ACCOUNT,
        "folder": "INBOX",
        "uidvalidity": 1,
        "modseq": 7,
        "present": "1:3,5",
        "read": "1,5",
        "changes": [{"uid": 5, "email_id": EMAIL, "message_key": KEY, "is_read": True}],
        "vanished": [{"first": 4, "last": 4}],
    },
    mailbox.MessageReread: {
        "source_id": str(UUID(int=1)),
        "email_id": EMAIL,
        "changed": ["subject"],
        "account_id": ACCOUNT,
        "folder": "INBOX",
        "uidvalidity": 1,
        "uid": 1,
        "raw": {"digest": "ab" * 32, "size": 1234},
        "received_at": NOON,
        "message_id": "1@example.test",
        "date": NOON,
        "from": ADA,
        "to": [ME],
        "recipient_count": 1,
        "subject": "Question",
        "text": "Hello",
    },
    email.EmailReread: {
        "email_id": EMAIL,
        "source_id": str(UUID(int=4)),
        "subject": "Question",
        "from": ADA,
        "to": [ME],
        "date": NOON,
        "snippet": "Hello",
    },
    mailbox_state.ErrandsNoted: {
        "account_id": ACCOUNT,
        "seen": {"EMAIL": 3},
        "waiting": [READ],
        "finished": [TRASHED],
    },
}

SAMPLES: tuple[Event, ...] = tuple(kind.model_validate(fields) for kind, fields in DEFAULTS.items())

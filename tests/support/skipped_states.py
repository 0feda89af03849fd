"""Valid events of messages that a filter kept out, for builders and goldens."""

from collections.abc import Mapping
from typing import Any

from courrier.events.base import Event
from courrier.events.families import mailbox_state, skipped

ACCOUNT = "a" * 32
SOURCE = "7" * 32

DEFAULTS: Mapping[type[Event], Mapping[str, Any]] = {
    skipped.SkippedMessageRecalled: {
        "source_id": SOURCE,
        "reason": {"rule": "undo", "field": "decision", "value": SOURCE},
    },
    skipped.SkippedMessageExpired: {"source_id": SOURCE, "account_id": ACCOUNT},
    skipped.SkippedMessagePurged: {"source_id": SOURCE},
    mailbox_state.MessagesPurged: {
        "account_id": ACCOUNT,
        "folder": "INBOX",
        "messages": [{"source_id": SOURCE, "sequence": 1, "uid": 1}],
    },
}

SAMPLES = tuple(kind.model_validate(dict(fields)) for kind, fields in DEFAULTS.items())

"""Valid events of drafts, and of messages taken back or settled late, for builders and goldens."""

from collections.abc import Mapping
from typing import Any

from courrier.events.base import Event
from courrier.events.families import drafts, outbound, uploads

EMAIL = "e" * 32
ATTEMPT = {"email_id": EMAIL, "attempt": 2}
LATE = {"address": "grace@example.test", "outcome": "sent", "code": 250, "text": "ok"}

USER = "b" * 32
GRACE = {"name": "Grace Hopper", "address": "grace@example.test"}
ADA = {"name": "Ada Lovelace", "address": "ada@example.test"}
BYTES = {"digest": "1" * 64, "size": 3}
FILE = {"id": "f1", "filename": "a.pdf", "content_type": "application/pdf", "content": BYTES}
FIELDS = {"from": GRACE, "to": [ADA], "subject": "Offer", "text": BYTES, "files": [FILE]}
DRAFT = {"email_id": EMAIL, "author_id": USER, "begun_at": "2026-03-02T12:00:00Z", "fields": FIELDS}

DEFAULTS: Mapping[type[Event], Mapping[str, Any]] = {
    outbound.OutboundCancelled: {"email_id": EMAIL},
    outbound.RecipientsSettled: ATTEMPT | {"outcomes": [LATE]},
    outbound.DeliveryReleased: ATTEMPT | {"at": "2026-03-02T12:00:00Z"},
    outbound.OutboundReopened: {"epoch": 2, "held": 3},
    outbound.SendingHeldBack: {
        "account_id": "a" * 32,
        "until": "2026-03-02T12:00:00Z",
        "times": 2,
        "text": "421 too many messages",
    },
    outbound.DeliveryReported: {
        "email_id": EMAIL,
        "source_id": "00000000-0000-0000-0000-000000000007",
        "outcomes": [LATE | {"outcome": "bounced", "code": 550, "text": "5.1.1 unknown user"}],
        "is_hard": True,
    },
    outbound.AutoReplyDecided: {
        "account_id": "a" * 32,
        "recipient_key": "7" * 16,
        "answers": EMAIL,
        "reply_id": "f" * 32,
        "reason": "answered",
    },
    outbound.SendingResumed: {"account_id": "a" * 32},
    drafts.DraftSaved: DRAFT,
    drafts.DraftSubmitted: DRAFT,
    drafts.DraftDiscarded: {"email_id": EMAIL},
    uploads.FileUploaded: {
        "upload_id": "f1",
        "owner_id": USER,
        "filename": "a.pdf",
        "content_type": "application/pdf",
        "content": BYTES,
    },
}

SAMPLES = tuple(kind.model_validate(dict(fields)) for kind, fields in DEFAULTS.items())

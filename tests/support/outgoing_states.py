"""Valid events of messages taken back, released or settled late, for builders and goldens."""

from collections.abc import Mapping
from typing import Any

from courrier.events.base import Event
from courrier.events.families import outbound

EMAIL = "e" * 32
ATTEMPT = {"email_id": EMAIL, "attempt": 2}
LATE = {"address": "grace@example.test", "outcome": "sent", "code": 250, "text": "ok"}

DEFAULTS: Mapping[type[Event], Mapping[str, Any]] = {
    outbound.OutboundCancelled: {"email_id": EMAIL},
    outbound.RecipientsSettled: ATTEMPT | {"outcomes": [LATE]},
    outbound.DeliveryReleased: ATTEMPT,
    outbound.SendingHeldBack: {
        "account_id": "a" * 32,
        "until": "2026-03-02T12:00:00Z",
        "times": 2,
        "text": "421 too many messages",
    },
    outbound.SendingResumed: {"account_id": "a" * 32},
}

SAMPLES = tuple(kind.model_validate(dict(fields)) for kind, fields in DEFAULTS.items())

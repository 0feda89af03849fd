"""What happens to one outgoing message, short to write, for tests of its decisions."""

from datetime import UTC, datetime
from typing import Any

from courrier.events.families.outbound import (
    DeliveryBecameUncertain,
    DeliveryDeferred,
    DeliveryStarted,
    MessageSent,
    RecipientOutcome,
    SendRequested,
)
from courrier.events.testing import Scenario
from courrier.sender.domain.delivery import UNANSWERED_START, delivery
from courrier.sender.domain.retrying import retry_at as scheduled
from support.builders import EMAIL, example

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ADA, BOB = "ada@example.test", "bob@example.test"
REQUESTED = example(SendRequested, envelope_to=[ADA, BOB], date=NOON)
HOST = "smtp.example.test"
scenario = Scenario(delivery)


def said(address: str, outcome: str, code: int | None = None, text: str = "") -> RecipientOutcome:
    """Return what a server said of a recipient."""
    return RecipientOutcome(address=address, outcome=outcome, code=code, text=text)


def started(attempt: int = 1, *recipients: str) -> DeliveryStarted:
    """Return the intent of an attempt."""
    return DeliveryStarted(
        email_id=EMAIL, attempt=attempt, host=HOST, recipients=recipients or (ADA, BOB)
    )


def deferred(attempt: int, retry_at: datetime, *outcomes: RecipientOutcome) -> DeliveryDeferred:
    """Return that an attempt is to be repeated."""
    return DeliveryDeferred(
        email_id=EMAIL, attempt=attempt, outcomes=outcomes or later(), retry_at=retry_at
    )


def later() -> tuple[RecipientOutcome, RecipientOutcome]:
    """Return that both were put off."""
    return said(ADA, "deferred", 451, "later"), said(BOB, "deferred", 451, "later")


def sent(attempt: int, *outcomes: RecipientOutcome) -> MessageSent:
    """Return that a server took it."""
    said: dict[str, Any] = {
        name: value
        for name, value in REQUESTED.model_dump(by_alias=True).items()
        if name in {info.alias or key for key, info in MessageSent.model_fields.items()}
    }
    return MessageSent.model_validate(said | {"attempt": attempt, "outcomes": outcomes})


def retry(attempt: int) -> datetime:
    """Return when the schedule has the attempt after this one."""
    return scheduled(NOON, attempt, key=EMAIL, unreached=False)


SENT_TO_BOTH = (said(ADA, "sent", 250, "OK"), said(BOB, "sent", 250, "OK"))
UNCERTAIN = DeliveryBecameUncertain(email_id=EMAIL, attempt=1, text=UNANSWERED_START)

"""What becomes of a message that a filter kept out: taken back in time, or gone for good.

Both are decided from its own subject, so that of two who decide at once only one does.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from courrier.events.base import Event
from courrier.events.envelope import Recorded
from courrier.events.families.email import MessageSkipped
from courrier.events.families.skipped import (
    SkippedMessageExpired,
    SkippedMessagePurged,
    SkippedMessageRecalled,
)

LONGEST_S = 30 * 86_400

Stage = Literal["unknown", "kept", "recalled", "expired", "purged"]


@dataclass(frozen=True, slots=True)
class Skip:
    """One message kept out: ``fact`` says where it stood, ``due`` until when it can be had."""

    stage: Stage = "unknown"
    fact: MessageSkipped | None = None
    due: datetime | None = None

    def is_due(self, now: datetime) -> bool:
        """Tell whether its time is over."""
        return self.stage == "kept" and self.due is not None and now >= self.due

    def is_free(self, now: datetime) -> bool:
        """Tell whether it can be taken back."""
        return self.stage == "kept" and not self.is_due(now)


def skip_of(history: Iterable[Recorded[Event]]) -> Skip:
    """Return what became of a message, from its own facts, oldest first."""
    found = Skip()
    for recorded in history:
        match recorded.event:
            case MessageSkipped() as fact:
                found = Skip("kept", fact, due_of(recorded.time, fact))
            case SkippedMessageRecalled():
                found = Skip("recalled", found.fact, found.due)
            case SkippedMessageExpired():
                found = Skip("expired", found.fact, found.due)
            case SkippedMessagePurged():
                found = Skip("purged", found.fact, found.due)
            case _:
                continue
    return found


def due_of(at: datetime, fact: MessageSkipped) -> datetime:
    """Return until when a message that was kept out then can be taken back."""
    return at + timedelta(seconds=min(max(fact.recovery_s, 0), LONGEST_S))

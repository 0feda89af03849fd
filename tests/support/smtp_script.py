"""How a test tells the SMTP sink to misbehave: rules, each for a verb, maybe for one recipient."""

import enum
from dataclasses import dataclass
from typing import Literal

Verb = Literal["EHLO", "AUTH", "MAIL", "RCPT", "DATA"]


class Misdeed(enum.Enum):
    """What a server may do instead of answering."""

    DROP = "the line is cut without an answer"
    STALL = "the line stays open and silent until the client gives up"


Answer = str | Misdeed


@dataclass(slots=True)
class Rule:
    """Answer ``verb`` so, ``times`` times (None: always), maybe for one recipient only."""

    verb: Verb
    answer: Answer
    recipient: str | None
    times: int | None

    def fits(self, verb: Verb, recipient: str | None) -> bool:
        """Return whether this rule speaks of this command and is not used up."""
        is_wanted = self.recipient is None or self.recipient == recipient
        return self.verb == verb and is_wanted and self.times != 0

    def use(self) -> Answer:
        """Return the answer, one time less to give."""
        if self.times is not None:
            self.times -= 1
        return self.answer

"""What a person asks of their mail, in words: ``in:<folder> is:unread assigned:me``."""

import re
from dataclasses import dataclass

from .refusals import Unfit

OPERATORS = (
    "in:<folder>, is:unread, is:important, assigned:me|none|<user>, "
    "status:open|waiting|closed|spam and tag:<tag>"
)
_FOLDER = re.compile(r"[A-Za-z0-9_-]{1,80}\Z")


@dataclass(frozen=True, slots=True)
class MailQuery:
    """A folder (or ``all``, ``important``), and perhaps only what is unread in it.

    ``assignee`` is who has the conversation (``me``, a user's id, empty for nobody), ``status`` and
    ``tag`` are the conversation's; None: any.
    """

    folder: str = "all"
    unread: bool = False
    assignee: str | None = None
    status: str | None = None
    tag: str | None = None

    @property
    def is_of_work(self) -> bool:
        """Whether it asks for what teams share of conversations."""
        return (self.assignee, self.status, self.tag) != (None, None, None)


def parse_query(text: str) -> MailQuery:
    """Return what is asked for; no words ask for all mail in use.

    Raises:
        Unfit: a word is none of the operators.
    """
    folder, unread = "all", False
    work: dict[str, str] = {}
    for word in text.split():
        operator, _, value = word.partition(":")
        match operator.lower(), value:
            case "is", "unread":
                unread = True
            case "is", "important" | "starred":
                folder = "important"
            case "in", _ if _FOLDER.match(value):
                folder = value
            case "assigned", "none":
                work["assignee"] = ""
            case "assigned", _ if _FOLDER.match(value):
                work["assignee"] = value
            case "status", "open" | "waiting" | "closed" | "spam":
                work["status"] = value
            case "tag", _ if value:
                work["tag"] = value
            case _:
                raise Unfit(f"{word!r} is not understood: use {OPERATORS}", pointer="/q")
    return MailQuery(folder, unread, **work)

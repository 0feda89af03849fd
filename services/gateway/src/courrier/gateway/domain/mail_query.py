"""What a person asks of their mail, in words: ``in:<folder> is:unread``."""

import re
from dataclasses import dataclass

from .refusals import Unfit

_FOLDER = re.compile(r"[A-Za-z0-9_-]{1,80}\Z")


@dataclass(frozen=True, slots=True)
class MailQuery:
    """A folder (or ``all``, ``important``), and perhaps only what is unread in it."""

    folder: str = "all"
    unread: bool = False


def parse_query(text: str) -> MailQuery:
    """Return what is asked for; no words ask for all mail in use.

    Raises:
        Unfit: a word is none of the operators.
    """
    folder, unread = "all", False
    for word in text.split():
        operator, _, value = word.partition(":")
        match operator.lower(), value:
            case "is", "unread":
                unread = True
            case "is", "important" | "starred":
                folder = "important"
            case "in", _ if _FOLDER.match(value):
                folder = value
            case _:
                raise Unfit(
                    f"{word!r} is not understood: use in:<folder> and is:unread", pointer="/q"
                )
    return MailQuery(folder, unread)

"""How a command ends: answered, refused, or with the connection."""

import re
from dataclasses import dataclass

from courrier.fetcher.adapters.imap.grammar import code
from courrier.fetcher.adapters.imap.wire import Response

TEXT_SHOWN = 200
_CODE = re.compile(rb"^\[[^\]]*\] ?")


class Lost(ConnectionError):
    """The connection is closed; the text is the server's last word or what we know."""


class Goodbye(Lost):
    """The server ended the connection (BYE); ``said`` are its words for people."""

    def __init__(self, said: str) -> None:
        super().__init__(f"the server said goodbye: {said}")
        self.said = said


@dataclass(frozen=True, slots=True)
class Answer:
    """``status`` is OK, NO or BAD; ``text`` what follows, with its response code."""

    status: str
    text: bytes
    untagged: tuple[Response, ...] = ()

    @property
    def code(self) -> bytes:
        """The response code's name, upper case; empty without one."""
        return code(self.text)[0]

    @property
    def shown(self) -> str:
        """The text for people, bounded."""
        return shown(_CODE.sub(b"", self.text))


class Refusal(Exception):
    """The server answered NO or BAD."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.shown)
        self.answer = answer


def shown(text: bytes) -> str:
    """Return a server's text for people: printable, bounded."""
    read = text.decode("utf-8", "replace")[:TEXT_SHOWN]
    return "".join(c if c.isprintable() else " " for c in read).strip()

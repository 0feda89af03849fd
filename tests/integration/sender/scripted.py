"""An SMTP server that follows a script and remembers what arrived in one piece.

``offers`` are its extensions; ``answers`` replaces the reply to a command that begins so, once
each, in order; None cuts the line instead.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from courrier.events.families.settings import Server
from courrier.sender.ports import Letter

USUAL = {"EHLO": "250", "MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go on", ".": "250 taken"}
RAW = b"From: grace@example.test\r\nSubject: Offer\r\n\r\nHello\r\n"


@dataclass
class Scripted:
    """What a server was told, and what it is to say."""

    offers: tuple[str, ...] = ()
    answers: list[tuple[str, str | None]] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    sessions: int = 0
    port: int = 0

    @property
    def server(self) -> Server:
        """Return how an account reaches it."""
        return Server(host="127.0.0.1", port=self.port, tls="none")

    def letter(self, *recipients: str, raw: bytes = RAW, **changes: object) -> Letter:
        """Return a letter for this server."""
        usual: dict[str, object] = {
            "account_id": "a1",
            "server": self.server,
            "secret": None,
            "mail_from": "grace@example.test",
            "recipients": recipients or ("ada@example.test",),
            "raw": raw,
        }
        return Letter(**(usual | changes))  # type: ignore[arg-type]  # named as its fields are

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Scripted"]:
        """Listen while the body runs."""
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield self

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.sessions += 1
        writer.write(b"220 scripted\r\n")
        in_data, waiting = False, ""
        while piece := await reader.read(65536):
            self.pieces.append(piece.decode())
            *lines, waiting = (waiting + piece.decode()).split("\r\n")
            for line in lines:
                if in_data and line != ".":
                    continue
                self.lines.append(line)
                said = self._said(line)
                if said is None:
                    writer.transport.abort()
                    return
                in_data = said.startswith("354")
                writer.write(said.encode() + b"\r\n")
        writer.close()

    def _said(self, line: str) -> str | None:
        for rule in self.answers:
            if line.startswith(rule[0]):
                self.answers.remove(rule)
                return rule[1]
        if line.startswith("EHLO"):
            words = ["scripted", *self.offers]
            return "\r\n".join(f"250{'-' if w != words[-1] else ' '}{w}" for w in words)
        verb = line.split(" ", maxsplit=1)[0]
        return USUAL.get(verb, "250 ok")

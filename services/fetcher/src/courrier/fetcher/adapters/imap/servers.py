"""``MailServers`` over IMAP4rev1: reading only, folders opened by EXAMINE, bodies by BODY.PEEK."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from datetime import date, timedelta
from typing import TypeVar

from aioimaplib.aioimaplib import LOGOUT, SELECTED, quoted

from courrier.events.families.settings import Server
from courrier.fetcher.adapters.imap import replies, session, utf7
from courrier.fetcher.adapters.imap.answers import Answer, Refusal
from courrier.fetcher.adapters.imap.errors import FAILURES, failure
from courrier.fetcher.adapters.imap.grammar import internal_day
from courrier.fetcher.adapters.imap.protocol import ImapProtocol
from courrier.fetcher.adapters.imap.wire import Response
from courrier.fetcher.domain.batches import Listed
from courrier.fetcher.domain.failures import CannotFetch, FolderMissing
from courrier.fetcher.domain.folders import Folder
from courrier.fetcher.domain.received import Fetched
from courrier.fetcher.domain.uids import Span, sequence_set, span_set
from courrier.fetcher.ports import MailConnection, OpenFolder

T = TypeVar("T")

CONNECTING = 20
"""Connections being made at once in one process: TLS handshakes cost CPU on both sides."""
SLACK_BYTES = 16 * 1024 * 1024
"""What a FETCH may bring beyond twice its announced bytes: sizes of some servers are guesses."""
GOODBYE_TIMEOUT_S = 1.0


class ImapMailServers:
    """Reaches mail servers; certificates are checked by ``context``."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self._connecting = asyncio.Semaphore(CONNECTING)

    @asynccontextmanager
    async def connect(self, server: Server, password: str) -> AsyncIterator[MailConnection]:
        """Connect and log in (see ``MailServers.connect``); log out when the body ends."""
        try:
            async with self._connecting:
                protocol = await session.connect(server, self._context)
                try:
                    can = await session.log_in(protocol, server, password)
                except BaseException:
                    protocol.abort()
                    raise
        except FAILURES as error:
            raise failure(error, server) from error
        try:
            yield ImapConnection(protocol, server, can)
            await _say_goodbye(protocol)
        finally:
            protocol.abort()


class ImapConnection:
    """One logged-in connection (see ``MailConnection``)."""

    def __init__(self, protocol: ImapProtocol, server: Server, can: session.Capabilities) -> None:
        self._protocol = protocol
        self._server = server
        self._can = can
        self._wire_names: dict[str, bytes] = {}
        self._open: OpenFolder | None = None
        self._has_news = False
        protocol.on_untagged = self._note

    async def folders(self) -> Sequence[Folder]:
        """Return all folders of the account."""
        arguments = ['""', '"*"']
        if {"SPECIAL-USE", "LIST-EXTENDED"} <= self._can:
            arguments += ["RETURN", "(SPECIAL-USE)"]  # RFC 6154 section 3
        found = replies.listing((await self._ask("LIST", *arguments)).untagged)
        self._wire_names = found.wire_names
        return found.folders

    async def open(self, folder: str) -> OpenFolder:
        """Open a folder for reading, or look again when it is open."""
        if self._open and self._open.name == folder:
            if not self._has_news:
                await self._ask("NOOP")  # Courier shows new messages only now
            self._has_news = False
            return self._open
        self._open, self._has_news = None, False
        answer = await self._call(self._protocol.ask("EXAMINE", self._quoted(folder)))
        if answer.status != "OK":
            raise await self._why_not(folder, answer)
        self._protocol.enter(SELECTED)
        self._has_news = False  # what EXAMINE itself tells is none
        self._open = replies.open_folder(folder, answer.untagged)
        if not self._open.uidvalidity:
            raise CannotFetch(
                "server-error",
                f"{self._server.host} gives no UIDVALIDITY for {folder!r}: it cannot be fetched "
                "without repeats.",
            )
        return self._open

    async def search(self, spans: Sequence[Span], since: date | None = None) -> list[int]:
        """Return UIDs within these ranges; ``since`` is a day early, for servers' time zones."""
        criteria = ["UID", span_set(spans)]
        if since is not None:
            criteria += ["SINCE", internal_day(max(since, _FIRST_DAY) - timedelta(days=1))]
        answer = await self._ask("SEARCH", *criteria, uid=True)
        return replies.found_uids(answer.untagged)

    async def describe(self, uids: Sequence[int]) -> dict[int, Listed]:
        """Return size and arrival of those of these messages that are still there."""
        wanted = sequence_set(uids)
        answer = await self._ask("FETCH", wanted, "(UID RFC822.SIZE INTERNALDATE)", uid=True)
        return replies.listed(answer.untagged)

    async def fetch(self, messages: Sequence[Listed]) -> AsyncGenerator[list[Fetched], None]:
        """Yield these messages whole, as they come."""
        wanted = sequence_set(message.uid for message in messages)
        budget = 2 * sum(message.size for message in messages) + SLACK_BYTES
        items = "(UID FLAGS INTERNALDATE BODY.PEEK[])"
        try:
            async with aclosing(
                self._protocol.stream("FETCH", wanted, items, budget=budget)
            ) as stream:
                async for arrived in stream:
                    yield replies.fetched(arrived)
        except FAILURES as error:
            raise failure(error, self._server) from error

    async def wait_for_news(self, within_s: float, wake: asyncio.Event) -> bool:
        """Wait by IDLE (RFC 2177) where the server has it."""
        if self._has_news or "IDLE" not in self._can or self._open is None:
            return self._has_news or await _wait(within_s, wake)
        if not await self._call(self._protocol.prompt("IDLE")):
            return await _wait(within_s, wake)
        await self._call(self._idle(within_s, wake))
        return self._has_news

    async def _idle(self, within_s: float, wake: asyncio.Event) -> None:
        """Stay in IDLE until there is news; ``OK Still here`` of some servers is none."""
        loop = asyncio.get_running_loop()
        end = loop.time() + within_s
        while not self._has_news and await self._protocol.next_untagged(end - loop.time(), wake):
            self._protocol.forget_untagged()
        self._protocol.say("DONE")
        answer = await self._protocol.finish()
        if answer.status != "OK":
            raise Refusal(answer)

    async def _why_not(self, folder: str, answer: Answer) -> CannotFetch:
        known = {other.name for other in await self.folders() if other.is_selectable}
        if answer.code in (b"NONEXISTENT", b"TRYCREATE") or folder not in known:
            return FolderMissing(folder)
        return failure(Refusal(answer), self._server)

    async def _ask(self, name: str, *arguments: str, uid: bool = False) -> Answer:
        answer = await self._call(self._protocol.ask(name, *arguments, uid=uid))
        if answer.status != "OK":
            raise failure(Refusal(answer), self._server)
        return answer

    async def _call(self, call: Awaitable[T]) -> T:
        try:
            return await call
        except FAILURES as error:
            raise failure(error, self._server) from error

    def _quoted(self, folder: str) -> str:
        wire = self._wire_names.get(folder) or utf7.encode(folder)
        return str(quoted(wire.decode("utf-8", "surrogateescape")))

    def _note(self, response: Response) -> None:
        if replies.is_news(response):
            self._has_news = True


_FIRST_DAY = date(1970, 1, 2)


async def _wait(within_s: float, wake: asyncio.Event) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            await wake.wait()
    return False


async def _say_goodbye(protocol: ImapProtocol) -> None:
    """Log out politely; the connection is closed in any case."""
    with suppress(*FAILURES):
        async with asyncio.timeout(GOODBYE_TIMEOUT_S):
            await protocol.ask("LOGOUT")
    protocol.enter(LOGOUT)

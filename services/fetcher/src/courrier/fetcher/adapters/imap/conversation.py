"""What every command of a logged-in connection has in common: names, failures, unasked news."""

from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from courrier.events.families.settings import Server
from courrier.fetcher.adapters.imap import naming, replies, utf7
from courrier.fetcher.adapters.imap.answers import Answer, Refusal
from courrier.fetcher.adapters.imap.arguments import Argument, string
from courrier.fetcher.adapters.imap.errors import FAILURES, failure
from courrier.fetcher.adapters.imap.protocol import ImapProtocol
from courrier.fetcher.adapters.imap.wire import Hostile, Response
from courrier.fetcher.domain.failures import CannotFetch, FolderMissing
from courrier.fetcher.domain.folders import Folder
from courrier.fetcher.domain.news import NEWS_KEPT, Exists, Missed, News
from courrier.fetcher.ports import FolderStatus, OpenFolder

T = TypeVar("T")

ASKED_FOR = frozenset({"FETCH", "STORE", "SEARCH"})
"""Commands under which FETCH responses are the answer, and no news."""


class Conversation:
    """One connection, logged in; see ``MailConnection`` for what all its calls promise."""

    def __init__(self, protocol: ImapProtocol, server: Server, can: frozenset[str]) -> None:
        self._protocol = protocol
        self._server = server
        self._can = can
        self._names_are_utf8 = False
        self._wire_names: dict[str, bytes] = {}
        self._open: OpenFolder | None = None
        self._news: deque[News] = deque(maxlen=NEWS_KEPT)
        self._has_missed = False
        self._has_news = False
        protocol.on_untagged = self._note

    @property
    def capabilities(self) -> frozenset[str]:
        """What the server can do, in upper case, as it told after the log-in."""
        return self._can

    def news(self) -> Sequence[News]:
        """Return what the server has told without being asked, and forget it."""
        missed: list[News] = [Missed()] if self._has_missed else []
        told = [*missed, *self._news]
        self._news.clear()
        self._has_missed = False
        return told

    async def enable(self, *extensions: str) -> frozenset[str]:
        """Switch extensions on (RFC 5161); return those that are on now. No folder may be open."""
        if "ENABLE" not in self._can:
            return frozenset()
        return self._read(naming.enabled, await self._ask("ENABLE", *extensions))

    async def enable_utf8_names(self) -> None:
        """Switch names to UTF-8 where a server knows no other (RFC 9051 appendix A, RFC 9755)."""
        if "UTF8=ONLY" in self._can:
            await self.enable("UTF8=ACCEPT")
        self._names_are_utf8 = "UTF8=ONLY" in self._can or "IMAP4REV1" not in self._can

    async def identify(self) -> dict[str, str]:
        """Exchange names (RFC 2971); some servers of NetEase serve nobody who has none."""
        if "ID" not in self._can:
            return {}
        return self._read(naming.identity, await self._ask("ID", '("name" "Courrier")'))

    async def namespaces(self) -> naming.Namespaces:
        """Return where the account's own folders, other people's and shared ones begin."""
        if "NAMESPACE" not in self._can:
            return naming.Namespaces()
        return self._read(naming.namespaces, await self._ask("NAMESPACE"))

    async def folders(self) -> Sequence[Folder]:
        """Return all folders of the account."""
        arguments = ['""', '"*"']
        if {"SPECIAL-USE", "LIST-EXTENDED"} <= self._can or "IMAP4REV2" in self._can:
            arguments += ["RETURN", "(SPECIAL-USE)"]  # RFC 6154 section 3
        answer = await self._ask("LIST", *arguments)
        found = self._read(partial(naming.listing, utf8=self._names_are_utf8), answer)
        self._wire_names = found.wire_names
        return found.folders

    async def status(self, folder: str) -> FolderStatus:
        """Return a folder's counts without opening it (RFC 9051 section 6.3.11)."""
        wanted = "MESSAGES UIDNEXT UIDVALIDITY UNSEEN"
        if "CONDSTORE" in self._can:
            wanted += " HIGHESTMODSEQ"
        answer = await self._call(self._protocol.ask("STATUS", self._named(folder), f"({wanted})"))
        if answer.status != "OK":
            raise await self._why_not(folder, answer)
        return self._read(replies.status, answer)

    async def noop(self) -> None:
        """Give the server an occasion to tell its news; keeps the connection alive."""
        await self._ask("NOOP")

    async def _why_not(self, folder: str, answer: Answer) -> CannotFetch:
        known = {other.name for other in await self.folders() if other.is_selectable}
        if answer.code in (b"NONEXISTENT", b"TRYCREATE") or folder not in known:
            return FolderMissing(folder)
        return failure(Refusal(answer), self._server)

    async def _ask(self, name: str, *arguments: Argument, uid: bool = False) -> Answer:
        answer = await self._call(self._protocol.ask(name, *arguments, uid=uid))
        if answer.status != "OK":
            raise failure(Refusal(answer), self._server)
        return answer

    async def _call(self, call: Awaitable[T]) -> T:
        try:
            return await call
        except FAILURES as error:
            raise failure(error, self._server) from error

    def _read(self, meaning: Callable[[Iterable[Response]], T], answer: Answer) -> T:
        """Return what an answer means; one without sense or measure ends the connection."""
        try:
            return meaning(answer.untagged)
        except Hostile as error:
            self._protocol.abort()
            raise failure(error, self._server) from error

    def _named(self, folder: str) -> Argument:
        """Return a folder's name as the server itself writes it, or would."""
        known = self._wire_names.get(folder)
        if known is None:
            known = folder.encode() if self._names_are_utf8 else utf7.encode(folder)
        return string(known, utf8=self._names_are_utf8)

    def _note(self, response: Response) -> None:
        if self._is_answer(response):
            return
        told = replies.news(response)
        if isinstance(told, Exists) and self._open:
            self._open = replace(self._open, exists=told.count)
        if told is None:
            return
        self._has_missed = self._has_missed or len(self._news) == NEWS_KEPT
        self._news.append(told)
        self._has_news = True

    def _is_answer(self, response: Response) -> bool:
        return self._protocol.under_way in ASKED_FOR and replies.is_fetch(response)

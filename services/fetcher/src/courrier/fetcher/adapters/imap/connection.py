"""``MailConnection``: folders opened by EXAMINE unless they are to be changed, bodies by PEEK."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial

from aioimaplib.aioimaplib import SELECTED

from courrier.fetcher.adapters.imap import replies
from courrier.fetcher.adapters.imap.answers import Refusal
from courrier.fetcher.adapters.imap.arguments import Argument, Literal, string
from courrier.fetcher.adapters.imap.conversation import Conversation
from courrier.fetcher.adapters.imap.errors import FAILURES, failure
from courrier.fetcher.adapters.imap.grammar import internal_day, internal_text
from courrier.fetcher.adapters.imap.running import BadState
from courrier.fetcher.domain.batches import Listed
from courrier.fetcher.domain.failures import CannotFetch, FetchRefused
from courrier.fetcher.domain.news import Marks
from courrier.fetcher.domain.received import Fetched
from courrier.fetcher.domain.uids import Span, sequence_set, sequence_sets, span_set
from courrier.fetcher.ports import Appended, OpenFolder

SLACK_BYTES = 16 * 1024 * 1024
"""What a FETCH may bring beyond twice its announced bytes: sizes of some servers are guesses."""
_FIRST_DAY = date(1970, 1, 2)


class ImapConnection(Conversation):
    """Reading messages, and changing what the account's owner asked to be changed."""

    async def open(self, folder: str, *, writing: bool = False) -> OpenFolder:
        """Open a folder, for reading unless ``writing``, or look again when it is open."""
        if self._open and self._open.name == folder and (self._open.is_writable or not writing):
            return await self._look_again(self._open)
        self._open, self._has_news = None, False
        self._news.clear()
        verb = "SELECT" if writing else "EXAMINE"
        arguments: list[Argument] = [self._named(folder)]
        if "CONDSTORE" in self._can:
            arguments.append("(CONDSTORE)")
        answer = await self._call(self._protocol.ask(verb, *arguments))
        if answer.status != "OK":
            raise await self._why_not(folder, answer)
        self._protocol.enter(SELECTED)
        self._has_news = False  # what EXAMINE itself tells is none
        self._news.clear()
        opened = self._read(partial(replies.open_folder, folder), answer)
        writable = writing and answer.code != b"READ-ONLY"
        self._open = replace(opened, is_writable=writable)
        if not self._open.uidvalidity:
            raise CannotFetch(
                "server-error",
                f"{self._server.host} gives no UIDVALIDITY for {folder!r}: it cannot be fetched "
                "without repeats.",
            )
        return self._open

    async def _look_again(self, opened: OpenFolder) -> OpenFolder:
        if not self._has_news:
            await self._ask("NOOP")  # Courier shows new messages only now
        self._has_news = False
        return self._open or opened

    async def search(self, spans: Sequence[Span], since: date | None = None) -> list[int]:
        """Return UIDs within these ranges; ``since`` is a day early, for servers' time zones."""
        criteria = ["UID", span_set(spans)]
        if since is not None:
            criteria += ["SINCE", internal_day(max(since, _FIRST_DAY) - timedelta(days=1))]
        answer = await self._ask("SEARCH", *criteria, uid=True)
        return self._read(replies.found_uids, answer)

    async def find(self, message_id: str) -> list[int]:
        """Return UIDs of the open folder's messages with this Message-ID, without brackets."""
        answer = await self._ask("SEARCH", "HEADER", "MESSAGE-ID", string(message_id), uid=True)
        return self._read(replies.found_uids, answer)

    async def describe(self, uids: Sequence[int]) -> dict[int, Listed]:
        """Return size and arrival of those of these messages that are still there."""
        found: dict[int, Listed] = {}
        for wanted in sequence_sets(uids):
            answer = await self._ask("FETCH", wanted, "(UID RFC822.SIZE INTERNALDATE)", uid=True)
            found |= self._read(replies.listed, answer)
        return found

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
        except Refusal as error:
            told = failure(error, self._server)
            if told.reason != "server-error":  # throttled: asking for less is no help
                raise told from error
            raise FetchRefused(told.reason, told.text, texts=told.texts) from error
        except FAILURES as error:
            raise failure(error, self._server) from error

    async def marks(self, spans: Sequence[Span], since: int | None = None) -> dict[int, Marks]:
        """Return flags by UID; ``since``: of those changed after this MODSEQ (RFC 7162)."""
        arguments = [span_set(spans), "(UID FLAGS)"]
        if since is not None:
            arguments.append(f"(CHANGEDSINCE {since})")
        answer = await self._ask("FETCH", *arguments, uid=True)
        return self._read(replies.marks, answer)

    async def headers(self, uids: Sequence[int]) -> dict[int, bytes]:
        """Return the header of those of these messages that are still there."""
        found: dict[int, bytes] = {}
        for wanted in sequence_sets(uids):
            answer = await self._ask("FETCH", wanted, "(UID BODY.PEEK[HEADER])", uid=True)
            found |= self._read(replies.headers, answer)
        return found

    async def store(
        self, uids: Sequence[int], flags: Sequence[str], *, add: bool = True
    ) -> dict[int, Marks]:
        """Set or clear flags; return what the server tells of those messages after it."""
        self._check_writable()
        told: dict[int, Marks] = {}
        for wanted in sequence_sets(uids):
            change = "+FLAGS" if add else "-FLAGS"
            answer = await self._ask("STORE", wanted, change, f"({' '.join(flags)})", uid=True)
            told |= self._read(replies.marks, answer)
        return told

    async def move(self, uids: Sequence[int], folder: str) -> Mapping[int, int]:
        """Move messages; return their UIDs there, by those here, where the server tells.

        Without MOVE (RFC 6851) they are copied, marked and expunged by UID (RFC 4315).

        Raises:
            CannotFetch: ``not-possible`` on a server with neither: others' deletions would be
                carried out too.
        """
        if not {"MOVE", "UIDPLUS", "IMAP4REV2"} & self._can:
            raise CannotFetch(
                "not-possible",
                f"{self._server.host} can neither move messages nor expunge single ones, so "
                "nothing was moved there.",
            )
        self._check_writable()
        moved: dict[int, int] = {}
        for wanted in sequence_sets(uids):
            moved |= await self._move(wanted, folder)
        return moved

    async def _move(self, wanted: str, folder: str) -> dict[int, int]:
        if {"MOVE", "IMAP4REV2"} & self._can:
            answer = await self._ask("MOVE", wanted, self._named(folder), uid=True)
            return replies.copied([*(one.head for one in answer.untagged), answer.text])
        answer = await self._ask("COPY", wanted, self._named(folder), uid=True)
        await self._ask("STORE", wanted, "+FLAGS.SILENT", "(\\Deleted)", uid=True)
        await self._ask("EXPUNGE", wanted, uid=True)
        return replies.copied([answer.text])

    def _check_writable(self) -> None:
        """Dovecot answers OK to a change of a folder that is open for reading, and does nothing."""
        if self._open is None or not self._open.is_writable:
            raise BadState("the folder is not open for writing")

    async def append(
        self, folder: str, raw: bytes, flags: Sequence[str] = (), at: datetime | None = None
    ) -> Appended | None:
        """Put a message into a folder; return where it is, None where the server does not tell.

        Raises:
            FolderMissing: there is no such folder; none is made.
        """
        arguments: list[Argument] = [self._named(folder)]
        if flags:
            arguments.append(f"({' '.join(flags)})")
        if at is not None:
            arguments.append(f'"{internal_text(at)}"')
        answer = await self._call(self._protocol.ask("APPEND", *arguments, Literal(raw)))
        if answer.status != "OK":
            raise await self._why_not(folder, answer)
        return replies.appended(answer.text)

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
        if self._protocol.under_way:  # some servers end it themselves
            self._protocol.say("DONE")
        answer = await self._protocol.finish()
        if answer.status != "OK":
            raise Refusal(answer)


async def _wait(within_s: float, wake: asyncio.Event) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            await wake.wait()
    return False

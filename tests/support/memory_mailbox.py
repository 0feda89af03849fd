"""A mail server in memory, seen through one connection: state of messages, folders, and faults.

It answers as a server does that has MOVE and UIDPLUS; with ``condstore`` it counts changes. After
``fails_after`` commands the connection is lost, *after* the command was carried out.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from courrier.fetcher.domain.batches import Listed
from courrier.fetcher.domain.failures import CannotFetch, FolderMissing
from courrier.fetcher.domain.folders import Folder
from courrier.fetcher.domain.news import Marks, News
from courrier.fetcher.domain.received import Fetched
from courrier.fetcher.domain.uids import Span
from courrier.fetcher.ports import Appended, FolderStatus, OpenFolder

UIDVALIDITY = 7


@dataclass
class Kept:
    """One message in a folder."""

    raw: bytes
    flags: set[str]
    modseq: int


@dataclass
class MemoryMailbox:
    """Folders by name, messages by UID; everything is done at once."""

    special_uses: Mapping[str, tuple[str, ...]]
    condstore: bool = True
    read_only: frozenset[str] = frozenset()
    folder_messages: dict[str, dict[int, Kept]] = field(default_factory=dict)
    fails_after: int | None = None
    changes: list[str] = field(default_factory=list)
    _next: dict[str, int] = field(default_factory=dict)
    _modseq: dict[str, int] = field(default_factory=dict)
    _open: str = ""

    def put(self, folder: str, raw: bytes, flags: Sequence[str] = ()) -> int:
        """Put a message into a folder, as anybody may."""
        uid = self._next.get(folder, 1)
        self._next[folder] = uid + 1
        self._there(folder)[uid] = Kept(raw, set(flags), self._count(folder))
        return uid

    def flag(self, folder: str, uid: int, flag: str, *, is_set: bool) -> None:
        """Change a flag, as anybody may."""
        kept = self._there(folder)[uid]
        if (flag in kept.flags) == is_set:
            return
        (kept.flags.add if is_set else kept.flags.discard)(flag)
        kept.modseq = self._count(folder)

    def shift(self, folder: str, uid: int, target: str) -> int:
        """Move a message, as anybody may."""
        kept = self._there(folder).pop(uid)
        self._count(folder)
        return self.put(target, kept.raw, tuple(kept.flags))

    def where(self, raw: bytes) -> list[tuple[str, int]]:
        """Return where a message is."""
        return [
            (folder, uid)
            for folder, there in self.folder_messages.items()
            for uid, kept in there.items()
            if kept.raw == raw
        ]

    @property
    def capabilities(self) -> frozenset[str]:
        """See ``MailConnection``."""
        return frozenset({"MOVE", "UIDPLUS"} | ({"CONDSTORE"} if self.condstore else set()))

    async def folders(self) -> Sequence[Folder]:
        """See ``MailConnection``."""
        return [Folder(name, uses, "/") for name, uses in self.special_uses.items()]

    async def open(self, folder: str, *, writing: bool = False) -> OpenFolder:
        """See ``MailConnection``."""
        if folder not in self.special_uses:
            raise FolderMissing(folder)
        self._open = folder
        writable = writing and folder not in self.read_only
        return OpenFolder(folder, UIDVALIDITY, len(self._there(folder)), is_writable=writable)

    async def status(self, folder: str) -> FolderStatus:
        """See ``MailConnection``."""
        modseq = self._modseq.get(folder, 0) if self.condstore else None
        count, following = len(self._there(folder)), self._next.get(folder, 1)
        return FolderStatus(count, following, UIDVALIDITY, None, modseq)

    async def noop(self) -> None:
        """See ``MailConnection``."""

    def news(self) -> Sequence[News]:
        """See ``MailConnection``."""
        return []

    async def find(self, message_id: str) -> list[int]:
        """See ``MailConnection``."""
        wanted = f"<{message_id}>".encode()
        return [uid for uid, kept in self._there(self._open).items() if wanted in kept.raw]

    async def search(self, spans: Sequence[Span], since: date | None = None) -> list[int]:
        """See ``MailConnection``; ``n:*`` brings the last message also when it is below n."""
        assert since is None
        there = self._there(self._open)
        return [uid for uid in there if uid == max(there) or _within(uid, spans)]

    async def marks(self, spans: Sequence[Span], since: int | None = None) -> dict[int, Marks]:
        """See ``MailConnection``."""
        return {
            uid: Marks(tuple(sorted(kept.flags)), kept.modseq)
            for uid, kept in self._there(self._open).items()
            if _within(uid, spans) and (since is None or kept.modseq > since)
        }

    async def headers(self, uids: Sequence[int]) -> dict[int, bytes]:
        """See ``MailConnection``."""
        there = self._there(self._open)
        return {uid: there[uid].raw for uid in uids if uid in there}

    async def store(
        self, uids: Sequence[int], flags: Sequence[str], *, add: bool = True
    ) -> dict[int, Marks]:
        """See ``MailConnection``."""
        assert self._open not in self.read_only
        for uid in uids:
            for flag in flags:
                self.changes.append(f"{'+' if add else '-'}{flag} {self._open}")
                self.flag(self._open, uid, flag, is_set=add)
        self._done()
        return {}

    async def move(self, uids: Sequence[int], folder: str) -> Mapping[int, int]:
        """See ``MailConnection``."""
        self.changes.append(f"move {self._open} {folder}")
        moved = {uid: self.shift(self._open, uid, folder) for uid in uids}
        self._done()
        return moved

    async def append(
        self, folder: str, raw: bytes, flags: Sequence[str] = (), at: datetime | None = None
    ) -> Appended | None:
        """See ``MailConnection``."""
        self.changes.append(f"append {folder}")
        there = Appended(UIDVALIDITY, self.put(folder, raw, flags))
        self._done()
        return there

    async def describe(self, uids: Sequence[int]) -> dict[int, Listed]:
        """See ``MailConnection``."""
        there = self._there(self._open)
        return {uid: Listed(uid, len(there[uid].raw)) for uid in uids if uid in there}

    async def fetch(self, messages: Sequence[Listed]) -> AsyncGenerator[list[Fetched], None]:
        """See ``MailConnection``."""
        there = self._there(self._open)
        yield [Fetched(one.uid, there[one.uid].raw) for one in messages if one.uid in there]

    async def wait_for_news(self, within_s: float, wake: asyncio.Event) -> bool:
        """See ``MailConnection``."""
        await wake.wait()
        return False

    def _done(self) -> None:
        if self.fails_after is not None:
            self.fails_after -= 1
            if self.fails_after < 0:
                self.fails_after = None
                raise CannotFetch("disconnected", "The connection was lost.")

    def _there(self, folder: str) -> dict[int, Kept]:
        return self.folder_messages.setdefault(folder, {})

    def _count(self, folder: str) -> int:
        self._modseq[folder] = self._modseq.get(folder, 0) + 1
        return self._modseq[folder]


def _within(uid: int, spans: Sequence[Span]) -> bool:
    return any(first <= uid <= last for first, last in spans)

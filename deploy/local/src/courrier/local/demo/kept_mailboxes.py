"""pymap's in-memory mailboxes, kept on disk.

pymap 0.36 has a maildir backend, but it sends bare LF, loses white space in header fields and
looks for new mail once a second; its dictionary backend sends what came, at once, and forgets all
of it at the end. So that one is used, and every change is written to ``MailboxFiles`` as well.
"""

import asyncio
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, unquote

from pymap.backend.dict.mailbox import MailboxData, MailboxSet, Message
from pymap.exceptions import NotSupportedError
from pymap.flags import FlagOp
from pymap.interfaces.message import CachedMessage
from pymap.parsing.message import AppendMessage
from pymap.parsing.specials import ObjectId
from pymap.parsing.specials.flag import Flag
from typing_extensions import override

from .folder_names import INBOX
from .mailbox_files import Arrival, MailboxFiles


class KeptMailbox(MailboxData):
    """A folder whose messages, UIDs and flags outlive the process."""

    def __init__(self, owner: "KeptMailboxes", files: MailboxFiles) -> None:
        """Open the folder; call ``load`` before it is used."""
        caches = owner._content_cache, owner._thread_cache  # noqa: SLF001 - nothing public
        super().__init__(*caches)
        self._files = files
        self._uid_validity = files.uid_validity
        self._writing = asyncio.Lock()

    async def load(self) -> None:
        """Read the messages from disk under the UIDs they have."""
        for uid, arrival in self._files.messages().items():
            self._max_uid = uid - 1
            await super().append(_append_message(self._files.content(uid), arrival))
        self._max_uid = self._files.next_uid - 1

    @override
    async def append(self, append_msg: AppendMessage, *, recent: bool = False) -> Message:
        """Keep the message before anybody can see it."""
        flags = frozenset(str(flag) for flag in append_msg.flag_set)
        arrival = Arrival(append_msg.when or datetime.now(UTC), flags)
        async with self._writing:
            self._files.add(append_msg.literal, arrival)
            return await super().append(append_msg, recent=recent)

    @override
    async def copy(self, uid: int, destination: MailboxData, *, recent: bool = False) -> int | None:
        """Append the same bytes there."""
        arrival = self._files.messages().get(uid)
        if arrival is None:
            return None
        copied = _append_message(self._files.content(uid), arrival)
        return (await destination.append(copied, recent=recent)).uid

    @override
    async def move(self, uid: int, destination: MailboxData, *, recent: bool = False) -> int | None:
        """Copy, then delete: a crash in between leaves two, never none."""
        moved = await self.copy(uid, destination, recent=recent)
        if moved is not None:
            await self.delete([uid])
        return moved

    @override
    async def update(
        self, uid: int, cached_msg: CachedMessage, flag_set: frozenset[Flag], mode: FlagOp
    ) -> Message:
        """Keep the new flags."""
        message = await super().update(uid, cached_msg, flag_set, mode)
        self._files.set_flags(uid, (str(flag) for flag in message.permanent_flags))
        return message

    @override
    async def delete(self, uids: Iterable[int]) -> None:
        """Forget the messages here and on disk."""
        gone = list(uids)
        await super().delete(gone)
        self._files.remove(gone)


class KeptMailboxes(MailboxSet):
    """All folders of one address; a folder is a directory named by its quoted name."""

    def __init__(self, directory: Path) -> None:
        """Open them; call ``load`` before they are used."""
        super().__init__()
        self._directory = directory

    async def load(self) -> None:
        """Read every folder from disk."""
        self._inbox = await self._open(INBOX)
        for folder in sorted(self._directory.iterdir()):
            name = unquote(folder.name)
            if name != INBOX:
                self._set[name] = await self._open(name)

    @override
    async def add_mailbox(self, name: str) -> ObjectId:
        """Make a folder."""
        if name in self._set:
            raise ValueError(name)
        made = self._set[name] = await self._open(name)
        return made.mailbox_id

    @override
    async def delete_mailbox(self, name: str) -> None:
        """Delete a folder with all its messages."""
        await super().delete_mailbox(name)
        await asyncio.to_thread(shutil.rmtree, self._path(name))

    @override
    async def rename_mailbox(self, before: str, after: str) -> None:
        """Refuse: nobody needs it in a demo."""
        raise NotSupportedError(f"{before} keeps its name")

    async def _open(self, name: str) -> KeptMailbox:
        mailbox = KeptMailbox(self, MailboxFiles(self._path(name)))
        await mailbox.load()
        return mailbox

    def _path(self, name: str) -> Path:
        return self._directory / quote(name, safe="")


def _append_message(content: bytes, arrival: Arrival) -> AppendMessage:
    flags = frozenset(Flag(flag) for flag in arrival.flags)
    return AppendMessage(content, arrival.received, flags)

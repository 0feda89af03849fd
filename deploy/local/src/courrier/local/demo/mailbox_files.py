"""One mailbox folder on disk: a file per message, and an index with UIDs, flags and dates.

A UID is never given twice under one UIDVALIDITY (RFC 9051 section 2.3.1.1), whatever dies in
between: the message's file is written before the index, and both count when the next UID is
chosen.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel

from courrier.local.files import read_object, write_json


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is known of a message besides its bytes; ``flags`` have their backslashes."""

    received: datetime
    flags: frozenset[str] = frozenset()


class _Entry(BaseModel):
    received: datetime
    flags: list[str] = []


class _Index(BaseModel):
    uid_validity: int
    next_uid: int = 1
    messages: dict[int, _Entry] = {}


class MailboxFiles:
    """The folder's files; one process at a time."""

    def __init__(self, folder: Path) -> None:
        """Open the folder, making it if it is missing."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._file = folder / "index.json"
        kept = read_object(self._file)
        fresh = _Index(uid_validity=int(datetime.now(UTC).timestamp()))
        self._index = _Index.model_validate(kept) if kept is not None else fresh
        seen = (int(path.stem) for path in folder.glob("*.eml"))
        self._index.next_uid = max(self._index.next_uid, 1 + max(seen, default=0))
        self._write()

    @property
    def uid_validity(self) -> int:
        """Fixed when the folder was made."""
        return self._index.uid_validity

    @property
    def next_uid(self) -> int:
        """The UID of the next message."""
        return self._index.next_uid

    def messages(self) -> dict[int, Arrival]:
        """Return what is known of each message, by UID, ascending."""
        return {
            uid: Arrival(entry.received, frozenset(entry.flags))
            for uid, entry in sorted(self._index.messages.items())
        }

    def content(self, uid: int) -> bytes:
        """Return the message as it came.

        Raises:
            FileNotFoundError: no such message.
        """
        return self._path(uid).read_bytes()

    def add(self, content: bytes, arrival: Arrival) -> int:
        """Keep a message for good and return its UID."""
        uid = self._note(arrival)
        with self._path(uid).open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        self._write()
        return uid

    def add_all(self, arrivals: Iterable[tuple[bytes, Arrival]]) -> None:
        """Keep many messages; after a power cut some of them may be missing."""
        for content, arrival in arrivals:
            self._path(self._note(arrival)).write_bytes(content)
        self._write()

    def set_flags(self, uid: int, flags: Iterable[str]) -> None:
        """Replace the flags of a message; one that is gone stays gone."""
        if uid in self._index.messages:
            self._index.messages[uid].flags = sorted(flags)
            self._write()

    def remove(self, uids: Iterable[int]) -> None:
        """Forget messages; their UIDs are not used again."""
        gone = [uid for uid in uids if self._index.messages.pop(uid, None) is not None]
        self._write()
        for uid in gone:
            self._path(uid).unlink(missing_ok=True)

    def _note(self, arrival: Arrival) -> int:
        uid = self._index.next_uid
        entry = _Entry(received=arrival.received, flags=sorted(arrival.flags))
        self._index.messages[uid] = entry
        self._index.next_uid = uid + 1
        return uid

    def _path(self, uid: int) -> Path:
        return self._folder / f"{uid}.eml"

    def _write(self) -> None:
        write_json(self._file, self._index.model_dump(mode="json"))

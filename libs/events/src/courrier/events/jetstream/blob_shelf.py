"""Blobs taken out of the stream ``BLOBS``, overwritten on disk.

Beside its chunks a blob may have ``blob.<digest>.use``: ``used`` when a writer found it stored
already, ``condemned`` by whoever collects it. Both are written under the sequence that was seen,
so that of writer and collector one sees the other: a blob is erased by the sequences that were
looked at, and a writer that meets a condemned blob stores it anew, at other sequences.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from nats.aio.client import Client
from nats.aio.msg import Msg

from courrier.events.blobs import Shelved
from courrier.events.jetstream.api import request_api
from courrier.events.jetstream.direct import DirectReader, sequence_of, subject_of
from courrier.events.jetstream.erase import JetStreamEraser
from courrier.events.jetstream.publishing import publisher_of

STREAM = "BLOBS"
USED = b"used"
CONDEMNED = b"condemned"
ACK_TIMEOUT_S = 10.0
EXPECTED = "Nats-Expected-Last-Subject-Sequence"


class JetStreamBlobShelf:
    """``BlobShelf`` over one connection."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._reader = DirectReader(client)
        self._eraser = JetStreamEraser(client)

    async def digests(self) -> AsyncIterator[list[str]]:
        """Yield the digests of all blobs, in pages of at most 100 000 (the broker's)."""
        offset = 0
        while True:
            question = {"subjects_filter": "blob.>", "offset": offset}
            info = await request_api(self._client, f"STREAM.INFO.{STREAM}", question)
            subjects = info["state"].get("subjects") or {}
            if not subjects:
                return
            yield sorted({subject.split(".")[1] for subject in subjects})
            offset += len(subjects)
            if offset >= int(info.get("total", 0)):
                return

    async def look(self, digest: str) -> Shelved | None:
        """Return how a blob stands now (see ``BlobShelf.look``)."""
        messages = await self._messages(digest)
        if not messages:
            return None
        mark = ",".join(f"{subject_of(m).rpartition('.')[2]}={sequence_of(m)}" for m in messages)
        return Shelved(digest, max(map(stored_at, messages)), mark)

    async def collect(self, blob: Shelved) -> bool:
        """Erase the blob unless it was used since (see ``BlobShelf.collect``)."""
        seen = {part: int(seq) for part, _, seq in (m.partition("=") for m in blob.mark.split(","))}
        condemned = await condemn(self._client, blob.digest, seen.pop("use", 0))
        if condemned is None:
            return False
        await self._eraser.erase(STREAM, [*seen.values(), condemned])
        return True

    async def erase(self, digests: Sequence[str]) -> int:
        """Erase these blobs now (see ``BlobShelf.erase``)."""
        erased = 0
        for digest in digests:
            messages = await self._messages(digest)
            erased += bool(await self._eraser.erase(STREAM, map(sequence_of, messages)))
        return erased

    async def _messages(self, digest: str) -> list[Msg]:
        subjects = await self._eraser.subjects(STREAM, f"blob.{digest}.>")
        return await self._reader.last(STREAM, sorted(subjects))


async def use(client: Client, digest: str, seen: int) -> int | None:
    """Note that a stored blob is about to be referred to; None if somebody else noted something."""
    return await _mark(client, digest, seen, USED)


async def condemn(client: Client, digest: str, seen: int) -> int | None:
    """Note that a blob is about to be erased; None if somebody noted something since ``seen``."""
    return await _mark(client, digest, seen, CONDEMNED)


def stored_at(message: Msg) -> datetime:
    """Return when the broker stored a message that a direct get brought."""
    stamp = (message.headers or {})["Nats-Time-Stamp"]
    head, _, fraction = stamp.rstrip("Z").partition(".")
    return datetime.fromisoformat(f"{head}.{fraction[:6]:0<6}+00:00")


async def _mark(client: Client, digest: str, seen: int, word: bytes) -> int | None:
    line = (f"blob.{digest}.use", {EXPECTED: str(seen)}, word)
    answer = await publisher_of(client).send([line], ACK_TIMEOUT_S)
    return None if answer.get("error") else int(answer["seq"])

"""The archive itself: segments of every stream, what is erased of them, and the epochs begun.

Erasing writes a record first and then rewrites the segments it concerns; whoever stores a segment
looks for records afterwards. One of the two sees the other, so that no data outlives its erasure,
whichever comes first.
"""

import json
from collections.abc import AsyncGenerator, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import zip_longest

from courrier.events.archive import names
from courrier.events.archive.chain import start_of
from courrier.events.archive.lines import Archived, Line, chain_over, erased
from courrier.events.archive.segment import (
    Segment,
    SegmentDamaged,
    read_segment,
    write_segment,
)
from courrier.events.jetstream.epoch import FIRST_EPOCH
from courrier.events.segment_store import SegmentExists, SegmentMissing, SegmentStore


@dataclass(frozen=True)
class Tail:
    """Where a stream's archive ends: its last sequence (0: none) and the chain value there."""

    sequence: int
    chain: bytes
    segment: Segment | None = None


class Archive:
    """What has left the broker, in one ``SegmentStore``."""

    def __init__(self, store: SegmentStore) -> None:
        self._store = store

    @property
    def store(self) -> SegmentStore:
        """The storage behind it."""
        return self._store

    async def tail(self, stream: str) -> Tail:
        """Return where the stream's archive ends: the only position there is.

        Raises:
            SegmentDamaged: the last segment cannot be trusted.
        """
        found = await self.segments(stream)
        if not found:
            return Tail(0, start_of(stream))
        last = await self.segment(found[-1])
        return Tail(last.last, last.chain, last)

    async def segments(self, stream: str) -> list[str]:
        """Return the names of a stream's segments, oldest first."""
        return await self._store.names(names.segment_prefix(stream))

    async def segment(self, name: str) -> Segment:
        """Return a segment, checked.

        Raises:
            SegmentDamaged: it has a fault.
            SegmentMissing: there is none.
        """
        return read_segment(await self._store.read(name), name)

    async def append(self, stream: str, lines: list[Line], *, after: Tail, epoch: int) -> Tail:
        """Close a segment: it is durable when this returns.

        Raises:
            SegmentExists: another archiver was here first; read ``tail`` again.
        """
        first, last = lines[0].sequence, lines[-1].last
        gone = await self.erased(stream, first, last)
        kept = [erased(line) if line.sequence in gone else line for line in lines]
        chain = chain_over(after.chain, kept)
        segment = Segment(stream, first, last, after.chain, epoch, kept, chain)
        name = names.segment_name(stream, first)
        await self._store.write(name, write_segment(segment))
        if await self.erased(stream, first, last) != gone:
            await self._rewrite(name)
        return Tail(last, chain, segment)

    async def erase(self, stream: str, sequences: Iterable[int]) -> None:
        """Drop salt and content of these events for good; the chain still verifies.

        Sequences that are not archived yet are dropped when they come. Repeating is harmless.

        Raises:
            SegmentDamaged: a segment that holds one of them has a fault: mend or remove it first.
        """
        wanted = sorted(set(sequences))
        if not wanted:
            return
        name, content = names.erasure(stream, wanted)
        with suppress(SegmentExists):
            await self._store.write(name, content)
        await self._store.sweep()
        for segment in _holding(await self.segments(stream), wanted):
            await self._rewrite(segment)

    async def erased(self, stream: str, first: int, last: int) -> frozenset[int]:
        """Return which of these sequences are to be erased, archived or not."""
        found: set[int] = set()
        for name in await self._store.names(names.erasure_prefix(stream)):
            begin, end = names.range_of_erasure(name)
            if begin <= last and end >= first:
                found.update(json.loads(await self._store.read(name)))
        return frozenset(sequence for sequence in found if first <= sequence <= last)

    async def lines(self, stream: str, after: int = 0) -> AsyncGenerator[list[Line], None]:
        """Yield the lines over sequence ``after``, a segment at a time; erasures are applied.

        Raises:
            SegmentDamaged: a segment has a fault, is missing, or does not go on from the last.
        """
        chain: bytes | None = start_of(stream)
        due = 1
        found = await self.segments(stream)
        for name, following in zip_longest(found, found[1:]):
            if following and names.first_of(following) <= after + 1:
                chain, due = None, names.first_of(following)
                continue
            segment = await self.segment(name)
            if segment.first != due or (chain is not None and segment.previous != chain):
                raise SegmentDamaged(f"{name} does not go on from what ends at {stream}:{due - 1}")
            chain, due = segment.chain, segment.last + 1
            gone = await self.erased(stream, segment.first, segment.last)
            lines = [erased(line) if line.sequence in gone else line for line in segment.lines]
            yield [line for line in lines if line.last > after]

    async def among(self, stream: str, sequences: Iterable[int]) -> list[Archived]:
        """Return those of these events that are archived and not erased.

        Raises:
            SegmentDamaged: a segment that holds one of them has a fault.
        """
        wanted = sorted(set(sequences))
        found: list[Archived] = []
        for name in _holding(await self.segments(stream), wanted):
            lines = (await self.segment(name)).lines
            events = (line for line in lines if isinstance(line, Archived))
            found += [line for line in events if line.sequence in wanted]
        return found

    async def begin_epoch(self) -> int:
        """Claim the epoch after every one that was ever begun or archived under."""
        found = await self._store.names(names.EPOCHS)
        number = max([FIRST_EPOCH, *(int(name.rpartition("/")[2]) for name in found)])
        while True:
            number += 1
            with suppress(SegmentExists):
                await self._store.write(names.epoch_name(number), b"")
                return number

    async def note_epoch(self, number: int) -> None:
        """Record that the log stands in this epoch, so that none is ever given twice."""
        if number > FIRST_EPOCH:
            with suppress(SegmentExists):
                await self._store.write(names.epoch_name(number), b"")

    async def note_left_out(self, stream: str, epoch: int, sequences: list[int]) -> None:
        """Record what the rebuilding of a stream leaves empty, for when it is interrupted."""
        await self._store.replace(
            names.left_out_name(stream, epoch), json.dumps(sequences).encode()
        )

    async def left_out(self, stream: str, epoch: int) -> frozenset[int]:
        """Return what the rebuilding of a stream in this epoch leaves empty."""
        try:
            return frozenset(json.loads(await self._store.read(names.left_out_name(stream, epoch))))
        except SegmentMissing:
            return frozenset()

    async def _rewrite(self, name: str) -> None:
        """Apply erasures to a segment until there is none that came meanwhile."""
        applied: frozenset[int] | None = None
        while True:
            try:
                segment = await self.segment(name)
            except SegmentMissing:
                return
            gone = await self.erased(segment.stream, segment.first, segment.last)
            if gone == applied:
                return
            lines = [erased(line) if line.sequence in gone else line for line in segment.lines]
            if lines != segment.lines or applied is not None:
                await self._store.replace(name, write_segment(replace(segment, lines=lines)))
            applied = gone


def _holding(segments: list[str], sequences: list[int]) -> list[str]:
    """Return the segments that may hold one of these sequences, by where the next one begins."""
    starts = [names.first_of(name) for name in segments]
    ends = [*(start - 1 for start in starts[1:]), sequences[-1]]
    return [
        name
        for name, start, end in zip(segments, starts, ends, strict=False)
        if any(start <= sequence <= end for sequence in sequences)
    ]

"""Each event stream is followed into the archive; where it stands, the archive itself tells.

A segment is closed when it is large enough or old enough. What is not closed is lost with the
process and read again: nothing is written twice, and there is no other position. One archiver
works on a stream by lease; a second one that does not know it lost the lease finds the name of
its next segment taken.
"""

import asyncio
from dataclasses import dataclass
from functools import partial

import structlog
from nats.aio.client import Client

from courrier.events.archive.broker_log import BrokerLog, Deleted, StreamState, same
from courrier.events.archive.chain import DELETED, UNREADABLE
from courrier.events.archive.forgetting import forget
from courrier.events.archive.kept import Archive, Tail
from courrier.events.archive.lines import Archived, Gap, Line
from courrier.events.archive.segment import SegmentDamaged
from courrier.events.jetstream.api import ApiError
from courrier.events.jetstream.streams import EVENT_STREAMS
from courrier.events.lease import LeaseLost, Leases
from courrier.events.runtime.retry import keep_running
from courrier.events.segment_store import SegmentExists
from courrier.events.store import StoreUnavailable

POLL_S = 1.0

log = structlog.get_logger(__name__)


class AnotherLog(RuntimeError):
    """The broker's stream is not the one that was archived: archiving it would mix two logs."""


TRANSIENT = (StoreUnavailable, LeaseLost, ApiError, SegmentExists, SegmentDamaged, AnotherLog)


@dataclass(frozen=True)
class Limits:
    """When a segment is closed; ``age_s`` is also how much a lost broker may cost."""

    events: int = 10_000
    size_bytes: int = 16 * 1024 * 1024
    age_s: float = 60.0
    poll_s: float = POLL_S


USUAL = Limits()


async def archive_for_ever(
    client: Client, archive: Archive, leases: Leases, limits: Limits = USUAL
) -> None:
    """Follow every event stream under its lease; failures are waited out."""

    async def follow(stream: str) -> None:
        async with leases.hold(f"archive.{stream.lower()}"):
            await StreamArchiver(BrokerLog(client, stream), archive, limits).follow()

    async with asyncio.TaskGroup() as tasks:
        for stream in EVENT_STREAMS:
            name = f"archive.{stream.lower()}"
            tasks.create_task(keep_running(name, partial(follow, stream), TRANSIENT))


async def archive_now(client: Client, archive: Archive, stream: str) -> Tail:
    """Archive a stream up to its end of now; an archiver at work meanwhile is no harm.

    Raises:
        AnotherLog: the stream is not the one in the archive.
        SegmentDamaged: the archive's last segment cannot be trusted.
    """
    while True:
        try:
            return await StreamArchiver(BrokerLog(client, stream), archive, USUAL).catch_up()
        except SegmentExists:
            log.info("archive.overtaken", stream=stream)


class StreamArchiver:
    """One stream's way into the archive."""

    def __init__(self, source: BrokerLog, archive: Archive, limits: Limits) -> None:
        self._source = source
        self._archive = archive
        self._limits = limits
        self._tail = Tail(0, b"")
        self._epoch = 1
        self._draft: list[Line] = []
        self._draft_bytes = 0
        self._opened = 0.0
        self._doubted = 0

    async def follow(self) -> None:
        """Archive what is there and what comes, for ever."""
        await self._begin()
        loop = asyncio.get_running_loop()
        while True:
            is_more = await self._take()
            if self._draft and loop.time() - self._opened >= self._limits.age_s:
                await self._close()
            if not is_more:
                await asyncio.sleep(self._limits.poll_s)
            _stop_if_cancelled()

    async def catch_up(self) -> Tail:
        """Archive what is there and close the segment; return where the archive ends."""
        await self._begin()
        while await self._take():
            continue
        if self._draft:
            await self._close()
        return self._tail

    async def _begin(self) -> None:
        await self._archive.store.sweep()
        self._tail = await self._archive.tail(self._source.stream)
        state = await self._source.state()
        self._require_not_behind(state)
        self._epoch = state.epoch
        await self._archive.note_epoch(state.epoch)
        await self._require_same_log()

    async def _require_same_log(self) -> None:
        """Compare the newest archived event; an erased one says nothing either way."""
        lines = self._tail.segment.lines if self._tail.segment else []
        newest = next((line for line in reversed(lines) if isinstance(line, Archived)), None)
        there = await self._source.one(newest.sequence) if newest else None
        if newest and there and not same(newest, there):
            raise AnotherLog(
                f"{self._source.stream}:{newest.sequence} is another event in the broker than in "
                "the archive: see courrier archive verify --against-broker"
            )

    def _require_not_behind(self, state: StreamState) -> None:
        if state.restoring:
            raise AnotherLog(f"{self._source.stream} is being restored: archiving waits for it")
        if state.last < self._tail.sequence:
            raise AnotherLog(
                f"{self._source.stream} ends at {state.last} in the broker, at "
                f"{self._tail.sequence} in the archive: see courrier archive restore"
            )

    @property
    def _next(self) -> int:
        return (self._draft[-1].last if self._draft else self._tail.sequence) + 1

    async def _take(self) -> bool:
        """Take one page; tell whether there may be more."""
        found = await self._source.page(self._next)
        if not found:
            return await self._take_erased_end()
        deleted = None
        for message in found:
            if message.sequence != self._next:
                deleted = deleted or await self._source.deleted()
                await self._add_hole(message.sequence - 1, deleted)
            self._add(message)
            if self._is_full:
                await self._close()
        return True

    async def _take_erased_end(self) -> bool:
        """Take in that the newest events are gone, by the broker's own list or by its leader.

        A replica that answers a read may lag, so that an empty page alone proves nothing: what is
        not listed as erased is asked for again, and then of the leader, event by event.
        """
        state = await self._source.state()
        self._require_not_behind(state)
        if state.last < self._next:
            return False
        deleted = await self._source.deleted()
        is_erased = all(sequence in deleted for sequence in range(self._next, state.last + 1))
        if not is_erased and self._doubted != self._next:
            self._doubted = self._next
            await asyncio.sleep(self._limits.poll_s)
            return True
        await self._add_hole(state.last, deleted)
        return True

    async def _add_hole(self, last: int, deleted: Deleted) -> None:
        """Take in that nothing was delivered up to ``last``; what was not erased may be had yet."""
        for gap in deleted.gaps(self._next, last):
            if gap.why == DELETED:
                self._add(gap)
                continue
            for sequence in range(gap.sequence, gap.last + 1):
                found = await self._source.from_leader(sequence)
                self._add(found or Gap(sequence, sequence, UNREADABLE))

    def _add(self, line: Line) -> None:
        if not self._draft:
            self._opened = asyncio.get_running_loop().time()
        self._draft.append(line)
        if isinstance(line, Archived):
            self._draft_bytes += len(line.data) + sum(map(len, line.headers.values()))
        elif isinstance(line, Gap) and line.why == UNREADABLE:
            stream, first, last = self._source.stream, line.sequence, line.last
            log.error("archive.events-unreadable", stream=stream, first=first, last=last)

    @property
    def _is_full(self) -> bool:
        limits = self._limits
        return len(self._draft) >= limits.events or self._draft_bytes >= limits.size_bytes

    async def _close(self) -> None:
        stream, first = self._source.stream, self._draft[0].sequence
        await forget(self._archive, stream, self._draft)
        self._tail = await self._archive.append(
            stream, self._draft, after=self._tail, epoch=self._epoch
        )
        log.info("archive.segment-closed", stream=stream, first=first, last=self._tail.sequence)
        self._draft, self._draft_bytes = [], 0


def _stop_if_cancelled() -> None:
    """Notice a cancellation that a wait has swallowed.

    ``asyncio.wait_for`` of Python 3.11, which the NATS client waits by, returns the answer instead
    when both come at once.
    """
    task = asyncio.current_task()
    if task and task.cancelling():
        raise asyncio.CancelledError

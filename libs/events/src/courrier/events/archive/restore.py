"""The broker rebuilt from the archive: all of it when it is empty, or the streams that are damaged.

Rebuilding begins a new epoch, claimed in the archive so that none is given twice.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog
from nats.aio.client import Client

from courrier.events.archive.archiver import archive_now
from courrier.events.archive.broker_log import BrokerLog, Digest, digest_of
from courrier.events.archive.kept import Archive
from courrier.events.archive.restoring import Plan, close_door, fill, is_door_open, open_door, shut
from courrier.events.archive.verify import (
    BROKER_BEHIND,
    BROKER_ERASED,
    LOST_BEFORE,
    MENDABLE,
    Finding,
    verify,
)
from courrier.events.jetstream.streams import EVENT_STREAMS

READ_BACK_TRIES = 6
READ_BACK_WAIT_S = 0.5

log = structlog.get_logger(__name__)


class NotEmpty(RuntimeError):
    """The broker has events: restoring over them would lose what is not archived."""


class NotMendable(RuntimeError):
    """Rebuilding the stream would lose something; the text says what."""


class DigestsDiffer(RuntimeError):
    """What was restored is not what was archived: the archive changed, or somebody wrote."""


@dataclass(frozen=True)
class Restored:
    """One rebuilt stream: its events, its last sequence and the digest of both copies."""

    stream: str
    events: int
    last: int
    digest: str
    epoch: int


@dataclass(frozen=True)
class Healing:
    """Which streams to look at.

    What the broker lists as erased and the archive still has stays erased, unless
    ``deleted_too``: a block file that is gone altogether looks the same.
    """

    streams: Sequence[str] = EVENT_STREAMS
    replicas: int = 1
    deleted_too: bool = False


async def restore(client: Client, archive: Archive, replicas: int = 1) -> list[Restored]:
    """Rebuild every event stream of an empty broker, or go on with a restore begun before.

    Raises:
        NotEmpty: a stream has had events, and no restore has begun.
        SegmentDamaged: the archive has a fault.
        DigestsDiffer: broker and archive hold different events in the end.
    """
    states = {stream: await BrokerLog(client, stream).state() for stream in EVENT_STREAMS}
    begun = max(state.restoring for state in states.values())
    full = [s for s, state in states.items() if state.last and not _belongs(state.epoch, begun)]
    full = [stream for stream in full if not is_door_open(states[stream])]
    if full:
        raise NotEmpty(
            f"{', '.join(full)} have events in the broker: a restore is for an empty one; "
            "--heal rebuilds streams that verify finds damaged"
        )
    plan = Plan(begun or await archive.begin_epoch(), replicas)
    waiting = [s for s, state in states.items() if not _belongs(state.epoch, begun)]
    # All doors first: an interrupted restore is known by any stream that it has not finished.
    for stream in waiting:
        if not is_door_open(states[stream]):
            async with shut(client, stream, plan):
                await _require_empty(client, stream)
            await open_door(client, stream, plan)
    return [await _rebuild(client, archive, stream, plan) for stream in waiting]


async def heal(client: Client, archive: Archive, options: Healing) -> list[Restored]:
    """Rebuild those of the streams that the broker lost events of; nothing acknowledged is lost.

    What the broker still delivers after the archive's end is archived first. Services may run:
    they wait while a stream is rebuilt.

    Raises:
        NotMendable: the archive is at fault itself, or broker and archive hold different events.
        DigestsDiffer: broker and archive hold different events in the end.
    """
    healed = []
    mendable = (*MENDABLE, BROKER_ERASED) if options.deleted_too else MENDABLE
    for stream in options.streams:
        state = await BrokerLog(client, stream).state()
        if not is_door_open(state):
            findings = (await verify(archive, stream, BrokerLog(client, stream))).findings
            if not any(finding.kind in mendable for finding in findings):
                continue
            plan = Plan(await archive.begin_epoch(), options.replicas)
            async with shut(client, stream, plan):
                await _prepare(client, archive, stream, findings)
                left_out = [] if options.deleted_too else _erased_there(findings)
                await archive.note_left_out(stream, plan.epoch, left_out)
            await open_door(client, stream, plan)
        else:
            plan = Plan(state.restoring, options.replicas)
        healed.append(await _rebuild(client, archive, stream, plan))
    return healed


async def _require_empty(client: Client, stream: str) -> None:
    state = await BrokerLog(client, stream).state()
    if state.last:
        raise NotEmpty(f"{stream} was written to just now: stop the services and look again")


async def _prepare(
    client: Client, archive: Archive, stream: str, findings: Sequence[Finding]
) -> None:
    harmless = (*MENDABLE, BROKER_ERASED, LOST_BEFORE)
    serious = [str(finding) for finding in findings if finding.kind not in harmless]
    if serious:
        raise NotMendable(f"{stream} cannot be healed from the archive: {'; '.join(serious[:5])}")
    if not any(finding.kind == BROKER_BEHIND for finding in findings):
        tail = await archive_now(client, archive, stream)
        log.info("heal.tail-archived", stream=stream, last=tail.sequence)


def _erased_there(findings: Sequence[Finding]) -> list[int]:
    """Return what the broker erased and the archive still has: it must not come back."""
    return [
        sequence
        for finding in findings
        if finding.kind == BROKER_ERASED
        for sequence in range(finding.first, finding.last + 1)
    ]


async def _rebuild(client: Client, archive: Archive, stream: str, plan: Plan) -> Restored:
    left_out = await archive.left_out(stream, plan.epoch)
    filled = await fill(client, archive, stream, replace(plan, leave_out=left_out))
    archived = filled.digest or await _digest_of_archive(archive, stream, left_out)
    await close_door(client, stream, plan)
    there = await _digest_of_broker(client, stream, archived.events)
    if there.hexdigest() != archived.hexdigest():
        raise DigestsDiffer(
            f"{stream} has {there.events} events in the broker and {archived.events} in the "
            "archive, or other ones: run courrier archive verify --against-broker"
        )
    log.info("restore.stream-restored", stream=stream, events=there.events, epoch=plan.epoch)
    return Restored(stream, there.events, filled.last, there.hexdigest(), plan.epoch)


async def _digest_of_broker(client: Client, stream: str, events: int) -> Digest:
    """Read the stream back, again while fewer events come: a replica that answers may lag."""
    for attempt in range(READ_BACK_TRIES):
        await asyncio.sleep(READ_BACK_WAIT_S * attempt)
        digest = await digest_of(client, stream)
        if digest.events >= events:
            break
    return digest


async def _digest_of_archive(archive: Archive, stream: str, left_out: frozenset[int]) -> Digest:
    digest = Digest()
    async for lines in archive.lines(stream):
        digest.add([line for line in lines if line.sequence not in left_out])
    return digest


def _belongs(epoch: int, begun: int) -> bool:
    return begun > 0 and epoch == begun

"""A stream rebuilt in the broker from its archive: same sequences, headers and bytes.

While it is filled, the stream listens on ``restoring.<family>.>`` and the broker takes that word
off again: no service can write into it (they find no stream and wait), and every batch names the
sequence it goes on from, so that two restorers cannot mix. Sequences that hold no event are
filled by empty messages on one subject, which one purge removes in the end. A restore that was
interrupted goes on from the stream's own end.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Container, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import uuid4

import nats.errors
import structlog
from nats.aio.client import Client

from courrier.events.archive.broker_log import BrokerLog, Digest, StreamState
from courrier.events.archive.kept import Archive
from courrier.events.archive.lines import Archived, Line
from courrier.events.jetstream.api import request_api
from courrier.events.jetstream.epoch import EPOCH
from courrier.events.jetstream.streams import DECLARATIONS, RESTORING, JsonObject, metadata_of
from courrier.events.store import BATCH_BYTES, BATCH_EVENTS, StoreUnavailable

DOOR = "restoring"
ACK_TIMEOUT_S = 20.0
ATTEMPTS = 5
RETRY_S = 1.0

log = structlog.get_logger(__name__)

Message = tuple[int, str, Mapping[str, str], bytes]


class SomebodyWrote(RuntimeError):
    """The stream that is being rebuilt has another end than what was restored: it is not alone."""


@dataclass(frozen=True)
class Plan:
    """How a stream is rebuilt; ``leave_out`` are archived sequences to leave empty all the same."""

    epoch: int
    replicas: int = 1
    leave_out: frozenset[int] = frozenset()


async def open_door(client: Client, stream: str, plan: Plan) -> None:
    """Make a stream that only a restore can write to; what was in it is gone.

    One with events must be ``shut`` before: what is acknowledged meanwhile would be gone too.
    """
    await request_api(client, f"STREAM.DELETE.{stream}", missing_ok=True)
    config = _behind_door(stream, plan) | {"metadata": {RESTORING: str(plan.epoch)}}
    await request_api(client, f"STREAM.CREATE.{stream}", config)


@dataclass
class Filled:
    """How far a stream is filled; ``digest`` None when only a part was filled just now."""

    last: int
    digest: Digest | None


@asynccontextmanager
async def shut(client: Client, stream: str, plan: Plan) -> AsyncIterator[None]:
    """Let nobody write to a stream while the body looks at its end for the last time.

    If the body fails, services can write again. A stream that is not there stays so.
    """
    found = await request_api(client, f"STREAM.INFO.{stream}", missing_ok=True)
    if not found:
        yield
        return
    kept = {"metadata": metadata_of(found)}
    await request_api(client, f"STREAM.UPDATE.{stream}", _behind_door(stream, plan) | kept)
    try:
        yield
    except BaseException:
        await request_api(client, f"STREAM.UPDATE.{stream}", _declared(stream, plan) | kept)
        raise


async def fill(client: Client, archive: Archive, stream: str, plan: Plan) -> Filled:
    """Fill a stream behind its door, or go on where it was left.

    Raises:
        SomebodyWrote: another process fills it too.
        SegmentDamaged: the archive has a fault; what stands before it is restored.
        StoreUnavailable: the broker did not acknowledge in time, several times.
    """
    for attempt in range(ATTEMPTS):
        if attempt:
            await asyncio.sleep(RETRY_S * attempt)
        try:
            return await _fill_from(client, archive, stream, plan)
        except (TimeoutError, nats.errors.Error) as error:
            log.warning("restore.waits", stream=stream, error=repr(error))
    raise StoreUnavailable(f"NATS did not acknowledge the restored {stream}: run it again")


async def close_door(client: Client, stream: str, plan: Plan) -> None:
    """Remove the fillers and let the services write again; the stream has its new epoch."""
    filler = {"filter": _filler(stream)}
    await request_api(client, f"STREAM.PURGE.{stream}", filler)
    config = _declared(stream, plan) | {"metadata": {EPOCH: str(plan.epoch)}}
    await request_api(client, f"STREAM.UPDATE.{stream}", config)


def is_door_open(state: StreamState) -> bool:
    """Tell whether a restore has begun on this stream and not ended."""
    return state.restoring > 0


async def _fill_from(client: Client, archive: Archive, stream: str, plan: Plan) -> Filled:
    last = (await BrokerLog(client, stream).state()).last
    digest = None if last else Digest()
    async for lines in archive.lines(stream, after=last):
        if digest:
            digest.add([line for line in lines if line.sequence not in plan.leave_out])
        messages = (m for line in lines for m in _messages(line, stream, plan.leave_out))
        for batch in _batches(m for m in messages if m[0] > last):
            await _send(client, batch)
            last = batch[-1][0]
    return Filled(last, digest)


def _messages(line: Line, stream: str, leave_out: Container[int]) -> Iterator[Message]:
    if isinstance(line, Archived) and line.sequence not in leave_out:
        yield line.sequence, line.subject, line.headers, line.data
        return
    for sequence in range(line.sequence, line.last + 1):
        yield sequence, _filler(stream), {}, b""


def _batches(messages: Iterator[Message]) -> Iterator[list[Message]]:
    batch: list[Message] = []
    size = 0
    for message in messages:
        length = len(message[3]) + sum(map(len, message[2].values()))
        if batch and (len(batch) == BATCH_EVENTS or size + length > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(message)
        size += length
    if batch:
        yield batch


async def _send(client: Client, batch: list[Message]) -> None:
    batch_id = uuid4().hex
    answer = None
    for number, (sequence, subject, headers, data) in enumerate(batch, start=1):
        full = dict(headers) | {"Nats-Batch-Id": batch_id, "Nats-Batch-Sequence": str(number)}
        if number == 1:
            full["Nats-Expected-Last-Sequence"] = str(sequence - 1)
        if number < len(batch):
            await client.publish(f"{DOOR}.{subject}", data, headers=full)
            continue
        full["Nats-Batch-Commit"] = "1"
        answer = await client.request(
            f"{DOOR}.{subject}", data, timeout=ACK_TIMEOUT_S, headers=full
        )
    acknowledged = json.loads(answer.data) if answer else {}
    if error := acknowledged.get("error"):
        raise SomebodyWrote(f"restored events were declined: {error['description']}")
    if acknowledged.get("seq") != batch[-1][0]:
        raise SomebodyWrote(f"an event of sequence {batch[-1][0]} landed on {acknowledged}")


def _behind_door(stream: str, plan: Plan) -> JsonObject:
    return _declared(stream, plan) | {
        "subjects": [f"{DOOR}.{_family(stream)}.>"],
        "subject_transform": {"src": f"{DOOR}.>", "dest": ">"},
    }


def _filler(stream: str) -> str:
    return f"{_family(stream)}.gap"


def _family(stream: str) -> str:
    return stream.lower()


def _declared(stream: str, plan: Plan) -> JsonObject:
    declaration = next(each for each in DECLARATIONS if each.name == stream)
    return declaration.config(plan.replicas)

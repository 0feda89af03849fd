"""Follow a stream in order: an ephemeral pull consumer, two pulls always under way.

The consumer acknowledges nothing: the reader's own checkpoint is the position. A gap in the
consumer's numbering, a missed heartbeat or a lost consumer starts it anew after the last event
that was handed on, so that the reader sees every event once and in order.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from itertools import count

import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg

from courrier.events.base import Event
from courrier.events.envelope import Recorded, read_event
from courrier.events.jetstream.api import ApiError, request_api
from courrier.events.store import History, Place, StoreUnavailable

PULL = 500
PULL_EXPIRES_S = 10
HEARTBEAT_S = 2
LOOK_S = 0.5
"""A follower of some subjects looks so often, while idle, how far the stream has gone on."""
SILENCE_S = 2.5 * HEARTBEAT_S
CONSUMER_IDLE_S = 30
LONGEST_WAIT_S = 5.0

_NS = 1_000_000_000
_STATUS = "Status"

log = structlog.get_logger(__name__)


class _Broken(Exception):
    """The consumer has to be made anew."""


class Follower:
    """One reader of one stream; iterate ``batches``, then ``aclose`` the iterator."""

    def __init__(
        self, client: Client, stream: str, filters: Sequence[str], place: Place | None = None
    ) -> None:
        self._client = client
        self._stream = stream
        self._filters = list(filters)
        self._place = place or Place()
        self._looks = place is not None and bool(filters)
        self._behind = 0
        self._arrived: History = []
        self._signal = asyncio.Event()
        self._broken: str | None = None
        self._asked = 0
        self._inbox = ""
        self._consumer = ""
        self._next_delivery = 1

    async def batches(self, after: int) -> AsyncGenerator[History, None]:
        """Yield events over ``after``, for ever; failures of the broker are waited out."""
        for attempt in count():
            try:
                async for batch in self._from(after):
                    after = batch[-1].sequence
                    yield batch
            except (_Broken, StoreUnavailable, ApiError) as error:
                log.info("follower.restarted", stream=self._stream, after=after, why=str(error))
                await asyncio.sleep(min(LONGEST_WAIT_S, 0.1 * 2 ** min(attempt, 6)))

    async def _from(self, after: int) -> AsyncGenerator[History, None]:
        self._arrived, self._broken, self._asked, self._next_delivery = [], None, 0, 1
        self._inbox = self._client.new_inbox()
        subscription = await self._client.subscribe(
            self._inbox, cb=self._receive, pending_bytes_limit=-1, pending_msgs_limit=-1
        )
        try:
            await self._create(after)
            while True:
                batch = await self._take()
                self._place.pending = self._behind + len(self._arrived) + len(batch)
                yield batch
                self._place.reached = batch[-1].sequence
                self._place.pending = self._behind + len(self._arrived)
        finally:
            with suppress(nats.errors.Error):
                await subscription.unsubscribe()
            await self._delete()

    async def _create(self, after: int) -> None:
        config = {
            "deliver_policy": "by_start_sequence",
            "opt_start_seq": after + 1,
            "ack_policy": "none",
            "filter_subjects": self._filters,
            "inactive_threshold": CONSUMER_IDLE_S * _NS,
            "mem_storage": True,
            "num_replicas": 1,
        }
        body = {"stream_name": self._stream, "config": config}
        answer = await request_api(self._client, f"CONSUMER.CREATE.{self._stream}", body)
        self._consumer = str(answer["name"])
        self._place.pending = self._behind = int(answer["num_pending"])

    async def _delete(self) -> None:
        if self._consumer and self._client.is_connected:
            with suppress(ApiError, StoreUnavailable):
                await request_api(self._client, f"CONSUMER.DELETE.{self._stream}.{self._consumer}")
        self._consumer = ""

    async def _take(self) -> History:
        """Return what has arrived, at least one message, after asking for more."""
        while not self._arrived:
            self._signal.clear()
            await self._ask()
            if self._broken:
                raise _Broken(self._broken)
            await self._hear()
        taken, self._arrived = self._arrived[:PULL], self._arrived[PULL:]
        await self._ask()
        return taken

    async def _hear(self) -> None:
        """Wait for a message or a sign of life; look meanwhile how far the stream has gone on."""
        loop = asyncio.get_running_loop()
        silent_from = loop.time() + SILENCE_S
        while not self._signal.is_set():
            left = silent_from - loop.time()
            if left <= 0:
                raise _Broken("the broker is silent")
            with suppress(TimeoutError):  # wait_for of 3.11 loses cancellations
                async with asyncio.timeout(min(left, LOOK_S) if self._looks else left):
                    await self._signal.wait()
            if self._looks and not self._signal.is_set():
                await self._look()

    async def _look(self) -> None:
        """Note how far the stream holds nothing for us that is still to come."""
        stream = await request_api(self._client, f"STREAM.INFO.{self._stream}")
        end = int(stream["state"]["last_seq"])
        if end <= self._place.reached:
            return
        subject = f"CONSUMER.INFO.{self._stream}.{self._consumer}"
        consumer = await request_api(self._client, subject)
        delivered = int(consumer["delivered"]["consumer_seq"])
        if consumer["num_pending"] == 0 and delivered == self._next_delivery - 1:
            # Nothing has arrived since it was delivered: the reader has dealt with all of it.
            self._place.reached = self._place.reached if self._arrived else end

    async def _ask(self) -> None:
        """Keep two pulls under way."""
        while self._asked <= PULL:
            self._asked += PULL
            body = {
                "batch": PULL,
                "expires": PULL_EXPIRES_S * _NS,
                "idle_heartbeat": HEARTBEAT_S * _NS,
            }
            await self._client.publish(
                f"$JS.API.CONSUMER.MSG.NEXT.{self._stream}.{self._consumer}",
                json.dumps(body).encode(),
                reply=self._inbox,
            )

    async def _receive(self, message: Msg) -> None:
        headers = message.headers
        if headers and _STATUS in headers:
            self._note_status(headers)
        else:
            self._note_event(message)
        self._signal.set()

    def _note_event(self, message: Msg) -> None:
        *_, delivered, _, pending = message.reply.split(".")
        delivery = int(delivered)
        if delivery != self._next_delivery:
            self._broken = f"delivery {delivery} where {self._next_delivery} was due"
            return
        self._next_delivery += 1
        self._asked -= 1
        self._behind = int(pending)
        if not self._broken:
            self._arrived.append(self._decode(message))  # while the reader waits for others

    def _note_status(self, headers: dict[str, str]) -> None:
        status = headers[_STATUS]
        if status == "100":
            return
        if status in ("404", "408"):
            self._asked -= int(headers.get("Nats-Pending-Messages", PULL))
        else:
            self._broken = f"status {status} {headers.get('Description', '')}"

    def _decode(self, message: Msg) -> Recorded[Event]:
        sequence = int(message.reply.split(".")[-4])
        return read_event(
            message.headers or {},
            message.data,
            subject=message.subject,
            stream=self._stream,
            sequence=sequence,
        )

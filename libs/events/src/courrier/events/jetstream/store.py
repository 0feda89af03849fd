"""The event store over NATS JetStream: the log that Courrier stands on."""

from collections.abc import AsyncGenerator, Sequence

from nats.aio.client import Client

from courrier.events import subjects as subject_rules
from courrier.events.base import Event
from courrier.events.envelope import NewEvent, Recorded
from courrier.events.jetstream.api import request_api
from courrier.events.jetstream.append import Appender
from courrier.events.jetstream.direct import DirectReader, event_of, subject_of
from courrier.events.jetstream.follow import Follower
from courrier.events.jetstream.headers import event_ids
from courrier.events.store import Appended, History, Place


class JetStreamEventStore:
    """``EventStore`` over one connection."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._reader = DirectReader(client)
        self._appender = Appender(client, self._reader)

    async def append(self, events: Sequence[NewEvent]) -> Appended:
        """Store all of the events or none (see ``EventStore.append``)."""
        return await self._appender.append(events)

    async def load(self, subject: str) -> History:
        """Return all events of one aggregate, oldest first."""
        stream = subject_rules.stream_of(subject)
        return [event_of(m, stream) for m in await self._reader.history(stream, subject)]

    async def ids(self, subject: str) -> set[str]:
        """Return the ids of all events of one aggregate (see ``EventStore.ids``)."""
        return await event_ids(self._client, subject_rules.stream_of(subject), subject)

    async def last(self, subjects: Sequence[str]) -> dict[str, Recorded[Event]]:
        """Return the newest event of each subject that has one."""
        if not subjects:
            return {}
        stream = subject_rules.stream_of(subjects[0])
        messages = await self._reader.last(stream, subjects)
        return {subject_of(message): event_of(message, stream) for message in messages}

    async def end(self, stream: str) -> int:
        """Return the sequence of the stream's last event; 0 for an empty stream."""
        answer = await request_api(self._client, f"STREAM.INFO.{stream}")
        state = answer["state"]
        if not state["messages"]:
            return 0
        if not state.get("num_deleted"):
            return int(state["last_seq"])
        # The last sequence may be an erased event's: whoever waits for it would wait for ever.
        # Asked for ">", nats-server 2.15 looks at that very sequence and finds nothing.
        question = {"last_by_subj": f"{stream.lower()}.>"}
        found = await request_api(
            self._client, f"STREAM.MSG.GET.{stream}", question, missing_ok=True
        )
        return int(found["message"]["seq"]) if found else 0

    def follow(
        self,
        stream: str,
        *,
        after: int = 0,
        filters: Sequence[str] = (),
        place: Place | None = None,
    ) -> AsyncGenerator[History, None]:
        """Yield later events in batches, for ever (see ``EventStore.follow``)."""
        return Follower(self._client, stream, filters, place).batches(after)

"""Direct gets: read messages of a stream by subject or sequence without a consumer (ADR-31).

One request brings many messages and ends with status 204; nothing is left behind on the broker.
A replica may answer, so a reader may lag the leader by a moment; expected sequences make that safe.
"""

import asyncio
import base64
import json
from collections.abc import Sequence
from typing import Any

from nats.aio.client import Client
from nats.aio.msg import Msg

from courrier.events.base import Event
from courrier.events.envelope import Recorded, read_event
from courrier.events.jetstream.api import request_api
from courrier.events.store import StoreUnavailable

GET_TIMEOUT_S = 5.0
GET_BATCH = 500
PAGE_BYTES = 4 * 1024 * 1024
LEADER_READS = 50
"""Questions to a stream's leader at once."""
LAST_SUBJECTS = 500
"""Subjects of one multi-last request; the broker's own limit is 1024."""

_STATUS = "Status"


class DirectReader:
    """Reads of one connection. Every wait has a limit."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def history(self, stream: str, subject: str, start: int = 1) -> list[Msg]:
        """Return all messages of a subject from stream sequence ``start`` on, oldest first."""
        found: list[Msg] = []
        while True:
            question = {"seq": start, "next_by_subj": subject, "batch": GET_BATCH}
            messages = await self._ask(stream, question)
            found += messages
            if len(messages) < GET_BATCH:
                return found
            start = sequence_of(messages[-1]) + 1

    async def last(self, stream: str, subjects: Sequence[str]) -> list[Msg]:
        """Return the newest message of each subject that has one."""
        found: list[Msg] = []
        for start in range(0, len(subjects), LAST_SUBJECTS):
            some = list(dict.fromkeys(subjects[start : start + LAST_SUBJECTS]))
            found += await self._ask(stream, {"multi_last": some, "batch": len(some)})
        return found

    async def newest(self, stream: str, subjects: Sequence[str]) -> list[tuple[str, int]]:
        """Return event id and sequence of the newest event of each subject that has one.

        The stream's leader answers, one subject at a time: slow, and never behind.
        """
        found: list[tuple[str, int]] = []
        for start in range(0, len(subjects), LEADER_READS):
            some = subjects[start : start + LEADER_READS]
            answers = await asyncio.gather(*(self._newest(stream, each) for each in some))
            found += [answer for answer in answers if answer]
        return found

    async def _newest(self, stream: str, subject: str) -> tuple[str, int] | None:
        question = {"last_by_subj": subject}
        answer = await request_api(
            self._client, f"STREAM.MSG.GET.{stream}", question, missing_ok=True
        )
        if not answer:
            return None
        headers = base64.b64decode(answer["message"].get("hdrs", "")).decode()
        fields = dict(line.split(": ", 1) for line in headers.splitlines() if ": " in line)
        return fields.get("ce-id", ""), int(answer["message"]["seq"])

    async def at(self, stream: str, sequence: int) -> Msg | None:
        """Return the message at exactly this sequence, if there is one."""
        question = {"seq": sequence, "next_by_subj": ">", "batch": 1}
        found = await self._ask(stream, question)
        return found[0] if found and sequence_of(found[0]) == sequence else None

    async def page(self, stream: str, start: int) -> list[Msg]:
        """Return messages of a stream from sequence ``start`` on, as they stand there.

        At most ``GET_BATCH`` of them and about ``PAGE_BYTES``; empty only at the stream's end.
        """
        limits = {"batch": GET_BATCH, "max_bytes": PAGE_BYTES}
        return await self._ask(stream, {"seq": start, "next_by_subj": ">"} | limits)

    async def _ask(self, stream: str, question: dict[str, Any]) -> list[Msg]:
        try:
            async with asyncio.timeout(GET_TIMEOUT_S):
                return await self._collect(stream, json.dumps(question).encode())
        except TimeoutError:
            raise StoreUnavailable(f"NATS did not answer a read of {stream}") from None

    async def _collect(self, stream: str, question: bytes) -> list[Msg]:
        inbox = self._client.new_inbox()
        messages: list[Msg] = []
        ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        async def receive(message: Msg) -> None:
            if message.headers and _STATUS in message.headers:
                _end(ended, stream, message)
            else:
                messages.append(message)

        subscription = await self._client.subscribe(inbox, cb=receive)
        try:
            await self._client.publish(f"$JS.API.DIRECT.GET.{stream}", question, reply=inbox)
            await ended
        finally:
            await subscription.unsubscribe()
        return messages


def _end(ended: "asyncio.Future[None]", stream: str, message: Msg) -> None:
    status = (message.headers or {}).get(_STATUS)
    if ended.done():
        return
    if status in ("204", "404"):
        ended.set_result(None)
    else:
        ended.set_exception(StoreUnavailable(f"NATS answered {status} to a read of {stream}"))


def sequence_of(message: Msg) -> int:
    """Return the stream sequence of a message that a direct get brought."""
    return int((message.headers or {})["Nats-Sequence"])


def subject_of(message: Msg) -> str:
    """Return the subject that a message brought by a direct get stands on."""
    return (message.headers or {})["Nats-Subject"]


def event_of(message: Msg, stream: str) -> Recorded[Event]:
    """Return the event in a message of ``stream`` that a direct get brought."""
    return read_event(
        message.headers or {},
        message.data,
        subject=subject_of(message),
        stream=stream,
        sequence=sequence_of(message),
    )

"""``/stream``: the events that the caller may see, from a position or a time on.

One JSON object an event, as lines or as server-sent events. ``position`` says how far the caller
has got in all streams: send it as ``from`` to go on behind that event. An event is given once the
read models show it, and its audience is that of now.
"""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import StreamingResponse

from courrier.events.base import Event
from courrier.events.envelope import Recorded
from courrier.gateway.domain.streaming import STREAMS
from courrier.gateway.ports import Gateway
from courrier.gateway.projections import positions

from .answers import file_answers, to_json
from .caller import Caller, CallerDep, GatewayDep, identify
from .log_position import position_text, vector_start
from .log_reading import events_between, last_shown, sequence_before
from .problems import Problem
from .routing import CourrierRoute
from .told_events import shown_event, visible

router = APIRouter(route_class=CourrierRoute, tags=["live"])

HEARTBEAT_S = 10.0
Form = Literal["application/x-ndjson", "text/event-stream"]
LINES: Form = "application/x-ndjson"
SSE: Form = "text/event-stream"
EXAMPLE = (
    '{"position":"1.CRM:7,1.EMAIL:42,1.OUTBOUND:3","id":"0d5f1c0b-e83f-4c0c-9d6f-0f3f8f0b7c11",'
    '"type":"courrier.crm.RecordCreated.v1","time":"2026-03-02T12:00:00Z",'
    '"subject":"lead.c0ffee00c0ffee00c0ffee00c0ffee00","data":{}}\n'
)
TypeName = Annotated[
    tuple[str, ...], Query(alias="type", max_length=50, description="Only these types; repeatable.")
]
Start = Annotated[
    str | None,
    Query(
        alias="from",
        max_length=200,
        description="A position, or a time (RFC 3339); else the beginning, with `follow` the end.",
    ),
]


@dataclass(slots=True)
class Reader:
    """Somebody who reads the stream; ``at`` is the last sequence of each stream dealt with."""

    gateway: Gateway
    request: Request
    caller: Caller
    types: Sequence[str]
    form: Form
    at: dict[str, int] = field(default_factory=dict)

    async def begin(self, start: str | None, *, follow: bool) -> None:
        """Learn where to begin.

        Raises:
            BadPosition: ``start`` is neither a position nor a time.
            OtherLog: a position of the log as it was before it was restored.
        """
        seen = await positions.seen(self.gateway.pool)
        moment, places = vector_start(start)
        for stream in STREAMS:
            end = await last_shown(self.gateway.store, stream, seen)
            if moment is not None:
                self.at[stream] = await sequence_before(self.gateway.store, stream, moment, end)
            else:
                self.at[stream] = places.get(stream, end if follow and start is None else 0)

    async def blocks(self, *, follow: bool) -> AsyncGenerator[bytes, None]:
        """Yield events as bytes; a sign of life now and then."""
        async for batch in events_between(self.gateway, self.at, follow=follow):
            if not batch:
                if not await self._still_welcome():
                    return
                yield b": still here\n\n" if self.form == SSE else b"\n"
                continue
            if not await self._still_welcome():
                return
            found = await visible(self.gateway, self.caller.person, batch, self.types)
            yield b"".join([self._block(*each) for each in found])

    def _block(self, recorded: Recorded[Event], data: dict[str, Any]) -> bytes:
        self.at[recorded.stream] = recorded.sequence
        position = ",".join(
            str(position_text(f"{stream}:{sequence}")) for stream, sequence in self.at.items()
        )
        shown = {"position": position, **shown_event(recorded, data)}
        if self.form == SSE:
            head = f"id: {position}\nevent: {recorded.type}\ndata: ".encode()
            return head + to_json(shown) + b"\n\n"
        return to_json(shown) + b"\n"

    async def _still_welcome(self) -> bool:
        """Ask again who reads: a token may have been revoked, a right taken."""
        self.request.state.caller = None
        try:
            self.caller = await identify(self.request)
        except Problem:
            return False
        return True


@router.get("/stream", response_class=StreamingResponse, responses=file_answers(LINES, EXAMPLE))
async def stream_events(  # noqa: PLR0913, PLR0917  query parameters
    request: Request,
    gateway: GatewayDep,
    caller: CallerDep,
    start: Start = None,
    types: TypeName = (),
    follow: bool = False,  # noqa: FBT001, FBT002  a query parameter
) -> StreamingResponse:
    """The events that I may see, oldest first of each kind; with ``follow`` as they happen.

    Needs the scope ``stream``. ``Accept: text/event-stream`` gives server-sent events, which go on
    after ``Last-Event-ID``; anything else one JSON object a line.
    """
    form = SSE if SSE in request.headers.get("accept", "") else LINES
    reader = Reader(gateway, request, caller, types, form)
    last = request.headers.get("last-event-id") if form == SSE else None
    await reader.begin(last or start, follow=follow)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(reader.blocks(follow=follow), headers=headers, media_type=form)

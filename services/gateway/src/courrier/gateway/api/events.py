"""``/events``: a person's own view changes as server-sent events, resumed on any instance.

``id`` is the row's, ``Last-Event-ID`` continues after it; whoever was away for longer than a day
is told to ``reset``. A comment every few seconds keeps proxies from closing the line.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Header, Request
from starlette.responses import StreamingResponse

from courrier.gateway.domain.access import Reach, may_use_mail, reach
from courrier.gateway.ports import Gateway, Job
from courrier.gateway.projections import holdings, notifications, view_changes
from courrier.gateway.projections.view_changes import PAGE, ViewChange

from .answers import file_answers, to_json
from .caller import CallerDep, GatewayDep, identify
from .log_position import EPOCH, position_text
from .notifications import wants_of
from .problems import Problem
from .routing import CourrierRoute

router = APIRouter(route_class=CourrierRoute, tags=["live"])

HEARTBEAT_S = 10.0
OF_MAIL = ("email", "counters", "notification")
"""Kinds of changes that only those hear of who have a right to e-mails."""
EXAMPLE = 'id: 17\nevent: email\ndata: {"id":"e1a2…","position":"1.EMAIL:42"}\n\n'


@router.get(
    "/events",
    response_class=StreamingResponse,
    responses=file_answers("text/event-stream", EXAMPLE),
)
async def live_events(
    request: Request,
    gateway: GatewayDep,
    caller: CallerDep,
    last_event_id: Annotated[str | None, Header(max_length=40)] = None,
) -> StreamingResponse:
    """What changes in my view, as it changes: email, counters, notification, job, reset."""
    span = await view_changes.span(gateway.pool)
    last = _last_seen(last_event_id)
    start = span.newest if last is None else last
    missed = not span.pruned <= start <= span.newest
    last = span.newest if missed else start
    sees_mail = may_use_mail(caller.person)
    listener = Listener(gateway, last, gateway.epoch.number, sees_mail, reach(caller.person))
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    stream = _stream(listener, request, missed=missed)
    return StreamingResponse(stream, headers=headers, media_type="text/event-stream")


@dataclass(slots=True)
class Listener:
    """One person's open line: ``last`` is the id of the last change that was sent."""

    gateway: Gateway
    last: int
    epoch: int
    sees_mail: bool
    reach: Reach

    @property
    def person_id(self) -> str:
        """Whose line it is."""
        return self.reach.person_id

    async def news(self) -> list[bytes]:
        """Return the changes since the last call as event blocks."""
        if self.epoch != self.gateway.epoch.number:
            self.epoch = self.gateway.epoch.number
            EPOCH.set(self.epoch)
            self.last = (await view_changes.span(self.gateway.pool)).newest
            return [_reset(self.last)]
        changes = await view_changes.after(self.gateway.pool, self.reach.holder_ids, self.last)
        if not changes:
            return []
        self.last = changes[-1].id
        changes = [each for each in changes if self.sees_mail or each.kind not in OF_MAIL]
        changes = await self._wanted(changes)
        counters: dict[str, tuple[int, int]] = {}
        if any(change.kind == "counters" for change in changes):
            counters = await holdings.counters_of(self.gateway.pool, self.reach)
        jobs = {change.ref: None for change in changes if change.kind == "job"}
        found = {id_: await self.gateway.jobs.find(self.person_id, id_) for id_ in jobs}
        return [_block(change, counters, found) for change in changes]

    async def _wanted(self, changes: list[ViewChange]) -> list[ViewChange]:
        """Leave out notifications that the person does not want, or has seen to already."""
        refs = [change.ref for change in changes if change.kind == "notification"]
        if not refs:
            return changes
        wants = await wants_of(self.gateway, self.person_id)
        told = await notifications.told_among(self.gateway.pool, self.reach, wants, refs)
        return [each for each in changes if each.kind != "notification" or each.ref in told]


async def _stream(
    listener: Listener, request: Request, *, missed: bool
) -> AsyncGenerator[bytes, None]:
    loop = asyncio.get_running_loop()
    yield _reset(listener.last) if missed else b": hello\nretry: 2000\n\n"
    spoken = loop.time()
    async with aclosing(listener.gateway.changes.listen()) as rings:
        async for _ in rings:
            full = True
            while full:
                blocks = await listener.news()
                full = len(blocks) == PAGE
                if blocks:
                    if not await _still_welcome(request, listener):
                        return
                    spoken = loop.time()
                    yield b"".join(blocks)
            if loop.time() - spoken >= HEARTBEAT_S:
                if not await _still_welcome(request, listener):
                    return
                spoken = loop.time()
                yield b": still here\n\n"


async def _still_welcome(request: Request, listener: Listener) -> bool:
    """Ask again who listens: a token may have been revoked, a session ended, a right taken."""
    request.state.caller = None
    try:
        caller = await identify(request)
    except Problem:
        return False
    listener.reach = reach(caller.person)
    return listener.sees_mail == may_use_mail(caller.person)


def _block(
    change: ViewChange, counters: dict[str, tuple[int, int]], jobs: Mapping[str, Job | None]
) -> bytes:
    data: dict[str, object] = {"id": change.ref, "position": position_text(change.position)}
    if change.kind == "counters":
        data["total"], data["unread"] = counters.get(change.ref, (0, 0))
    if job := jobs.get(change.ref):
        data |= {"state": job.state, "done": job.done, "total": job.total}
    head = f"id: {change.id}\nevent: {change.kind}\ndata: ".encode()
    return head + to_json(data) + b"\n\n"


def _reset(last: int) -> bytes:
    return f"id: {last}\nevent: reset\ndata: {{}}\n\n".encode()


def _last_seen(text: str | None) -> int | None:
    """Return the id in Last-Event-ID; what is no id of ours counts as too long ago."""
    if text is None:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else -1

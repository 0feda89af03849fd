"""Keeps parts running: starts each, waits until it serves, and starts it again when it dies.

One task per part. What happens is told to one listener; nothing here prints. Children are started
from the main thread, as their leash demands (see ``leash.py``).
"""

import asyncio
import contextlib
import enum
import os
import signal
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .launch import Launch, StartFailed, last_line
from .log_files import LARGE_BYTES, rotate
from .supervision import History

POLL_S = 0.03
LOG_CHECK_S = 5.0
KILL_TIMEOUT_S = 5.0


class State(enum.StrEnum):
    """Where a part is in its life."""

    STARTING = "starting"
    READY = "ready"
    WAITING = "waiting to restart"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """``plan`` is called before every start; ``is_ready`` must answer within seconds."""

    name: str
    plan: Callable[[], Launch]
    is_ready: Callable[[], Awaitable[bool]]
    stop_timeout_s: float = 2.0


@dataclass(slots=True, kw_only=True)
class Kept:
    """A part under supervision, as seen from outside."""

    part: Part
    state: State = State.STARTING
    pid: int | None = None
    history: History = field(default_factory=History)
    failure: str | None = None
    log: Path | None = None
    stopping: asyncio.Event = field(default_factory=asyncio.Event)


Listener = Callable[[Kept, str | None], None]
"""Called after every change; the text is set where a person should read it."""


class Supervisor:
    """Owns the children from ``start`` to ``stop``."""

    def __init__(self, listener: Listener) -> None:
        """``listener`` must not block."""
        self._listener = listener
        self._kept: dict[str, Kept] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._changed = asyncio.Event()

    def start(self, part: Part) -> None:
        """Begin to keep the part; returns at once."""
        kept = self._kept[part.name] = Kept(part=part)
        self._tasks[part.name] = asyncio.create_task(self._keep(kept), name=part.name)

    async def wait_ready(self, names: Iterable[str], timeout_s: float) -> None:
        """Return once every named part is or was ready.

        Raises:
            StartFailed: one of them gave up, or the time is up.
        """
        wanted = [self._kept[name] for name in names]
        try:
            async with asyncio.timeout(timeout_s):
                while not all(kept.history.was_ready for kept in wanted):
                    _raise_failure(wanted)
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            late = next(kept for kept in wanted if not kept.history.was_ready)
            said = last_line(late.log) if late.log else "it was never started"
            text = f"{late.part.name} is not ready after {timeout_s:.0f} s: {said}"
            raise StartFailed(text) from None

    async def stop(self, names: Iterable[str]) -> None:
        """Stop the named parts together; those that do not listen are killed."""
        running = [name for name in names if name in self._tasks]
        for name in running:
            self._kept[name].stopping.set()
        await asyncio.gather(*(self._tasks.pop(name) for name in running))

    async def _keep(self, kept: Kept) -> None:
        while not kept.stopping.is_set() and kept.failure is None:
            began = time.monotonic()
            try:
                ended = await self._live(kept)
            except (StartFailed, OSError) as error:
                ended = f"could not be started ({error})"
            if not kept.stopping.is_set():
                kept.history = kept.history.died(time.monotonic() - began)
                await self._mourn(kept, ended)
        self._tell(kept, State.STOPPED)

    async def _mourn(self, kept: Kept, ended: str) -> None:
        name = kept.part.name
        if kept.history.is_hopeless:
            kept.failure = f"{name} does not start: it {ended}"
            return
        delay_s = kept.history.delay_s
        self._tell(kept, State.WAITING, f"{name} {ended}; starting it again in {delay_s:.1f} s")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(delay_s):
                await kept.stopping.wait()

    async def _live(self, kept: Kept) -> str:
        """Run the part once, from start to end; return how it ended."""
        launch = kept.part.plan()
        process = await _spawn(launch)
        kept.pid, kept.log = process.pid, launch.log
        self._tell(kept, State.STARTING)
        jobs = [
            asyncio.create_task(self._watch_readiness(kept)),
            asyncio.create_task(_bound_log(launch.log)),
        ]
        gone = asyncio.create_task(process.wait())
        stop = asyncio.create_task(kept.stopping.wait())
        try:
            await asyncio.wait((gone, stop), return_when=asyncio.FIRST_COMPLETED)
            if not gone.done():
                await _end(process, launch.stop_signal, kept.part.stop_timeout_s)
        finally:
            await _cancel(*jobs, stop, gone)
            _kill(process)
        kept.pid = None
        return _ending(process.returncode, launch.log)

    async def _watch_readiness(self, kept: Kept) -> None:
        while not await kept.part.is_ready():  # noqa: ASYNC110 - another process tells no Event
            await asyncio.sleep(POLL_S)
        again = kept.history.was_ready
        kept.history = kept.history.ready()
        self._tell(kept, State.READY, f"{kept.part.name} is back" if again else None)

    def _tell(self, kept: Kept, state: State, text: str | None = None) -> None:
        kept.state = state
        self._changed.set()
        self._listener(kept, text)


def _raise_failure(wanted: list[Kept]) -> None:
    for kept in wanted:
        if kept.failure is not None:
            raise StartFailed(kept.failure)


async def _spawn(launch: Launch) -> asyncio.subprocess.Process:
    with launch.log.open("ab") as log:
        return await asyncio.create_subprocess_exec(
            *launch.command(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=dict(launch.env),
            start_new_session=True,
        )


async def _end(process: asyncio.subprocess.Process, wish: signal.Signals, timeout_s: float) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(wish)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(timeout_s):
            await process.wait()
        return
    _kill(process)
    async with asyncio.timeout(KILL_TIMEOUT_S):
        await process.wait()


def _kill(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


async def _bound_log(log: Path) -> None:
    while True:
        await asyncio.sleep(LOG_CHECK_S)
        await asyncio.to_thread(rotate, log, LARGE_BYTES)


async def _cancel(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks, timeout=KILL_TIMEOUT_S)
    for task in tasks:
        if task.done() and not task.cancelled():
            task.result()  # a bug in a watcher ends this part's supervision loudly


def _ending(status: int | None, log: Path) -> str:
    if status is not None and status < 0:
        return f"was ended by {signal.Signals(-status).name}"
    return f"ended with exit code {status} ({last_line(log)})"

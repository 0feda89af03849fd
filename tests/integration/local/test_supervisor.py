"""What dies is started again; what cannot start says why; what is stopped stops in time."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from courrier.local.launch import Launch, StartFailed, base_environment
from courrier.local.supervisor import Kept, Part, State, Supervisor

pytestmark = pytest.mark.integration

DEADLINE_S = 10.0
LIVES = "import time; time.sleep(60)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True)\n"
DEAF += "time.sleep(60)"


class Seen:
    """A listener that remembers."""

    def __init__(self) -> None:
        self.states: list[tuple[str, State, int | None]] = []
        self.lines: list[str] = []
        self._changed = asyncio.Event()

    def __call__(self, kept: Kept, text: str | None) -> None:
        """Remember it."""
        self.states.append((kept.part.name, kept.state, kept.pid))
        self.lines += [text] if text is not None else []
        self._changed.set()

    def pids(self) -> list[int]:
        """Return the pid of every life that became ready, in order."""
        return [pid for _, state, pid in self.states if state is State.READY and pid is not None]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Return once it holds."""
        async with asyncio.timeout(DEADLINE_S):
            while not condition():
                self._changed.clear()
                await self._changed.wait()


def program(tmp_path: Path, name: str, code: str, *, stop_timeout_s: float = 2.0) -> Part:
    """Return a part that runs this Python code and is ready at once."""

    async def is_ready() -> bool:
        return (tmp_path / f"{name}.log").exists()

    launch = Launch(
        name=name,
        argv=(sys.executable, "-I", "-S", "-c", code),
        log=tmp_path / f"{name}.log",
        env=base_environment(),
    )
    return Part(name=name, plan=lambda: launch, is_ready=is_ready, stop_timeout_s=stop_timeout_s)


@pytest.fixture
def seen() -> Seen:
    """What the supervisor told."""
    return Seen()


@pytest.fixture
async def supervisor(seen: Seen) -> AsyncIterator[Supervisor]:
    """A supervisor whose part ``it`` is stopped afterwards."""
    made = Supervisor(seen)
    yield made
    await made.stop(["it"])


async def test_a_killed_part_is_started_again(
    supervisor: Supervisor, seen: Seen, tmp_path: Path
) -> None:
    """One line says so, and another that it is back."""
    supervisor.start(program(tmp_path, "it", LIVES))
    await supervisor.wait_ready(["it"], DEADLINE_S)

    os.kill(seen.pids()[0], signal.SIGKILL)
    await seen.until(lambda: len(seen.pids()) == 2)

    assert seen.pids()[0] != seen.pids()[1]
    assert seen.lines == ["it was ended by SIGKILL; starting it again in 0.2 s", "it is back"]


async def test_a_part_that_cannot_start_says_why(supervisor: Supervisor, tmp_path: Path) -> None:
    """The reason is the last line it wrote."""
    part = program(tmp_path, "it", "import sys; sys.exit('no such setting')")
    never = Part(name="it", plan=part.plan, is_ready=_never)
    supervisor.start(never)

    with pytest.raises(StartFailed, match=r"it does not start: .*\(no such setting\)"):
        await supervisor.wait_ready(["it"], DEADLINE_S)


async def test_a_part_that_is_never_ready_is_named(supervisor: Supervisor, tmp_path: Path) -> None:
    """Waiting has an end."""
    part = program(tmp_path, "it", LIVES)
    supervisor.start(Part(name="it", plan=part.plan, is_ready=_never))

    with pytest.raises(StartFailed, match="it is not ready after"):
        await supervisor.wait_ready(["it"], 0.5)


async def test_a_part_that_does_not_listen_is_killed(seen: Seen, tmp_path: Path) -> None:
    """Stopping is bounded whatever a part does."""
    supervisor = Supervisor(seen)
    supervisor.start(program(tmp_path, "it", DEAF, stop_timeout_s=0.2))
    await supervisor.wait_ready(["it"], DEADLINE_S)
    began = time.monotonic()

    await supervisor.stop(["it"])

    assert time.monotonic() - began < 2.0
    assert seen.states[-1] == ("it", State.STOPPED, None)


async def test_stopping_during_the_wait_for_a_restart_is_immediate(
    seen: Seen, tmp_path: Path
) -> None:
    """Nobody waits for a back-off."""
    supervisor = Supervisor(seen)
    supervisor.start(program(tmp_path, "it", "pass"))
    await seen.until(lambda: any(state is State.WAITING for _, state, _ in seen.states))

    await asyncio.wait_for(supervisor.stop(["it"]), DEADLINE_S)

    assert seen.states[-1][1] is State.STOPPED


async def _never() -> bool:
    return False


async def test_a_part_that_cannot_be_started_at_all_is_tried_again(
    seen: Seen, tmp_path: Path
) -> None:
    """A full disk or a missing program passes; supervision does not end with it."""
    supervisor = Supervisor(seen)
    good, tries = program(tmp_path, "it", LIVES), 0

    def plan() -> Launch:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise OSError(28, "No space left on device")
        return good.plan()

    supervisor.start(Part(name="it", plan=plan, is_ready=good.is_ready))
    await supervisor.wait_ready(["it"], DEADLINE_S)
    await supervisor.stop(["it"])

    assert seen.lines[0].startswith("it could not be started ([Errno 28] No space left on device)")

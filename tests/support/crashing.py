"""Processes that die at a chosen step: between any two lines where the event loop may turn.

``steps = await live(work)`` counts the steps that ``work()`` and all tasks it starts take;
``await live(work, dies_at=n)`` ends all of them at the n-th. Nothing of the dead goes on: what is
still waiting raises ``Crash`` instead of being resumed, whatever it catches. What was given to a
server or a store stays, as after ``kill -9``.

``stepping(port)`` makes steps of what suspends nobody, so that there is one right before and one
right after each effect of a store that lives in memory.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Coroutine, Generator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, TypeVar, cast

from typing_extensions import override

T = TypeVar("T")

DEATH_S = 5.0


class Crash(BaseException):
    """The process is gone, here and now; no handler of errors sees it."""


class Life:
    """The steps of one process, all its tasks together."""

    def __init__(self, dies_at: int | None) -> None:
        self.dies_at = dies_at
        self.steps = 0
        self.is_over = False
        self.over = asyncio.Event()
        self.tasks: set[asyncio.Task[Any]] = set()

    def step(self) -> None:
        """Take one step, or die."""
        self.steps += 1
        if self.is_over or self.steps == self.dies_at:
            self.is_over = True
            self.over.set()
            raise Crash


_LIFE: ContextVar[Life | None] = ContextVar("_LIFE", default=None)


class _Mortal(Coroutine[Any, Any, T]):
    """A coroutine of which every resumption is a step."""

    def __init__(self, inner: Coroutine[Any, Any, T], life: Life) -> None:
        self._inner = inner
        self._life = life

    @override
    def send(self, value: Any) -> Any:
        try:
            self._life.step()
        except Crash as crash:
            return self._inner.throw(crash)
        return self._inner.send(value)

    @override
    def throw(self, error: Any, value: Any = None, trace: Any = None) -> Any:
        try:
            self._life.step()
        except Crash as crash:
            return self._inner.throw(crash)
        return self._inner.throw(error)

    @override
    def close(self) -> None:
        self._inner.close()

    @override
    def __await__(self) -> Generator[Any, Any, T]:
        raise AssertionError("only a task runs it")


@contextmanager
def _mortal_tasks() -> "Generator[None, None, None]":
    loop = asyncio.get_running_loop()
    before = loop.get_task_factory()

    def make(
        loop: asyncio.AbstractEventLoop, inner: Coroutine[Any, Any, T], **options: Any
    ) -> asyncio.Task[T]:
        life = _LIFE.get()
        if life is None:
            return asyncio.Task(inner, loop=loop, **options)
        task = asyncio.Task(_Mortal(inner, life), loop=loop, **options)
        life.tasks.add(task)
        return task

    loop.set_task_factory(cast("Any", make))
    try:
        yield
    finally:
        loop.set_task_factory(before)


async def live(work: Callable[[], Coroutine[Any, Any, None]], dies_at: int | None = None) -> bool:
    """Run a process; return whether it came to its end. Other errors than its death pass through.

    Raises:
        AssertionError: something of the dead process did not stop.
    """
    life = Life(dies_at)
    with _mortal_tasks():
        token = _LIFE.set(life)
        main = asyncio.get_running_loop().create_task(work())
        _LIFE.reset(token)
        over = asyncio.ensure_future(life.over.wait())
        await asyncio.wait({main, over}, return_when=asyncio.FIRST_COMPLETED)
        over.cancel()
        if not life.is_over:
            main.result()
            return True
        await _bury(life)
    return False


async def _bury(life: Life) -> None:
    """End the tasks that wait for something: they are resumed once more, to die."""
    for _ in range(100):
        waiting = {task for task in life.tasks if not task.done()}
        if not waiting:
            break
        for task in waiting:
            task.cancel()
        await asyncio.wait(waiting, timeout=DEATH_S / 100)
    assert all(task.done() for task in life.tasks)
    for task in life.tasks:
        with suppress(asyncio.CancelledError):
            task.exception()  # it is known, and need not be reported


def stepping(port: T) -> T:
    """Return the port with a step before and after each of its coroutine methods."""
    return cast("T", _Stepping(port))


class _Stepping:
    def __init__(self, port: object) -> None:
        self._port = port

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        return _stepwise(found) if inspect.iscoroutinefunction(found) else found


def _stepwise(method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def call(*arguments: Any, **options: Any) -> Any:
        await asyncio.sleep(0)
        result = await method(*arguments, **options)
        await asyncio.sleep(0)
        return result

    return call

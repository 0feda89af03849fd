"""Sessions that are kept for the next message of the same account, bounded and closed when idle."""

import asyncio
import hashlib
from collections import deque
from dataclasses import dataclass, field

from courrier.sender.adapters.smtp_session import Session
from courrier.sender.ports import Letter

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class PoolBounds:
    """Idle sessions an account and in all; seconds that one waits; messages that one carries."""

    per_account: int = 2
    overall: int = 50
    idle_s: float = 20.0
    most_uses: int = 100


@dataclass(slots=True)
class _Idle:
    session: Session
    key: Key
    timer: asyncio.TimerHandle | None = None


@dataclass(slots=True)
class Pool:
    """Idle sessions by whose they are; the one used last is taken first."""

    bounds: PoolBounds = field(default_factory=PoolBounds)
    _idle: dict[Key, deque[_Idle]] = field(default_factory=dict)
    _count: int = 0

    def take(self, letter: Letter) -> Session | None:
        """Return a session of this account that is still good, or None."""
        waiting = self._idle.get(key_of(letter), deque())
        while waiting:
            idle = waiting[-1]
            self._forget(idle)
            if idle.session.line.is_quiet:
                return idle.session
            idle.session.line.say_good_bye()
        return None

    def give(self, letter: Letter, session: Session) -> None:
        """Keep a session for the next message, or end it where that is not wise."""
        key = key_of(letter)
        mine = self._idle.get(key, deque())
        is_full = len(mine) >= self.bounds.per_account or self._count >= self.bounds.overall
        if is_full or session.uses >= self.bounds.most_uses or not session.line.is_quiet:
            session.line.say_good_bye()
            return
        idle = _Idle(session, key)
        loop = asyncio.get_running_loop()
        idle.timer = loop.call_later(self.bounds.idle_s, self._end, idle)
        self._idle.setdefault(key, deque()).append(idle)
        self._count += 1

    def close(self) -> None:
        """End all sessions that nobody uses."""
        for idle in [each for waiting in self._idle.values() for each in waiting]:
            self._end(idle)

    def _end(self, idle: _Idle) -> None:
        self._forget(idle)
        idle.session.line.say_good_bye()

    def _forget(self, idle: _Idle) -> None:
        if idle.timer is not None:
            idle.timer.cancel()
        waiting = self._idle[idle.key]
        waiting.remove(idle)
        self._count -= 1
        if not waiting:
            del self._idle[idle.key]


def key_of(letter: Letter) -> Key:
    """Return what a session must share with a letter: account, server, and what it logged in by."""
    secret = hashlib.sha256((letter.secret or "").encode()).hexdigest()
    return letter.account_id, letter.server.model_dump_json(), secret

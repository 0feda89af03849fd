"""Rate limits: how many requests a person may make in a minute, told in every answer.

Fields as in the IETF draft "RateLimit header fields for HTTP" (version 11): the policy names quota
and window, the other field what is left of it. Each process counts for itself: with several, a
person may make as many times more. Administrators have a limit of their own, none unless it is set.
"""

from dataclasses import dataclass

from fastapi import Request

from courrier.gateway.domain.access import Person
from courrier.gateway.ports import Limits

from .problems import Problem

WINDOW_S = 60
REMEMBERED = 10_000
"""Persons counted at once; more than that forget the oldest windows."""


@dataclass(slots=True)
class Window:
    """Requests of one person since ``began`` (seconds of a monotonic clock)."""

    began: float
    used: int = 0


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a quota, and in how many seconds it is whole again."""

    quota: int
    left: int
    reset_s: int

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Return the two fields."""
        policy = f'"person";q={self.quota};w={WINDOW_S}'
        limit = f'"person";r={max(self.left, 0)};t={self.reset_s}'
        return [(b"ratelimit-policy", policy.encode()), (b"ratelimit", limit.encode())]


class Quota:
    """The counts of this process."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._windows: dict[str, Window] = {}

    def take(self, person: Person, now: float) -> Left | None:
        """Count a request; return what is left, below zero if it is one too many.

        None: this person has no limit.
        """
        limits = self._limits
        quota = limits.admin_requests if person.is_admin else limits.requests
        if not quota:
            return None
        window = self._windows.get(person.id)
        if window is None or now - window.began >= WINDOW_S:
            self._forget(now)
            window = self._windows[person.id] = Window(now)
        window.used += 1
        return Left(quota, quota - window.used, int(window.began + WINDOW_S - now) + 1)

    def _forget(self, now: float) -> None:
        if len(self._windows) < REMEMBERED:
            return
        self._windows = {
            person_id: window
            for person_id, window in self._windows.items()
            if now - window.began < WINDOW_S
        }


def count(request: Request, person: Person, now: float) -> None:
    """Count a request of this person.

    Raises:
        Problem: 429, it is one too many.
    """
    quota: Quota = request.app.state.quota
    left = quota.take(person, now)
    request.state.quota_left = left
    if left is not None and left.left < 0:
        text = f"more than {left.quota} requests a minute; go on in {left.reset_s} s"
        raise Problem(429, text, headers={"Retry-After": str(left.reset_s)})

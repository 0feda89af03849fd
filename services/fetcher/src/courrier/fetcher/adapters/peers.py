"""``Peers`` over core NATS: every instance says now and then who it is and what it holds.

A message that is lost costs a second. Who is silent for longer than ``GONE_AFTER_S`` is gone; what
it held stays its own until the leases end.
"""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass

import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from pydantic import BaseModel, ValidationError

SUBJECT = "ping.fetchers"
GONE_AFTER_S = 5.0
MOST = 1000
"""Instances that are heard; more are a fault, and so much memory at most."""

log = structlog.get_logger(__name__)


class _Said(BaseModel):
    name: str
    groups: set[str] = set()
    leaves: bool = False


@dataclass(frozen=True, slots=True)
class _Heard:
    at: float
    groups: frozenset[str]


class NatsPeers:
    """The other instances, as far as they were heard."""

    def __init__(self, client: Client, name: str) -> None:
        self._client = client
        self.name = name
        self._heard: dict[str, _Heard] = {}

    async def listen(self, on_change: Callable[[], None]) -> None:
        """Hear the others from now on (see ``Peers.listen``)."""

        async def hear(message: Msg) -> None:
            try:
                said = _Said.model_validate_json(message.data)
            except ValidationError as error:
                log.warning("peer.unreadable", errors=error.error_count())
                return
            if said.name != self.name and self._note(said):
                on_change()

        await self._client.subscribe(SUBJECT, cb=hear)

    def others(self) -> list[Collection[str]]:
        """Return what each other living instance holds."""
        deadline = asyncio.get_running_loop().time() - GONE_AFTER_S
        self._heard = {name: one for name, one in self._heard.items() if one.at > deadline}
        return [one.groups for one in self._heard.values()]

    async def say(self, held: Collection[str]) -> None:
        """Tell the others what this instance holds."""
        await self._publish(_Said(name=self.name, groups=set(held)))

    async def say_goodbye(self) -> None:
        """Tell the others that this instance ends."""
        await self._publish(_Said(name=self.name, leaves=True))

    def _note(self, said: _Said) -> bool:
        before = self._heard.pop(said.name, None)
        if said.leaves or (before is None and len(self._heard) >= MOST):
            return before is not None
        now = asyncio.get_running_loop().time()
        self._heard[said.name] = _Heard(now, frozenset(said.groups))
        return before is None or before.groups != said.groups

    async def _publish(self, said: _Said) -> None:
        try:
            await self._client.publish(SUBJECT, said.model_dump_json().encode())
        except nats.errors.Error as error:
            log.warning("peers.unheard", error=repr(error))

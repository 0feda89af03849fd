"""A command that works beside a running system: connected as the gateway, done when visible."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar
from uuid import uuid4

import click

from courrier.events.postgres.pool import Pool, open_pool
from courrier.events.runtime.health import Health
from courrier.events.runtime.process import (
    Infrastructure,
    MissingSetting,
    database_url,
    infrastructure,
)
from courrier.events.store import StoreUnavailable
from courrier.events.vault import BadMasterKey
from courrier.gateway.adapters.passwords import Argon2Passwords
from courrier.gateway.domain.refusals import Refusal
from courrier.gateway.handlers.facts import Cause
from courrier.gateway.handlers.people import Registry
from courrier.gateway.projections import positions
from courrier.gateway.settings import USER, gateway_settings

VISIBLE_WITHIN_S = 5.0
POLL_S = 0.02

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Beside:
    """The ports that commands use."""

    parts: Infrastructure
    pool: Pool
    passwords: Argon2Passwords

    @property
    def registry(self) -> Registry:
        """Where people are written."""
        return Registry(self.parts.store, self.parts.vault, self.passwords)

    async def visible(self, position: str | None) -> bool:
        """Wait until the running gateway shows what was written; False: nobody projects it."""
        if position is None:
            return True
        stream, _, sequence = position.partition(":")
        deadline = asyncio.get_running_loop().time() + VISIBLE_WITHIN_S
        while (await positions.seen(self.pool)).get(stream, 0) < int(sequence):
            if asyncio.get_running_loop().time() > deadline:
                return False
            await asyncio.sleep(POLL_S)  # another process projects; it cannot call us
        return True


def cause() -> Cause:
    """Return a command of this shell as the cause of facts."""
    return Cause(uuid4(), "system", datetime.now(UTC))


def run(work: Callable[[Beside], Awaitable[T]]) -> T:
    """Run a command; what is wrong outside becomes one clear line."""
    try:
        return asyncio.run(_run(work))
    except (StoreUnavailable, MissingSetting, BadMasterKey, Refusal, OSError) as error:
        raise click.ClickException(str(error)) from error


async def _run(work: Callable[[Beside], Awaitable[T]]) -> T:
    async with _beside() as beside:
        return await work(beside)


@asynccontextmanager
async def _beside() -> AsyncIterator[Beside]:
    settings = gateway_settings()
    async with infrastructure(settings, USER, Health()) as parts:
        pool = await open_pool(database_url(settings), name=f"{USER}-command", service=USER, size=2)
        try:
            yield Beside(parts, pool, Argon2Passwords(settings.gateway_password_memory_kib))
        finally:
            await pool.close()

"""The linker's service in this process, and the command it answers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

from courrier.events.commands.linker import ChangeEmails, StateChange
from courrier.events.runtime.health import Health
from courrier.linker import app
from courrier.linker.settings import LinkerSettings
from support.builders import USER
from support.waiting import eventually


@asynccontextmanager
async def running(settings: LinkerSettings) -> AsyncIterator[Health]:
    """Run the service until the body ends, then stop it as SIGTERM does."""
    await app.migrate_schema(settings)
    health = Health()
    work = asyncio.create_task(app.run(settings, health))
    try:
        await eventually(lambda: work.done() or not health.waiting_for)
        yield health
    finally:
        work.cancel()
        await asyncio.wait({work})
    if not work.cancelled():
        work.result()


def mark(
    email_id: str, person: str = USER, *, read: bool = True, command: UUID | None = None
) -> ChangeEmails:
    """The command of one click."""
    return ChangeEmails(
        command_id=command or uuid4(),
        email_ids=(email_id,),
        person_id=person,
        change=StateChange(is_read=read),
        actor=f"user:{person}",
    )

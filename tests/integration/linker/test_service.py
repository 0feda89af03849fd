"""The linker as a service: it waits for what is down, takes over, and answers commands."""

import asyncio
import os
import signal
import sys
from contextlib import AsyncExitStack
from uuid import uuid4

import asyncpg
import pytest
from click.testing import CliRunner

from courrier.events import subjects
from courrier.events.bus import CommandBus
from courrier.events.commands.answers import Done, Refused
from courrier.events.families.email import EmailMarkedRead, EmailMarkedUnread
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.linker import app
from courrier.linker.cli import cli
from courrier.linker.settings import LinkerSettings
from integration.linker.instances import OTHER_USER, imports, messages, put, settle
from integration.linker.services import mark, running
from support.builders import USER
from support.waiting import eventually

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("identity")]

TAKE_OVER_S = 15.0
CUT_OFF = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE application_name = 'courrier-linker' AND datname = current_database()
"""


@pytest.fixture
def environment(nats_url: str, database_url: str, master_key: str) -> dict[str, str]:
    """The variables of a linker over this test's servers."""
    return {
        "COURRIER_NATS_URL": nats_url,
        "COURRIER_DATABASE_URL": database_url,
        "COURRIER_MASTER_KEY": master_key,
    }


@pytest.fixture
def settings(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> LinkerSettings:
    """The same as the service reads it."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return LinkerSettings()


async def one_email(store: JetStreamEventStore) -> str:
    """Put a message on the log and wait for its e-mail."""
    await settle(store)
    await put(store, *messages(1))
    await eventually(lambda: _count(store, 1))
    return (await imports(store))[0].email_id


async def test_mail_is_linked_as_it_comes(
    settings: LinkerSettings, store: JetStreamEventStore
) -> None:
    """What was there before the start, and what comes after it."""
    await settle(store)
    await put(store, *messages(3))

    async with running(settings):
        await eventually(lambda: _count(store, 3))
        await put(store, *messages(5)[3:])
        await eventually(lambda: _count(store, 5))


async def test_reading_is_recorded_once(
    settings: LinkerSettings, store: JetStreamEventStore, bus: CommandBus
) -> None:
    """The answer says where; a second click and a repeated command add nothing."""
    async with running(settings):
        email_id = await one_email(store)
        command = mark(email_id)

        first = await bus.ask(command)
        repeated = await bus.ask(command)
        again = await bus.ask(mark(email_id))

    history = await store.load(subjects.email(email_id))
    assert [type(each.event) for each in history[1:]] == [EmailMarkedRead]
    assert (history[1].actor, history[1].version) == (f"user:{USER}", 2)
    position = f"EMAIL:{history[1].sequence}"
    assert first == Done(position=position, id=email_id, counts={"changed": 1})
    assert (
        repeated
        == again
        == Done(position=position, id=email_id, created=False, counts={"unchanged": 1})
    )


async def test_a_command_that_comes_late_again_changes_nothing(
    settings: LinkerSettings, store: JetStreamEventStore, bus: CommandBus
) -> None:
    """Read, unread by another click, and the first command once more: it stays unread."""
    command = uuid4()
    async with running(settings):
        email_id = await one_email(store)

        await bus.ask(mark(email_id, command=command))
        await bus.ask(mark(email_id, read=False))
        late = await bus.ask(mark(email_id, command=command))

    history = await store.load(subjects.email(email_id))
    kinds = [each.type for each in history[1:]]
    assert kinds == [EmailMarkedRead.TYPE, EmailMarkedUnread.TYPE]
    assert isinstance(late, Done)
    assert not late.created


async def test_many_clicks_at_once_are_one_event(
    settings: LinkerSettings, store: JetStreamEventStore, bus: CommandBus
) -> None:
    """They race for the e-mail's next version; the losers look again."""
    async with running(settings):
        email_id = await one_email(store)

        answers = await asyncio.gather(*(bus.ask(mark(email_id)) for _ in range(8)))

    assert sum(isinstance(each, Done) and each.created for each in answers) == 1
    assert len(await store.load(subjects.email(email_id))) == 2


async def test_who_does_not_hold_the_e_mail_is_refused(
    settings: LinkerSettings, store: JetStreamEventStore, bus: CommandBus
) -> None:
    """The same answer for somebody else's and for none; nothing is recorded."""
    async with running(settings):
        email_id = await one_email(store)

        theirs = await bus.ask(mark(email_id, OTHER_USER))
        none = await bus.ask(mark("0" * 32, OTHER_USER))
        rubbish = await bus.ask(mark("no such.>", OTHER_USER))

    assert isinstance(theirs, Refused)
    assert theirs == none
    assert theirs.reason == "not-a-holder"
    assert isinstance(rubbish, Refused)
    assert (rubbish.reason, rubbish.pointer) == ("malformed", "/email_ids")
    assert len(await store.load(subjects.email(email_id))) == 1


async def test_a_stand_by_is_ready_and_takes_over(
    settings: LinkerSettings, store: JetStreamEventStore
) -> None:
    """One instance works; when it stops, the next one goes on."""
    await settle(store)
    async with AsyncExitStack() as first:
        await first.enter_async_context(running(settings))
        await put(store, *messages(2))
        await eventually(lambda: _count(store, 2))

        async with running(settings) as second:
            assert second.waiting_for == []
            await first.aclose()
            await put(store, *messages(4)[2:])
            await eventually(lambda: _count(store, 4), TAKE_OVER_S)


async def test_a_killed_linker_is_replaced_within_fifteen_seconds(
    settings: LinkerSettings, environment: dict[str, str], store: JetStreamEventStore
) -> None:
    """Kill -9: the lease runs out, the stand-by continues, nothing is lost or doubled."""
    await settle(store)
    await app.migrate_schema(settings)
    first = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "courrier.linker", env=os.environ | environment
    )
    await put(store, *messages(2))
    await eventually(lambda: _count(store, 2), TAKE_OVER_S)

    async with running(settings):
        first.send_signal(signal.SIGKILL)
        await first.wait()
        await put(store, *messages(6)[2:])
        await eventually(lambda: _count(store, 6), TAKE_OVER_S)

    found = await imports(store)
    assert len({each.email_id for each in found}) == 6
    assert len({each.thread_id for each in found}) == 1


async def test_a_restarted_database_is_waited_for(
    settings: LinkerSettings, store: JetStreamEventStore, database_url: str
) -> None:
    """Its connections are cut while it works; every message becomes an e-mail all the same."""
    await settle(store)
    admin = await asyncpg.connect(database_url)
    async with running(settings):
        for n in range(6):
            await put(store, messages(n + 1)[n])
            await admin.execute(CUT_OFF)
        await eventually(lambda: _count(store, 6), TAKE_OVER_S)
    await admin.close()

    assert len({each.email_id for each in await imports(store)}) == 6


def test_check_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything starts, in one line."""
    for name in ("COURRIER_MASTER_KEY", "COURRIER_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COURRIER_DATA_DIR", "/nowhere")

    result = CliRunner().invoke(cli, ["check"])

    assert result.exit_code == 1
    assert "COURRIER_MASTER_KEY" in result.output


async def _count(store: JetStreamEventStore, wanted: int) -> bool:
    return len(await imports(store)) == wanted

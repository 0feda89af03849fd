"""``courrier dead``: what consumers have set aside, and taking it again after a fix."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import click
from nats.aio.client import Client

from courrier.events.jetstream.bus import NatsCommandBus
from courrier.events.jetstream.connection import connect
from courrier.events.jetstream.permissions import ADMIN
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.parked_cases import Replayed, case_row
from courrier.events.parked_cases import replay as replay_cases
from courrier.events.parking import all_cases
from courrier.events.runtime.process import broker_of
from courrier.events.runtime.settings import infrastructure_settings
from courrier.events.store import StoreUnavailable

ACTOR = "system"


@click.group()
def dead() -> None:
    """Events that a consumer could not take: see what and why, and replay them after a fix."""


@dead.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_cases(as_json: bool) -> None:  # noqa: FBT001  a command-line flag
    """List what is parked: where, why, since when, and how many events wait behind it."""
    rows = _run(_rows())
    for row in rows:
        click.echo(json.dumps(row, ensure_ascii=False) if as_json else _text(row))
    if not rows and not as_json:
        click.echo("Nothing is parked.")


@dead.command()
@click.argument("event_id", required=False)
@click.option("--consumer", help="All that this consumer has parked.")
@click.option("--all", "everything", is_flag=True, help="All that is parked.")
def replay(event_id: str | None, consumer: str | None, everything: bool) -> None:  # noqa: FBT001
    """Have what is parked taken again: one EVENT_ID, of one consumer, or all."""
    if sum(map(bool, (event_id, consumer, everything))) != 1:
        raise click.UsageError("Give an event id, --consumer or --all.")
    outcomes = _run(_replay(event_id, consumer))
    if not outcomes and event_id:
        raise click.ClickException(f"{event_id} is not parked; see courrier dead list")
    for each in outcomes:
        click.echo(f"{each.consumer} {each.subject}: {each.text}")
    if not all(each.done for each in outcomes):
        raise click.exceptions.Exit(1)


def _run(work: Any) -> Any:
    try:
        return asyncio.run(work)
    except StoreUnavailable as error:
        raise click.ClickException(str(error)) from error


@asynccontextmanager
async def _connected() -> AsyncIterator[Client]:
    settings = infrastructure_settings(ADMIN)
    client = await connect(broker_of(settings, settings.nats_user or ADMIN))
    try:
        yield client
    finally:
        await client.close()


async def _rows() -> list[dict[str, object]]:
    async with _connected() as client:
        store = JetStreamEventStore(client)
        return [await case_row(store, case) for case in await all_cases(store)]


def _text(row: dict[str, object]) -> str:
    return (
        f"{row['id']}  {row['consumer']}  {row['position']}  {row['type']}\n"
        f"    {row['reason']}: {row['text']}\n"
        f"    since {row['since']}, {row['waiting']} waiting behind it ({row['subject']})"
    )


async def _replay(event_id: str | None, consumer: str | None) -> list[Replayed]:
    async with _connected() as client:
        cases = [
            case
            for case in await all_cases(JetStreamEventStore(client))
            if (event_id is None or case.event.event_id == event_id)
            and (consumer is None or case.event.consumer == consumer)
        ]
        return await replay_cases(NatsCommandBus(client), cases, command_id=uuid4(), actor=ACTOR)

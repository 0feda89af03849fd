"""``courrier events``: declare the streams, look at the log, print the catalogue."""

import asyncio
import json
from contextlib import aclosing
from pathlib import Path

import click

from courrier.events.asyncapi import write_catalogue
from courrier.events.base import Event
from courrier.events.catalogue import short_name
from courrier.events.envelope import Recorded
from courrier.events.identity import ensure_identity
from courrier.events.jetstream.accounts import accounts_file
from courrier.events.jetstream.connection import connect
from courrier.events.jetstream.permissions import ADMIN
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.jetstream.streams import apply_streams
from courrier.events.jetstream.vault import JetStreamVault
from courrier.events.runtime.process import NO_MASTER_KEY, MissingSetting, broker_of
from courrier.events.runtime.settings import InfrastructureSettings, infrastructure_settings
from courrier.events.store import StoreUnavailable
from courrier.events.vault import BadMasterKey, Seal


@click.group()
def events() -> None:
    """The event log: declare its streams, read it, print its catalogue."""


@events.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def apply(as_json: bool) -> None:  # noqa: FBT001  a command-line flag
    """Create the streams, the vault and the identity key, or bring them up to date."""
    try:
        touched = asyncio.run(_apply(infrastructure_settings(ADMIN)))
    except (StoreUnavailable, MissingSetting, BadMasterKey) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps({"touched": touched}))
    else:
        click.echo(f"Streams touched: {', '.join(touched) or 'none'}")


async def _apply(settings: InfrastructureSettings) -> list[str]:
    if settings.master_key is None:
        raise MissingSetting(NO_MASTER_KEY)
    client = await connect(broker_of(settings, ADMIN))
    try:
        touched = await apply_streams(client, settings.replicas)
        seal = Seal(settings.master_key.get_secret_value())
        await ensure_identity(JetStreamVault(client, seal))
        return touched
    finally:
        await client.close()


@events.command()
@click.argument("stream")
@click.option("--from", "start", default=1, show_default=True, help="First stream sequence.")
@click.option("--type", "wanted", multiple=True, help="Only these types, as MessageReceived.")
@click.option("--follow", is_flag=True, help="Wait for what comes; end with Ctrl-C.")
def tail(stream: str, start: int, wanted: tuple[str, ...], follow: bool) -> None:  # noqa: FBT001
    """Print the events of STREAM as JSON lines, oldest first."""
    try:
        asyncio.run(_tail(stream.upper(), start - 1, set(wanted), follow=follow))
    except StoreUnavailable as error:
        raise click.ClickException(str(error)) from error


async def _tail(stream: str, after: int, wanted: set[str], *, follow: bool) -> None:
    settings = infrastructure_settings(ADMIN)
    client = await connect(broker_of(settings, settings.nats_user or ADMIN))
    try:
        store = JetStreamEventStore(client)
        end = await store.end(stream)
        if not follow and end <= after:
            return
        async with aclosing(store.follow(stream, after=after)) as batches:
            async for batch in batches:
                for recorded in batch:
                    if not wanted or short_name(recorded.type) in wanted:
                        click.echo(_line(recorded))
                if not follow and batch[-1].sequence >= end:
                    return
    finally:
        await client.close()


def _line(recorded: Recorded[Event]) -> str:
    return json.dumps(
        {
            "position": f"{recorded.stream}:{recorded.sequence}",
            "id": recorded.id,
            "type": recorded.type,
            "time": recorded.time.isoformat(),
            "subject": recorded.subject,
            "version": recorded.version,
            "actor": recorded.actor,
            "data": recorded.event.model_dump(mode="json", by_alias=True),
        },
        ensure_ascii=False,
    )


@events.command()
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder to write to.")
def catalogue(out: Path) -> None:
    """Write the JSON Schemas and the AsyncAPI document of all events to a folder."""
    for path in write_catalogue(out):
        click.echo(path)


@events.command()
def accounts() -> None:
    """Print the users and permissions for a NATS server of yours, as a file to include."""
    click.echo(accounts_file(), nl=False)

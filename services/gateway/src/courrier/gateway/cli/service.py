"""``courrier gateway``: run the service, check its settings, migrate its tables."""

import asyncio
import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import click

from courrier.events.jetstream.blob_shelf import JetStreamBlobShelf
from courrier.events.postgres.migrations import NewerDatabase
from courrier.events.postgres.migrations import migrate as apply_migrations
from courrier.events.postgres.pool import open_pool
from courrier.events.runtime.health import Health
from courrier.events.runtime.process import (
    MissingSetting,
    database_url,
    infrastructure,
    run_process,
)
from courrier.events.vault import BadMasterKey
from courrier.gateway.app import run
from courrier.gateway.handlers.collecting import Collecting
from courrier.gateway.ports import Collected
from courrier.gateway.projections.blob_references import RowReferences
from courrier.gateway.settings import USER, GatewaySettings, gateway_settings

from .dkim import dkim_key

EXPECTED = (MissingSetting, BadMasterKey, NewerDatabase, OSError)


@click.group(invoke_without_command=True)
@click.pass_context
def gateway(context: click.Context) -> None:
    """The gateway: HTTP, read models, settings and CRM records."""
    if context.invoked_subcommand is not None:
        return
    settings = gateway_settings()
    try:
        run_process(USER, settings, lambda health: run(settings, health))
    except EXPECTED as error:
        raise click.ClickException(str(error)) from error


gateway.add_command(dkim_key)


@gateway.command()
def migrate() -> None:
    """Bring the gateway's tables up to date."""
    try:
        url = database_url(gateway_settings())
        names = asyncio.run(apply_migrations(url, package="courrier.gateway", schema=USER))
    except EXPECTED as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Migrations applied: {', '.join(names) or 'none, all were there'}")


@gateway.command()
def check() -> None:
    """Say what is wrong before anything starts."""
    try:
        asyncio.run(_check(gateway_settings()))
    except EXPECTED as error:
        raise click.ClickException(str(error)) from error
    click.echo("The gateway can reach NATS, the vault and PostgreSQL.")


@gateway.command()
@click.option("--dry-run", is_flag=True, help="Only count.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def collect(dry_run: bool, as_json: bool) -> None:  # noqa: FBT001  command-line flags
    """Erase blobs that nobody refers to now; the service does so every hour."""
    try:
        found = asyncio.run(_collect(gateway_settings(), dry_run=dry_run))
    except EXPECTED as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(asdict(found)))
        return
    done = "would be erased" if dry_run else "erased"
    click.echo(
        f"{found.seen} blobs, {found.unreferenced} without reference, {found.young} of these too "
        f"young to tell; {found.collected} {done}"
    )


async def _collect(settings: GatewaySettings, *, dry_run: bool) -> Collected:
    pool = await open_pool(database_url(settings), name=USER, service=USER, size=2)
    try:
        async with infrastructure(settings, USER, Health()) as parts:
            collecting = Collecting(
                parts.store,
                JetStreamBlobShelf(parts.client),
                RowReferences(pool),
                grace=timedelta(days=settings.gateway_blob_grace_days),
                clock=lambda: datetime.now(UTC),
            )
            return await collecting.collect(dry_run=dry_run)
    finally:
        await pool.close()


async def _check(settings: GatewaySettings) -> None:
    pool = await open_pool(database_url(settings), name=USER, service=USER, size=1)
    await pool.close()
    async with infrastructure(settings, USER, Health()):
        return

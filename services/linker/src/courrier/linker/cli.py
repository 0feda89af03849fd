"""``courrier linker``: run the service, check its settings, migrate its schema."""

import asyncio

import asyncpg
import click
from pydantic import ValidationError

from courrier.events.jetstream.connection import connect
from courrier.events.postgres.migrations import NewerDatabase
from courrier.events.postgres.pool import open_pool
from courrier.events.runtime.process import (
    NO_MASTER_KEY,
    MissingSetting,
    broker_of,
    database_url,
    run_process,
)
from courrier.events.runtime.settings import environment_file
from courrier.events.store import StoreUnavailable
from courrier.events.vault import BadMasterKey, Seal
from courrier.linker import app
from courrier.linker.settings import LinkerSettings

FAULTS = (MissingSetting, StoreUnavailable, BadMasterKey, NewerDatabase, asyncpg.PostgresError)


@click.group(invoke_without_command=True)
@click.pass_context
def cli(context: click.Context) -> None:
    """Link messages to e-mails, records and folders; without a sub-command, run the service."""
    if context.invoked_subcommand is None:
        settings = _settings()
        try:
            run_process("linker", settings, lambda health: app.run(settings, health))
        except FAULTS as error:
            raise click.ClickException(str(error)) from error


@cli.command()
def migrate() -> None:
    """Bring the schema ``linker`` up to date."""
    try:
        applied = asyncio.run(app.migrate_schema(_settings()))
    except FAULTS as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Migrations applied: {', '.join(applied) or 'none'}")


@cli.command()
def check() -> None:
    """Say what is wrong with the settings, NATS or PostgreSQL before anything starts."""
    try:
        asyncio.run(_check(_settings()))
    except FAULTS as error:
        raise click.ClickException(str(error)) from error
    click.echo("The linker can start.")


async def _check(settings: LinkerSettings) -> None:
    if settings.master_key is None:
        raise MissingSetting(NO_MASTER_KEY)
    Seal(settings.master_key.get_secret_value())
    pool = await open_pool(database_url(settings), name="linker-check", service="linker", size=1)
    await pool.close()
    client = await connect(broker_of(settings, "linker"))
    await client.close()


def _settings() -> LinkerSettings:
    try:
        return LinkerSettings(_env_file=environment_file("linker"))
    except ValidationError as error:
        faults = "; ".join(
            f"COURRIER_{f['loc'][0]}".upper() + f": {f['msg']}" for f in error.errors()
        )
        raise click.ClickException(f"a setting is wrong: {faults}") from error

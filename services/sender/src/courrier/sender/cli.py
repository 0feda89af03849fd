"""``courrier sender``: run it, check its settings, migrate its schema."""

import asyncio
from functools import partial

import click

from courrier.events.jetstream.connection import connect
from courrier.events.postgres.migrations import NewerDatabase
from courrier.events.postgres.migrations import migrate as migrate_schema
from courrier.events.postgres.pool import open_pool
from courrier.events.runtime.process import (
    NO_MASTER_KEY,
    MissingSetting,
    broker_of,
    database_url,
    run_process,
)
from courrier.events.runtime.settings import environment_file
from courrier.events.runtime.tls import client_context
from courrier.events.store import StoreUnavailable
from courrier.events.vault import BadMasterKey, Seal
from courrier.sender.app import NAME, run
from courrier.sender.settings import SenderSettings

PACKAGE = "courrier.sender"


@click.group(NAME, invoke_without_command=True)
@click.pass_context
def cli(context: click.Context) -> None:
    """Send what people write, once. Without a sub-command: run until stopped."""
    if context.invoked_subcommand is None:
        settings = _settings()
        run_process(NAME, settings, partial(run, settings))


@cli.command()
def check() -> None:
    """Say what is wrong with the settings before anything starts."""
    settings = _settings()
    problems = [text for text in asyncio.run(_problems(settings)) if text]
    for text in problems:
        click.echo(text, err=True)
    if problems:
        raise click.exceptions.Exit(1)
    click.echo("The sender can start.")


@cli.command()
def migrate() -> None:
    """Bring the schema ``sender`` up to date."""
    try:
        url = database_url(_settings())
        applied = asyncio.run(migrate_schema(url, package=PACKAGE, schema=NAME))
    except (StoreUnavailable, MissingSetting, NewerDatabase) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Migrations applied: {', '.join(applied) or 'none'}")


def _settings() -> SenderSettings:
    return SenderSettings(_env_file=environment_file(NAME))


async def _problems(settings: SenderSettings) -> list[str | None]:
    return [
        _master_key(settings),
        _ca_file(settings),
        await _broker(settings),
        await _database(settings),
    ]


def _master_key(settings: SenderSettings) -> str | None:
    if settings.master_key is None:
        return NO_MASTER_KEY
    try:
        Seal(settings.master_key.get_secret_value())
    except BadMasterKey as error:
        return str(error)
    return None


def _ca_file(settings: SenderSettings) -> str | None:
    try:
        client_context(settings.extra_ca_file)
    except OSError as error:
        return f"COURRIER_EXTRA_CA_FILE={settings.extra_ca_file} cannot be used: {error}"
    return None


async def _broker(settings: SenderSettings) -> str | None:
    try:
        client = await connect(broker_of(settings, NAME))
    except StoreUnavailable as error:
        return str(error)
    await client.close()
    return None


async def _database(settings: SenderSettings) -> str | None:
    try:
        pool = await open_pool(database_url(settings), name=NAME, service=NAME, size=1)
    except (StoreUnavailable, MissingSetting) as error:
        return str(error)
    await pool.close()
    return None

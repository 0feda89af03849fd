"""``courrier fetcher``: run it, or check its settings first."""

import asyncio
import ssl

import click

from courrier.events.jetstream.connection import connect
from courrier.events.runtime.health import Health
from courrier.events.runtime.process import broker_of, run_process
from courrier.events.runtime.tls import client_context
from courrier.events.store import StoreUnavailable
from courrier.events.vault import BadMasterKey, Seal
from courrier.fetcher import app
from courrier.fetcher.adapters.open_files import allow_all
from courrier.fetcher.settings import FetcherSettings


@click.group(invoke_without_command=True)
@click.pass_context
def cli(context: click.Context) -> None:
    """Keep mailboxes in step and emit MessageReceived; without a sub-command, run."""
    if context.invoked_subcommand is None:
        settings = FetcherSettings()

        async def main(health: Health) -> None:
            allow_all()
            await app.run(settings, health)

        run_process("fetcher", settings, main)


@cli.command()
def check() -> None:
    """Say what is wrong with the settings before anything starts."""
    wrong = asyncio.run(_problems(FetcherSettings()))
    for line in wrong:
        click.echo(line, err=True)
    if wrong:
        raise SystemExit(1)
    click.echo("fetcher: settings and broker are fine")


async def _problems(settings: FetcherSettings) -> list[str]:
    problems: list[str] = []
    try:
        client_context(settings.extra_ca_file)
    except (OSError, ssl.SSLError) as error:
        problems.append(f"COURRIER_EXTRA_CA_FILE {settings.extra_ca_file} is no PEM file: {error}")
    try:
        Seal(settings.master_key.get_secret_value() if settings.master_key else "")
    except BadMasterKey as error:
        problems.append(str(error))
    try:
        await (await connect(broker_of(settings, "fetcher"))).close()
    except StoreUnavailable as error:
        problems.append(str(error))
    return problems

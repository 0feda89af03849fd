"""``courrier erase``: all that holds an address, or one e-mail, goes from every store, for good."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import click

from courrier.events.archive.opening import open_archive
from courrier.events.erasure.plan import Plan, Target
from courrier.events.erasure.run import (
    OUTSIDE,
    Erasure,
    NotFinished,
    Outcome,
    Progress,
    Stores,
)
from courrier.events.erasure.scan import OneOfOurs
from courrier.events.identity import load_identity
from courrier.events.jetstream.api import ApiError
from courrier.events.jetstream.bus import NatsCommandBus
from courrier.events.jetstream.connection import connect
from courrier.events.jetstream.permissions import ADMIN
from courrier.events.jetstream.vault import JetStreamVault
from courrier.events.postgres.scrubbing import StillRead, scrub
from courrier.events.runtime.blob_store import StorageSettings, open_blob_shelf, open_blobs
from courrier.events.runtime.process import MissingSetting, broker_of
from courrier.events.runtime.settings import (
    InfrastructureSettings,
    environment_file,
    infrastructure_settings,
)
from courrier.events.store import StoreUnavailable
from courrier.events.vault import BadMasterKey, Seal, SecretMissing

REFUSALS = (
    ApiError,
    BadMasterKey,
    MissingSetting,
    NotFinished,
    OneOfOurs,
    SecretMissing,
    StillRead,
    StoreUnavailable,
)
EMAIL_ID_CHARS = 32


@dataclass(frozen=True, slots=True)
class _Options:
    target: Target
    with_records: bool
    dry_run: bool
    is_confirmed: bool
    as_json: bool
    vacuum: str


@click.command()
@click.argument("address")
@click.option("--dry-run", is_flag=True, help="Only say what there is.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--keep-records", is_flag=True, help="Leave the CRM's records and addresses alone.")
@click.option(
    "--vacuum",
    type=click.Choice(["full", "plain", "none"]),
    default="full",
    show_default=True,
    help="How PostgreSQL's files are cleaned; full blocks one table after the other.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def erase(  # noqa: PLR0913  each an option of the command line
    address: str, *, dry_run: bool, yes: bool, keep_records: bool, vacuum: str, as_json: bool
) -> None:
    """Erase everything of ADDRESS (or of one e-mail, by its id) from every store, for good.

    Interrupted or refused in part, run it again: it goes on where it was left.
    """
    if "@" not in address and len(address) != EMAIL_ID_CHARS:
        raise click.UsageError("give an e-mail address, or the id of one e-mail")
    options = _Options(Target(address), not keep_records, dry_run, yes, as_json, vacuum)
    try:
        asyncio.run(_erase(options))
    except REFUSALS as error:
        raise click.ClickException(str(error)) from error


async def _erase(options: _Options) -> None:
    settings = infrastructure_settings(ADMIN)
    async with _opened(settings, options) as (erasure, archive):
        plan = await erasure.plan()
        report: dict[str, object] = {"planned": plan.counts, "mentions": plan.mentions}
        if options.dry_run:
            _tell(report | {"finished": plan.is_empty}, options)
            return
        if not options.as_json:
            _tell(report, options)
        _confirm(plan, options)
        outcome = await erasure.run(plan, _progress(plan, options))
    report |= {"removed": outcome.removed, "mentions": outcome.mentions, "archive": archive}
    report["postgres"] = await _vacuum(settings, outcome, options)
    _tell(report | {"finished": True}, options)


@asynccontextmanager
async def _opened(
    settings: InfrastructureSettings, options: _Options
) -> AsyncIterator[tuple[Erasure, str]]:
    if settings.master_key is None:
        raise MissingSetting("COURRIER_MASTER_KEY is not set: 32 random bytes in base64")
    storage = StorageSettings(_env_file=environment_file(ADMIN))
    async with AsyncExitStack() as stack:
        client = await connect(broker_of(settings, ADMIN))
        stack.push_async_callback(client.close)
        seal = Seal(settings.master_key.get_secret_value())
        identity = await load_identity(JetStreamVault(client, seal))
        archive = (
            await stack.enter_async_context(open_archive(storage)) if storage.archive else None
        )
        stores = Stores(
            client,
            NatsCommandBus(client),
            await stack.enter_async_context(open_blobs(client, storage)),
            await stack.enter_async_context(open_blob_shelf(client, storage)),
            archive,
        )
        actor = f"admin:{os.environ.get('SUDO_USER') or os.environ.get('USER') or 'unknown'}"
        erasure = Erasure(
            stores, identity, options.target, actor=actor, with_records=options.with_records
        )
        yield erasure, "erased" if archive else "not known here: COURRIER_ARCHIVE is not set"


def _confirm(plan: Plan, options: _Options) -> None:
    if options.is_confirmed or plan.is_empty:
        return
    if options.as_json:
        raise click.UsageError("--json does not ask: add --yes, or --dry-run to look only")
    click.confirm("Erase all of this, for good?", abort=True)


def _progress(plan: Plan, options: _Options) -> Progress:
    """Return what shows a bar on a terminal, and nothing elsewhere."""
    total = len(plan.emails) + len(plan.outbound) + len(plan.received)
    done = 0

    def show(step: str, count: int) -> None:
        nonlocal done
        if step != OUTSIDE and not options.as_json and sys.stderr.isatty():
            done += count
            click.echo(f"\rErasing {min(done, total)}/{total}", nl=done >= total, err=True)

    return show


async def _vacuum(settings: InfrastructureSettings, outcome: Outcome, options: _Options) -> str:
    if options.vacuum == "none":
        return "not vacuumed: rows are deleted, their bytes stay until their places are reused"
    if settings.database_url is None:
        return (
            "not vacuumed: COURRIER_DATABASE_URL of the administrator (a superuser) is not set; "
            "rows are deleted, their bytes stay until VACUUM FULL"
        )
    is_full = options.vacuum == "full"
    url = settings.database_url.get_secret_value()
    tables = await scrub(url, outcome.positions, full=is_full)
    return f"{len(tables)} tables {'written anew' if is_full else 'vacuumed'}"


def _tell(report: dict[str, object], options: _Options) -> None:
    if options.as_json:
        click.echo(json.dumps(report))
        return
    for name, value in report.items():
        shown = (
            ", ".join(f"{n} {v}" for n, v in value.items()) if isinstance(value, dict) else value
        )
        click.echo(f"{name}: {shown}")

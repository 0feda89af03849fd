"""``courrier archive``: keep the log outside the broker, check it, rebuild the broker from it."""

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import TypeVar

import click
from nats.aio.client import Client

from courrier.events.archive.archiver import (
    TRANSIENT,
    AnotherLog,
    Limits,
    archive_for_ever,
    archive_now,
)
from courrier.events.archive.blob_copies import copy_blobs, restore_blobs
from courrier.events.archive.broker_log import BrokerLog
from courrier.events.archive.kept import Archive
from courrier.events.archive.opening import open_archive
from courrier.events.archive.restore import (
    DigestsDiffer,
    Healing,
    NotEmpty,
    NotMendable,
    Restored,
    heal,
    restore,
)
from courrier.events.archive.restoring import SomebodyWrote
from courrier.events.archive.segment import SegmentDamaged
from courrier.events.archive.verify import Report, verify
from courrier.events.jetstream.api import ApiError
from courrier.events.jetstream.blobs import JetStreamBlobs
from courrier.events.jetstream.connection import connect
from courrier.events.jetstream.lease import JetStreamLeases
from courrier.events.jetstream.permissions import ADMIN, ARCHIVER
from courrier.events.jetstream.streams import EVENT_STREAMS, apply_streams
from courrier.events.runtime.blob_store import StorageSettings
from courrier.events.runtime.health import Health
from courrier.events.runtime.process import MissingSetting, broker_of, run_process
from courrier.events.runtime.retry import keep_running
from courrier.events.runtime.settings import (
    InfrastructureSettings,
    environment_file,
    infrastructure_settings,
)
from courrier.events.segment_store import SegmentMissing
from courrier.events.store import StoreUnavailable

BLOBS_EVERY_S = 60.0

REFUSALS = (
    AnotherLog,
    ApiError,
    DigestsDiffer,
    MissingSetting,
    NotEmpty,
    NotMendable,
    SegmentDamaged,
    SegmentMissing,
    SomebodyWrote,
    StoreUnavailable,
    ValueError,
)

T = TypeVar("T")

as_json = click.option("--json", "as_json", is_flag=True, help="One JSON object.")
with_blobs = click.option("--blobs", is_flag=True, help="The blobs of the broker, too.")


class ArchiveSettings(StorageSettings):
    """``archive_age_s``: seconds after which a begun segment is closed, and what a crash costs."""

    archive_age_s: float = 60.0


@dataclass(frozen=True)
class _Open:
    client: Client
    archive: Archive


@click.group()
def archive() -> None:
    """The log outside the broker, in a directory or S3: COURRIER_ARCHIVE names it."""


@archive.command()
@click.option("--once", is_flag=True, help="Archive what is there now, and end.")
@with_blobs
def run(once: bool, blobs: bool) -> None:  # noqa: FBT001  command-line flags
    """Follow every event stream into the archive, until SIGTERM."""
    settings = infrastructure_settings(ARCHIVER)
    if not once:
        run_process(ARCHIVER, settings, lambda health: _follow(settings, health, blobs=blobs))
        return
    for stream, last in _finish(_archive_all(settings, blobs=blobs)).items():
        click.echo(f"{stream}: archived up to {last}")


@archive.command(name="verify")
@click.option("--against-broker", is_flag=True, help="Compare each event with the broker's.")
@as_json
def verify_command(against_broker: bool, as_json: bool) -> None:  # noqa: FBT001
    """Check every segment, chain value and event; exit 1 if anything is wrong."""
    reports = _finish(_verify_all(against_broker=against_broker))
    if as_json:
        click.echo(json.dumps([asdict(report) for report in reports]))
    else:
        for report in reports:
            _show(report)
    if any(report.findings for report in reports):
        raise SystemExit(1)


@archive.command(name="restore")
@click.option("--heal", "is_healing", is_flag=True, help="Rebuild only streams with lost events.")
@click.option(
    "--deleted-too",
    is_flag=True,
    help="With --heal: bring back also what the broker lists as erased; a lost file looks so.",
)
@with_blobs
@as_json
def restore_command(is_healing: bool, deleted_too: bool, blobs: bool, as_json: bool) -> None:  # noqa: FBT001
    """Rebuild an empty broker: same sequences, headers and bytes, in a new epoch.

    Interrupted, run it again: it goes on. Print the digests of what was restored.
    """
    restored = _finish(_restore_all(is_healing=is_healing, deleted_too=deleted_too, blobs=blobs))
    if as_json:
        click.echo(json.dumps([asdict(each) for each in restored]))
        return
    for each in restored:
        click.echo(
            f"{each.stream}: {each.events} events up to {each.last}, epoch {each.epoch}, "
            f"digest {each.digest}"
        )
    if not restored:
        click.echo("Nothing to restore.")


async def _follow(settings: InfrastructureSettings, health: Health, *, blobs: bool) -> None:
    storage = _storage(ARCHIVER)
    async with _open(settings, ARCHIVER, storage) as held:
        leases = JetStreamLeases(held.client, f"{socket.gethostname()}:{os.getpid()}")
        limits = Limits(age_s=storage.archive_age_s)
        health.ready("start")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(archive_for_ever(held.client, held.archive, leases, limits))
            if blobs:
                copying = keep_running("archive.blobs", lambda: _copy_for_ever(held), TRANSIENT)
                tasks.create_task(copying)


async def _copy_for_ever(held: _Open) -> None:
    while True:
        await copy_blobs(held.client, JetStreamBlobs(held.client), held.archive.store)
        await asyncio.sleep(BLOBS_EVERY_S)


async def _archive_all(settings: InfrastructureSettings, *, blobs: bool) -> dict[str, int]:
    async with _open(settings, ARCHIVER, _storage(ARCHIVER)) as held:
        ends = {}
        for stream in EVENT_STREAMS:
            ends[stream] = (await archive_now(held.client, held.archive, stream)).sequence
        if blobs:
            await copy_blobs(held.client, JetStreamBlobs(held.client), held.archive.store)
        return ends


async def _verify_all(*, against_broker: bool) -> list[Report]:
    if not against_broker:
        async with open_archive(_storage(ADMIN)) as kept:
            return [await verify(kept, stream) for stream in EVENT_STREAMS]
    async with _open(infrastructure_settings(ADMIN), ADMIN, _storage(ADMIN)) as held:
        return [
            await verify(held.archive, stream, BrokerLog(held.client, stream))
            for stream in EVENT_STREAMS
        ]


async def _restore_all(*, is_healing: bool, deleted_too: bool, blobs: bool) -> list[Restored]:
    settings = infrastructure_settings(ADMIN)
    async with _open(settings, ADMIN, _storage(ADMIN)) as held:
        await apply_streams(held.client, settings.replicas)
        if blobs:
            await restore_blobs(JetStreamBlobs(held.client), held.archive.store)
        if is_healing:
            options = Healing(replicas=settings.replicas, deleted_too=deleted_too)
            return await heal(held.client, held.archive, options)
        return await restore(held.client, held.archive, settings.replicas)


@asynccontextmanager
async def _open(
    settings: InfrastructureSettings, user: str, storage: StorageSettings
) -> AsyncIterator[_Open]:
    async with open_archive(storage) as kept:
        client = await connect(broker_of(settings, user))
        try:
            yield _Open(client, kept)
        finally:
            await client.close()


def _storage(user: str) -> ArchiveSettings:
    return ArchiveSettings(_env_file=environment_file(user))


def _finish(work: Awaitable[T]) -> T:
    """Run to the end; what is expected to go wrong is told in one line, without a traceback."""

    async def bounded() -> T:
        return await work

    try:
        return asyncio.run(bounded())
    except REFUSALS as error:
        raise click.ClickException(str(error)) from error


def _show(report: Report) -> None:
    click.echo(
        f"{report.stream}: {report.events} events up to {report.last}, {report.erased} erased, "
        f"{report.missing} missing, digest {report.digest}"
    )
    for finding in report.findings:
        click.echo(f"  {finding}")

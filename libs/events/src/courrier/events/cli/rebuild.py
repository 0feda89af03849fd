"""``courrier rebuild`` and ``courrier verify``: make views anew, or see whether they differ."""

import asyncio
import dataclasses
import json
import sys
from collections.abc import Awaitable, Callable
from importlib.metadata import entry_points
from typing import TypeVar

import click

from courrier.events.jetstream.connection import connect
from courrier.events.jetstream.pages import JetStreamPages
from courrier.events.postgres.filling import Pages
from courrier.events.postgres.projector import TRANSIENT, Fenced
from courrier.events.postgres.rebuild import Progress, Rebuilt
from courrier.events.postgres.rebuild import rebuild as rebuild_views
from courrier.events.postgres.shadow import NeverStill, RebuildUnderWay
from courrier.events.postgres.verify import Verified
from courrier.events.postgres.verify import verify as verify_views
from courrier.events.postgres.views import Views
from courrier.events.runtime.logging import set_up_logging
from courrier.events.runtime.process import MissingSetting, broker_of, database_url
from courrier.events.runtime.settings import infrastructure_settings
from courrier.events.store import StoreUnavailable

EXPECTED = (StoreUnavailable, MissingSetting, RebuildUnderWay, NeverStill, Fenced, *TRANSIENT)
FAILED = 1

T = TypeVar("T")
Work = Callable[[str, Views, Pages, Progress], Awaitable[T]]


@click.command()
@click.argument("schema")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def rebuild(schema: str, as_json: bool) -> None:  # noqa: FBT001  a command-line flag
    """Build the views of SCHEMA (gateway, linker or sender) anew and swap them in.

    Everything goes on meanwhile. After a crash, run it again.
    """
    _print_rebuilt(_run(rebuild_views, _views(schema)), as_json=as_json)


@click.command()
@click.argument("schema", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def verify(schema: str | None, as_json: bool) -> None:  # noqa: FBT001  a command-line flag
    """Compare the live views of SCHEMA, or of all services, with views built anew from the log.

    Exit code 1 and the rows that differ when they do.
    """
    chosen = [_views(schema)] if schema else [_views(name) for name in sorted(_installed())]
    verified = [_run(verify_views, views) for views in chosen]
    _print_verified(verified, as_json=as_json)
    if not all(each.is_equal for each in verified):
        raise click.exceptions.Exit(FAILED)


def _installed() -> dict[str, Callable[[], Views]]:
    return {point.name: point.load for point in entry_points(group="courrier.views")}


def _views(schema: str) -> Views:
    installed = _installed()
    if schema not in installed:
        known = ", ".join(sorted(installed)) or "none is installed here"
        raise click.BadParameter(f"no service has views in {schema!r}; there are: {known}")
    return installed[schema]()


def _run(work: Work[T], views: Views) -> T:
    try:
        return asyncio.run(_connected(work, views))
    except EXPECTED as error:
        text = f"{views.service}: {error}; what was built stays, the live views are as they were"
        raise click.ClickException(text) from error


async def _connected(work: Work[T], views: Views) -> T:
    settings = infrastructure_settings(views.service)
    set_up_logging(views.service, level=settings.log_level, fmt=settings.log_format)
    url = database_url(settings)
    client = await connect(broker_of(settings, views.service))
    shown = _Shown(views.service)
    try:
        return await work(url, views, JetStreamPages(client), shown.passed)
    finally:
        shown.end()
        await client.close()


class _Shown:
    """Progress for people: a line that changes on a terminal, a line each tenth elsewhere."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._done = 0
        self._tenth = 0

    def passed(self, count: int, total: int) -> None:
        """Show how far we are."""
        self._done += count
        share = min(1.0, self._done / total) if total else 1.0
        text = f"{self._service}: {self._done:,} of {max(total, self._done):,} ({share:.0%})"
        if sys.stderr.isatty():
            click.echo(f"\r{text} ", nl=False, err=True)
        elif int(share * 10) > self._tenth:
            self._tenth = int(share * 10)
            click.echo(text, err=True)

    def end(self) -> None:
        """Leave the line."""
        if self._done and sys.stderr.isatty():
            click.echo(err=True)


def _print_rebuilt(rebuilt: Rebuilt, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(rebuilt)))
        return
    click.echo(
        f"{rebuilt.service}: {sum(rebuilt.rows.values()):,} rows from {rebuilt.events:,} events in "
        f"{rebuilt.seconds:.1f} s; new events waited {rebuilt.swap_seconds:.2f} s for the swap"
    )


def _print_verified(verified: list[Verified], *, as_json: bool) -> None:
    if as_json:
        equal = all(each.is_equal for each in verified)
        services = [dataclasses.asdict(each) | {"equal": each.is_equal} for each in verified]
        click.echo(json.dumps({"equal": equal, "services": services}))
        return
    for service in verified:
        for table in service.tables:
            word = "equal" if table.is_equal else "DIFFERS"
            click.echo(f"{service.service}.{table.table}: {table.rows:,} rows, {word}")
            for row in table.differences:
                click.echo(f"  {row.how}: {row.key}")

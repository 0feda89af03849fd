"""``courrier reparse``: read old mail again with today's parser, and show what differs."""

import json
import sys
from typing import Any

import click

from courrier.gateway.client.courrier import Courrier

from .over_http import asking


@click.command("reparse")
@click.argument("ids", nargs=-1)
@click.option("--account", help="E-mails of this account, where no ids are given.")
@click.option("--since", help="From this time on, as 2026-01-31T00:00:00Z.")
@click.option("--until", help="Before this time.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=10_000, show_default=True)
@click.option("--apply", "applies", is_flag=True, help="Let the new reading take effect.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def reparse(  # noqa: PLR0917, PLR0913  a command's options
    ids: tuple[str, ...],
    account: str | None,
    since: str | None,
    until: str | None,
    limit: int,
    applies: bool,  # noqa: FBT001  a flag
    as_json: bool,  # noqa: FBT001  a flag
) -> None:
    """Read received e-mails again: those of IDS, or those that the options name.

    Without --apply nothing changes: what would differ is shown, field by field.
    """
    query = {"account_id": account, "since": since, "until": until}
    which: dict[str, Any] = {"ids": ids} if ids else {"query": query}

    def work(api: Courrier) -> dict[str, Any]:
        job = api.post("/emails:reparse", which | {"limit": limit, "apply": applies})
        done = api.wait_for(job["id"], seen=_progress)
        if done["state"] != "done":
            raise click.ClickException(f"the job {done['id']} ended as {done['state']}")
        return dict(done["result"])

    result = asking(work)
    click.echo(json.dumps(result)) if as_json else _tell(result)


def _progress(job: dict[str, Any]) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{job['done']} read", nl=False, err=True)


def _tell(result: dict[str, Any]) -> None:
    verb = "would change" if result["is_dry_run"] else "changed"
    missing = f", {result['missing']} not stored any more" if result["missing"] else ""
    click.echo(f"{result['read']} read, {result['differing']} {verb}{missing}")
    for field, count in sorted(result["fields"].items()):
        click.echo(f"  {field}: {count}")
    for one in result["differences"][:20]:
        click.echo(one["email_id"])
        for each in one["fields"]:
            click.echo(f"  {each['field']}: {each['before']} -> {each['now']}")

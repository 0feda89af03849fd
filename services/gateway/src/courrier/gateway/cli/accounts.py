"""``courrier account``: mailboxes from a shell."""

import json
import sys
from dataclasses import replace
from datetime import date, datetime
from urllib.parse import SplitResult, urlsplit

import click

from courrier.events.families.settings import Tls
from courrier.gateway.domain.user import UserMissing
from courrier.gateway.handlers.email_accounts import NewAccount, NewServer, add_account
from courrier.gateway.handlers.people import user_id_by_login
from courrier.gateway.projections import email_accounts

from .beside import Beside, cause, run

PORTS = {"imaps": 993, "imap": 143, "smtps": 465, "smtp": 587}


@click.group()
def account() -> None:
    """E-mail accounts: which mailboxes are fetched and written from."""


@account.command("add")
@click.argument("address")
@click.option("--user", "login", required=True, help="Login of the owner.")
@click.option("--name", help="What people see; the address unless given.")
@click.option("--imap", required=True, help="imaps://user@host:993, or imap:// for STARTTLS.")
@click.option("--smtp", help="smtps://user@host:465, or smtp:// for STARTTLS.")
@click.option("--folder", "folders", multiple=True, default=("INBOX",), show_default=True)
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Nothing older is fetched.")
@click.option("--password-stdin", "from_stdin", is_flag=True, help="Read the password there.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def create_account(  # noqa: PLR0913, PLR0917  one argument an option
    address: str,
    login: str,
    name: str | None,
    imap: str,
    smtp: str | None,
    folders: tuple[str, ...],
    since: datetime | None,
    from_stdin: bool,  # noqa: FBT001  a flag
    as_json: bool,  # noqa: FBT001  a flag
) -> None:
    """Fetch a mailbox; one password serves for IMAP and SMTP."""
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = click.prompt("Password", hide_input=True)
    this = cause()
    new = NewAccount(
        account_id=this.command_id.hex,
        owner_id="",
        name=name or address,
        address=address,
        imap=_server(imap, address, password),
        smtp=_server(smtp, address, password) if smtp else None,
        monitored_folders=folders,
        fetch_since=_day(since),
    )

    async def work(beside: Beside) -> None:
        store = beside.parts.store
        owner_id = await user_id_by_login(store, login)
        if owner_id is None:
            raise UserMissing(f"no user has the login {login!r}")
        theirs = replace(new, owner_id=owner_id)
        written = await add_account(store, beside.parts.vault, theirs, this)
        await beside.visible(written.position)

    run(work)
    click.echo(json.dumps({"id": new.account_id}) if as_json else new.account_id)


@account.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def list_accounts(as_json: bool) -> None:  # noqa: FBT001  a flag
    """All accounts and how fetching goes."""

    async def work(beside: Beside) -> list[dict[str, object]]:
        rows = await email_accounts.accounts_of(beside.pool, None)
        return [
            {"id": row.id, "address": row.address, "state": row.state, "failure": row.failure}
            for row in rows
        ]

    rows = run(work)
    if as_json:
        click.echo(json.dumps({"items": rows}, default=str))
        return
    for row in rows:
        click.echo(f"{row['id']}  {row['state']:8}  {row['address']}")


def _server(text: str, address: str, password: str) -> NewServer:
    url = urlsplit(text)
    if url.scheme not in PORTS or not url.hostname:
        raise click.UsageError(f"{text!r} is no address like imaps://user@host:993")
    return NewServer(
        host=url.hostname,
        port=_port(url, text) or PORTS[url.scheme],
        tls=_tls(url),
        user=url.username or address,
        password=password,
    )


def _tls(url: SplitResult) -> Tls:
    return "implicit" if url.scheme.endswith("s") else "starttls"


def _port(url: SplitResult, text: str) -> int | None:
    try:
        return url.port
    except ValueError:
        raise click.UsageError(f"{text!r} names no valid port") from None


def _day(since: datetime | None) -> date | None:
    return since.date() if since else None

"""``courrier account``: mailboxes from a shell."""

import json
import sys
from datetime import datetime
from urllib.parse import SplitResult, quote, urlsplit

import click

from courrier.gateway.client.courrier import Courrier

from .importing import holder_of
from .over_http import asking

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
    password = _password(from_stdin=from_stdin)
    body = {
        "name": name or address,
        "address": address,
        "imap": _server(imap, address, password),
        "smtp": _server(smtp, address, password) if smtp else None,
        "monitored_folders": list(folders),
        "fetch_since": since.date().isoformat() if since else None,
    }

    def work(api: Courrier) -> str:
        made = api.post("/email-accounts", body | {"owner_id": holder_of(api, login)})
        return str(made["id"])

    account_id = asking(work)
    click.echo(json.dumps({"id": account_id}) if as_json else account_id)


@account.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def list_accounts(as_json: bool) -> None:  # noqa: FBT001  a flag
    """All accounts and how fetching goes."""
    rows = asking(lambda api: list(api.email_accounts()))
    if as_json:
        click.echo(json.dumps({"items": rows}))
        return
    for row in rows:
        click.echo(f"{row['id']}  {row['state']:12}  {row['address']}")


@account.command("test")
@click.argument("target", metavar="ACCOUNT_ID|imaps://user@host:993")
@click.option("--password-stdin", "from_stdin", is_flag=True, help="Read the password there.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def try_account(
    target: str,
    from_stdin: bool,  # noqa: FBT001  a flag
    as_json: bool,  # noqa: FBT001  a flag
) -> None:
    """Whether a mailbox can be read, saved or not yet; what is wrong in plain words, exit 1."""
    if "://" in target:
        server = _server(target, "", _password(from_stdin=from_stdin))
        found = asking(lambda api: api.post("/email-accounts:test", {"imap": server}))
    else:
        found = asking(lambda api: api.post(_path(target, ":test"), {}))
    click.echo(json.dumps(found) if as_json else found["text"])
    if not found["ok"]:
        raise SystemExit(1)


@account.command("status")
@click.argument("account_id")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def show_status(account_id: str, as_json: bool) -> None:  # noqa: FBT001  a flag
    """How fetching one account goes, and what is wrong."""
    found = asking(lambda api: api.get(_path(account_id, "/status")))
    if as_json:
        click.echo(json.dumps(found))
        return
    failure = (found["failure"] or {}).get("text", "")
    click.echo(f"{found['state']}  {failure}".rstrip())
    for line in filter(None, (found["text"], found["why"], found["to_do"], found["warning"])):
        click.echo(line)
    for each in found["folders"]:
        under_way = f"  ({each['done']} of {each['total']})" if each["total"] else ""
        click.echo(f"{each['received']:8}  {each['folder']}{under_way}")


def _order(verb: str, about: str) -> click.Command:
    """Return the command that gives an account this order."""

    @click.argument("account_id")
    @click.option("--json", "as_json", is_flag=True, help="One JSON object.")
    def give(account_id: str, as_json: bool) -> None:  # noqa: FBT001  a flag
        asking(lambda api: api.post(_path(account_id, f":{verb}")))
        if as_json:
            click.echo(json.dumps({"id": account_id}))

    return click.command(verb, help=about)(give)


account.add_command(_order("pause", "Fetch nothing until it is resumed."))
account.add_command(_order("resume", "Fetch again."))
account.add_command(_order("fetch", "Look for new mail now."))


def _path(account_id: str, what: str) -> str:
    return f"/email-accounts/{quote(account_id, safe='')}{what}"


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(click.prompt("Password", hide_input=True))


def _server(text: str, address: str, password: str) -> dict[str, object]:
    url = urlsplit(text)
    if url.scheme not in PORTS or not url.hostname:
        raise click.UsageError(f"{text!r} is no address like imaps://user@host:993")
    return {
        "host": url.hostname,
        "port": _port(url, text) or PORTS[url.scheme],
        "tls": "implicit" if url.scheme.endswith("s") else "starttls",
        "user": url.username or address,
        "password": password,
    }


def _port(url: SplitResult, text: str) -> int | None:
    try:
        return url.port
    except ValueError:
        raise click.UsageError(f"{text!r} names no valid port") from None

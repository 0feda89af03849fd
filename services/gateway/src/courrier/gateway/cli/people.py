"""``courrier user`` and ``courrier token``: let people in from a shell."""

import json
import sys
from datetime import UTC, datetime, timedelta

import click

from courrier.gateway.domain.tokens import SCOPES
from courrier.gateway.domain.user import UserMissing
from courrier.gateway.handlers.people import (
    NewToken,
    NewUser,
    TokenIssued,
    add_user,
    issue_token,
    user_id_by_login,
)

from .beside import Beside, cause, run


@click.group()
def token() -> None:
    """API tokens."""


@token.command("create")
@click.option("--user", "login", required=True, help="Login of the token's owner.")
@click.option("--name", default="courrier token create", show_default=True)
@click.option("--scope", "scopes", multiple=True, type=click.Choice(SCOPES))
@click.option("--days", type=click.IntRange(1, 3650), help="Good for so many days; else for good.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def create_token(
    login: str,
    name: str,
    scopes: tuple[str, ...],
    days: int | None,
    as_json: bool,  # noqa: FBT001  a flag
) -> None:
    """Issue a token and print it, once."""

    async def work(beside: Beside) -> TokenIssued:
        user_id = await user_id_by_login(beside.parts.store, login)
        if user_id is None:
            raise UserMissing(f"no user has the login {login!r}")
        expiry = datetime.now(UTC) + timedelta(days=days) if days else None
        order = NewToken(name=name, scopes=scopes, expires_at=expiry)
        issued = await issue_token(beside.registry, user_id, order, cause())
        if not await beside.visible(issued.position):
            click.echo("The token works as soon as the gateway runs.", err=True)
        return issued

    issued = run(work)
    shown = {"token": issued.text, "id": issued.token_id}
    click.echo(json.dumps(shown) if as_json else issued.text)


@click.group()
def user() -> None:
    """People who may use Courrier."""


@user.command("add")
@click.argument("login")
@click.option("--name", help="Full name; the login unless given.")
@click.option("--email", "addresses", multiple=True, help="An address they may send from.")
@click.option("--admin", "is_admin", is_flag=True, help="May do everything.")
@click.option("--language", type=click.Choice(["en", "fr"]), default="en", show_default=True)
@click.option("--password-stdin", "from_stdin", is_flag=True, help="Read the password there.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def create_user(  # noqa: PLR0913, PLR0917  one argument an option
    login: str,
    name: str | None,
    addresses: tuple[str, ...],
    is_admin: bool,  # noqa: FBT001  a flag
    language: str,
    from_stdin: bool,  # noqa: FBT001  a flag
    as_json: bool,  # noqa: FBT001  a flag
) -> None:
    """Let somebody in; the password is asked for, or read from standard input."""
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    new = NewUser(
        login=login,
        name=name or login,
        email_addresses=addresses,
        is_admin=is_admin,
        language=language,
        password=password,
    )

    async def work(beside: Beside) -> str:
        user_id, written = await add_user(beside.registry, new, cause())
        await beside.visible(written.position)
        return user_id

    user_id = run(work)
    click.echo(json.dumps({"id": user_id, "login": login}) if as_json else user_id)

"""A command that asks the gateway over HTTP, as any program does.

Where: ``COURRIER_URL``, else the gateway of this machine. As whom: ``COURRIER_TOKEN``; beside a
running system a token of the administrator is issued once and kept in ``cli.token``, a file that
lies with the settings, readable by their owner only.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from courrier.events.runtime.settings import environment_file
from courrier.gateway.client.courrier import Courrier
from courrier.gateway.client.problems import ApiProblem, Unreachable
from courrier.gateway.domain.user import user_id_of
from courrier.gateway.handlers.people import NewToken, issue_token
from courrier.gateway.settings import USER, GatewaySettings, gateway_settings

from .beside import Beside, cause, run

TOKEN_FILE = "cli.token"  # noqa: S105  a file's name
LOCAL = ("0.0.0.0", "::")  # noqa: S104  what it listens on, asked for by the loopback address

T = TypeVar("T")


def asking(work: Callable[[Courrier], T]) -> T:
    """Do something with the API; what goes wrong becomes one clear line."""
    settings = gateway_settings()
    try:
        return _with(settings, _token(settings), work)
    except ApiProblem as problem:
        if problem.status != 401 or settings.token:
            raise click.ClickException(str(problem)) from problem
    except Unreachable as error:
        text = f"{error}. Does the gateway run? (courrier status; or set COURRIER_URL)"
        raise click.ClickException(text) from error
    try:
        return _with(settings, _new_token(settings), work)
    except ApiProblem as problem:
        raise click.ClickException(str(problem)) from problem


def _with(settings: GatewaySettings, token: str, work: Callable[[Courrier], T]) -> T:
    host = "127.0.0.1" if settings.gateway_host in LOCAL else settings.gateway_host
    with Courrier(settings.url or f"http://{host}:{settings.gateway_port}", token) as api:
        return work(api)


def _token(settings: GatewaySettings) -> str:
    if settings.token:
        return settings.token.get_secret_value()
    kept = _file()
    return kept.read_text().strip() if kept.is_file() else _new_token(settings)


def _new_token(settings: GatewaySettings) -> str:
    login = settings.gateway_admin_login
    if login is None:
        text = "set COURRIER_TOKEN (courrier token create --user LOGIN) to say who asks"
        raise click.ClickException(text)

    async def work(beside: Beside) -> str:
        order = NewToken(name="courrier command line")
        issued = await issue_token(beside.registry, user_id_of(login), order, cause())
        await beside.visible(issued.position)
        return issued.text

    text = run(work)
    descriptor = os.open(_file(), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    return text


def _file() -> Path:
    settings = environment_file(USER)
    if settings is None:
        text = "no system runs here (courrier up); for another set COURRIER_URL and COURRIER_TOKEN"
        raise click.ClickException(text)
    return settings.parent / TOKEN_FILE

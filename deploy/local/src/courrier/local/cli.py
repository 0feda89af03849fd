"""``courrier up``, ``courrier status`` and ``courrier stop``.

``COURRIER_PORT`` and ``COURRIER_DATA_DIR`` choose the system; several run side by side.
"""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from .data_directory import DataDirectory
from .refusal import Refused

if TYPE_CHECKING:
    from .screen import ScreenView

HIGHEST_PORT = 65535


class LocalSettings(BaseSettings):
    """Which system; a relative ``data_dir`` is relative to where the command is called."""

    model_config = SettingsConfigDict(env_prefix="COURRIER_", frozen=True, extra="ignore")

    port: int = Field(default=8000, ge=1, le=HIGHEST_PORT)
    data_dir: Path = Path(".courrier")

    @property
    def directory(self) -> DataDirectory:
        """The data directory by its absolute path."""
        return DataDirectory(self.data_dir.expanduser().absolute())


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One line of JSON when everything is ready.")
@click.option("--demo/--no-demo", default=True, help="A demo mail server with a filled mailbox.")
def up(as_json: bool, demo: bool) -> None:  # noqa: FBT001 - command-line flags
    """Run the whole system on this machine, in the foreground."""
    from .system import Options, run  # noqa: PLC0415 - status and stop answer faster without
    from .view import JsonView, View  # noqa: PLC0415 - the same

    settings = _settings()
    view: View = JsonView() if as_json else _screen()
    options = Options(port=settings.port, data_dir=settings.directory.root, demo=demo)
    try:
        run(options, view)
    except Refused as error:
        _fail(str(error))


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One object, on one line.")
def status(as_json: bool) -> None:  # noqa: FBT001 - a command-line flag
    """Show what runs; exit code 1 where nothing does."""
    from .control import look  # noqa: PLC0415 - usage errors answer faster without

    directory = _settings().directory
    seen = look(directory)
    if as_json:
        click.echo(json.dumps(seen.as_json()))
    elif seen.status is not None and seen.status.summary is not None and seen.running:
        from rich.console import Console  # noqa: PLC0415 - only people need it

        from .screen import screen  # noqa: PLC0415 - the same

        Console(highlight=False).print(screen(seen.status.summary, seen.states))
    else:
        click.echo(f"Courrier is {'starting' if seen.running else 'not running'}: {directory.root}")
    sys.exit(0 if seen.running else 1)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One object, on one line.")
def stop(as_json: bool) -> None:  # noqa: FBT001 - a command-line flag
    """Stop the system and wait until it has stopped."""
    from .control import ask_to_stop  # noqa: PLC0415 - usage errors answer faster without

    directory = _settings().directory
    try:
        stopped = ask_to_stop(directory)
    except Refused as error:
        _fail(str(error))
    if as_json:
        click.echo(json.dumps({"stopped": stopped}))
    else:
        click.echo("Courrier has stopped." if stopped else f"Nothing ran in {directory.root}.")


def _settings() -> LocalSettings:
    try:
        return LocalSettings()
    except ValueError:
        _fail(f"COURRIER_PORT must be a number from 1 to {HIGHEST_PORT}")


def _screen() -> "ScreenView":
    from .screen import ScreenView  # noqa: PLC0415 - only people need it

    return ScreenView()


def _fail(line: str) -> NoReturn:
    click.echo(f"courrier: {line}", err=True)
    sys.exit(1)

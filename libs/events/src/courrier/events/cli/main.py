"""The ``courrier`` command finds its sub-commands in the entry-point group ``courrier.commands``.

An image that holds one service has that service's sub-command and no other. A sub-command's
module is imported only when it is asked for, so that ``courrier status`` answers at once.
"""

from importlib.metadata import EntryPoint, entry_points

import click
from typing_extensions import override


class InstalledCommands(click.Group):
    """The sub-commands of whatever members are installed beside this one."""

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, sorted."""
        return sorted(_installed())

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one sub-command, or None where no installed member has it."""
        point = _installed().get(cmd_name)
        return point.load() if point else None


def _installed() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group="courrier.commands")}


@click.group(cls=InstalledCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="courrier-events", prog_name="courrier")
def main() -> None:
    """Courrier: e-mail for a CRM. Every sub-command has its own --help."""

"""The status screen: where to go, who to be, where the data are, how to stop, what runs."""

from rich.console import Console
from rich.panel import Panel
from rich.status import Status
from rich.table import Table
from rich.text import Text

from .ports import HOST
from .view import Summary

COLOURS = {"ready": "green", "starting": "yellow", "waiting to restart": "red", "stopped": "red"}


class ScreenView:
    """For a person: a spinner while waiting, then the screen, then one line per incident."""

    def __init__(self) -> None:
        """Write to standard output."""
        self._console = Console(highlight=False)
        self._spinner: Status | None = None

    def waiting(self, what: str) -> None:
        """Show what is being waited for; without a terminal, as a line."""
        if not self._console.is_terminal:
            self._console.print(f"Waiting for {what} …")
        elif self._spinner is None:
            self._spinner = self._console.status(f"Waiting for {what} …")
            self._spinner.start()
        else:
            self._spinner.update(f"Waiting for {what} …")

    def notice(self, text: str) -> None:
        """Print it on a line of its own."""
        self._console.print(Text(text))

    def ready(self, summary: Summary, parts: dict[str, str]) -> None:
        """Print the screen."""
        self.rest()
        self._console.print(screen(summary, parts))

    def rest(self) -> None:
        """End the spinner, if there is one."""
        if self._spinner is not None:
            self._spinner.stop()
            self._spinner = None


def screen(summary: Summary, parts: dict[str, str]) -> Panel:
    """Return the status screen."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row("Open", Text(summary.url, style="bold cyan"))
    grid.add_row("Log in as", Text(f"{summary.admin_login}  password {summary.admin_password}"))
    for label, text in _demo_rows(summary):
        grid.add_row(label, Text(text))
    grid.add_row("Data", Text(summary.data_dir))
    grid.add_row("Logs", Text(summary.logs))
    grid.add_row("Stop", "Ctrl-C here, or courrier stop; the next courrier up continues")
    grid.add_row("Parts", _states(parts))
    return Panel(grid, title="Courrier is running", border_style="green", expand=False)


def _demo_rows(summary: Summary) -> list[tuple[str, str]]:
    if summary.demo is None:
        return []
    demo = summary.demo
    ports = f"IMAP {HOST}:{demo.imap_port}, SMTP {HOST}:{demo.smtp_port} (TLS)"
    return [
        ("Demo mailbox", f"{demo.address}  password {demo.password}"),
        ("Demo server", f"{ports}; every customer there has the same password"),
    ]


def _states(parts: dict[str, str]) -> Text:
    text = Text()
    for name, state in parts.items():
        text.append(f"{name} ")
        text.append(f"{state}  ", style=COLOURS.get(state, ""))
    return text

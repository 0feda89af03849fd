"""``courrier bench NAME``: prints figures, never judges them."""

from collections.abc import Callable

import click

from bench import accounts as accounts_bench
from bench import deciding as deciding_bench
from bench import events as events_bench
from bench import fetch as fetch_bench
from bench import ingest as ingest_bench
from bench import linking as linking_bench
from bench import parse as parse_bench
from bench import push as push_bench
from bench import send as send_bench
from bench import write as write_bench
from bench.result import Result


@click.group()
def bench() -> None:
    """Measure a part beside the limit it is compared with, in one run."""


def _print(result: Result, *, as_json: bool) -> None:
    click.echo(result.as_json() if as_json else result.as_text())


def _options(command: Callable[..., None]) -> Callable[..., None]:
    return click.option("--json", "as_json", is_flag=True, help="One JSON object, last line.")(
        command
    )


@bench.command()
@click.option("--accounts", default=2_000, show_default=True, help="Idle mailboxes to hold.")
@_options
def accounts(accounts: int, as_json: bool) -> None:  # noqa: FBT001  a command-line flag
    """One fetcher that holds idle mailboxes: memory, CPU, and from notice to event."""
    _print(accounts_bench.run(accounts), as_json=as_json)


@bench.command()
@click.option("--messages", default=50_000, show_default=True, help="Events to append in all.")
@click.option("--subjects", default=100_000, show_default=True, help="Subjects of a full log.")
@_options
def events(messages: int, subjects: int, as_json: bool) -> None:  # noqa: FBT001  a flag
    """Durable append, consume, load, projection beside COPY, append into a full log."""
    _print(events_bench.run(messages, subjects), as_json=as_json)


@bench.command()
@click.option("--messages", default=10_000, show_default=True, help="Messages in the mailbox.")
@_options
def ingest(messages: int, as_json: bool) -> None:  # noqa: FBT001  a command-line flag
    """From a mailbox on Dovecot to linked, filed, readable e-mails; beside mbsync."""
    _print(ingest_bench.run(messages), as_json=as_json)


@bench.command()
@click.option("--messages", default=10_000, show_default=True, help="Messages in the mailbox.")
@click.option("--rounds", default=3, show_default=True, help="Times in turns with the limit.")
@_options
def fetch(messages: int, rounds: int, as_json: bool) -> None:  # noqa: FBT001  a command-line flag
    """A mailbox on Dovecot over TLS: fetched, parsed, stored durably; beside mbsync."""
    _print(fetch_bench.run(messages, rounds), as_json=as_json)


@bench.command()
@click.option("--messages", default=5_000, show_default=True, help="Generated messages.")
@_options
def parse(messages: int, as_json: bool) -> None:  # noqa: FBT001  a command-line flag
    """Raw bytes to the parsed form on one core; beside the standard library and two packages."""
    _print(parse_bench.run(messages), as_json=as_json)


@bench.command()
@click.option("--messages", default=5_000, show_default=True, help="Times each writer writes it.")
@_options
def write(messages: int, as_json: bool) -> None:  # noqa: FBT001  a command-line flag
    """Values to the bytes that leave, and DKIM; beside the standard library and dkimpy."""
    _print(write_bench.run(messages), as_json=as_json)


@bench.command()
@click.option("--messages", default=100, show_default=True, help="Messages that arrive one by one.")
@_options
def push(messages: int, as_json: bool) -> None:  # noqa: FBT001  a command-line flag
    """From the server's own notice of a new message to its event on the log; beside a bare IDLE."""
    _print(push_bench.run(messages), as_json=as_json)


@bench.command()
@click.option("--messages", default=2_000, show_default=True, help="Messages, sent three times.")
@_options
def send(messages: int, as_json: bool) -> None:  # noqa: FBT001  a command-line flag
    """Orders to the SMTP server's recorded yes through the whole sender; beside aiosmtplib."""
    _print(send_bench.run(messages), as_json=as_json)


@bench.command()
@click.option("--messages", default=20_000, show_default=True, help="Messages to decide about.")
@_options
def decide(messages: int, as_json: bool) -> None:  # noqa: FBT001  a command-line flag
    """Pure decisions of the linker on one core."""
    _print(deciding_bench.run(messages), as_json=as_json)


@bench.command()
@click.option("--messages", default=10_000, show_default=True, help="Messages for each size.")
@click.option(
    "--stored",
    multiple=True,
    type=int,
    default=(10_000, 100_000, 1_000_000),
    show_default=True,
    help="E-mails, and addresses, that the index holds before; may be given several times.",
)
@_options
def link(messages: int, stored: tuple[int, ...], as_json: bool) -> None:  # noqa: FBT001  a flag
    """The whole linker with broker and database, over indexes of several sizes."""
    _print(linking_bench.run(messages, tuple(sorted(stored))), as_json=as_json)

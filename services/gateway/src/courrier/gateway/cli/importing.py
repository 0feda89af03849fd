"""``courrier import``: messages from files, mbox files and Maildirs, through the front door."""

import json
import mailbox
import sys
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import click

from courrier.gateway.client.courrier import Courrier
from courrier.gateway.client.problems import ApiProblem

from .over_http import asking

OUTCOMES = {201: "imported", 200: "known", 202: "under way"}
MBOX = b"From "


@click.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--folder", help="Folder they come into; the inbox unless given.")
@click.option("--user", "login", help="Login of whom they are for; an administrator may choose.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def import_(paths: tuple[Path, ...], folder: str | None, login: str | None, as_json: bool) -> None:  # noqa: FBT001  a flag
    """Archive the messages in PATHS: files, mbox files, Maildirs, and directories of these.

    Begun again it goes on: what is held already is left as it is.
    """
    counts: Counter[str] = Counter()
    failures: list[dict[str, str]] = []

    def work(api: Courrier) -> None:
        holder = holder_of(api, login)
        found = list(messages_in(paths))
        with click.progressbar(found, label="Importing", file=sys.stderr) as bar:
            for name, raw in bar:
                try:
                    key = sha256(f"{holder}\x1f{folder}\x1f".encode() + raw).hexdigest()
                    status, _ = api.import_message(raw, folder=folder, holder=holder, key=key)
                    counts[OUTCOMES.get(status, "imported")] += 1
                except ApiProblem as problem:
                    counts["failed"] += 1
                    failures.append({"message": name, "detail": str(problem)})

    asking(work)
    _tell(counts, failures, as_json=as_json)
    if failures:
        raise click.exceptions.Exit(1)


def holder_of(api: Courrier, login: str | None) -> str | None:
    """Return the id of the user with this login; None for the caller."""
    if login is None:
        return None
    found = next((each for each in api.users() if each["login"] == login.casefold()), None)
    if found is None:
        raise click.ClickException(f"no user has the login {login!r}")
    return str(found["id"])


def messages_in(paths: tuple[Path, ...]) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the bytes of each message, in the order of the file names."""
    for path in paths:
        if path.is_dir():
            files = sorted(each for each in path.rglob("*") if each.is_file())
            yield from messages_in(tuple(each for each in files if not each.name.startswith(".")))
        elif _starts_with(path, MBOX):
            box = mailbox.mbox(path, create=False)
            yield from ((f"{path}#{key}", box.get_bytes(key)) for key in box.iterkeys())
        else:
            yield str(path), path.read_bytes()


def _starts_with(path: Path, start: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(start)) == start


def _tell(counts: Counter[str], failures: list[dict[str, str]], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({**counts, "failures": failures}))
        return
    told = ", ".join(f"{count} {name}" for name, count in counts.items())
    click.echo(told or "no message was found")
    for each in failures[:20]:
        click.echo(f"{each['message']}: {each['detail']}", err=True)

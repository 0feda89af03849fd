"""A mailbox of many messages, and how fast others read it: what mail benches are compared with."""

import shutil
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

from support.imap_accounts import ImapAccount

FETCH = 200

MBSYNC = """
IMAPAccount bench
Host {host}
Port {port}
User {user}
Pass {password}
SSLType IMAPS
CertificateFile {certificate}

IMAPStore server
Account bench

MaildirStore local
Path {target}/
Inbox {target}/inbox

Channel bench
Far :server:
Near :local:
Patterns INBOX
Create Near
SyncState *
"""


def fill(maildir: Path, mail: Iterable[bytes]) -> None:
    """Write the mailbox as files: the server numbers them by name when it first looks."""
    for name in ("cur", "new", "tmp"):
        (maildir / name).mkdir(parents=True)
    for number, message in enumerate(mail):
        (maildir / "cur" / f"{number:08d}.bench:2,").write_bytes(message)


def mbsync_s(folder: Path, account: ImapAccount, certificate: Path) -> float:
    """Return the seconds that ``mbsync`` takes, with its defaults, for INBOX into a Maildir."""
    # The server's own certificate: mbsync 1.4 does not match IP addresses with an authority's.
    program = shutil.which("mbsync")
    if program is None:
        raise FileNotFoundError("mbsync is not installed: make test-packages (root, apt)")
    target = folder / "mbsync"
    target.mkdir()
    configuration = folder / "mbsyncrc"
    values = {"host": account.host, "port": account.port, "user": account.user}
    text = MBSYNC.format(
        **values, password=account.password, certificate=certificate, target=target
    )
    configuration.write_text(text)
    started = time.perf_counter()
    subprocess.run([program, "-q", "-c", str(configuration), "bench"], check=True)
    return time.perf_counter() - started


def imaplib_s(account: ImapAccount) -> float:
    """Return the seconds of a bare loop that throws the bytes away."""
    started = time.perf_counter()
    with account.log_in() as connection:
        connection.select("INBOX", readonly=True)
        _, [found] = connection.uid("SEARCH", "ALL")
        uids = found.split()
        for start in range(0, len(uids), FETCH):
            wanted = b",".join(uids[start : start + FETCH]).decode()
            connection.uid("FETCH", wanted, "(UID FLAGS INTERNALDATE BODY.PEEK[])")
    return time.perf_counter() - started

"""Cyrus as one unprivileged process family on loopback: the second real IMAP server of the tests.

It differs from Dovecot where servers differ: SPECIAL-USE in lower case, MODSEQ from another count,
VANISHED by its own rules, an expunge by MOVE. Any user name logs in with the one password, which
a thread of the test checks in place of Cyrus's own ``saslauthd``.
"""

import contextlib
import grp
import os
import pwd
import shutil
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from string import Template

from courrier.local import ports
from courrier.local.launch import Launch, Running, base_environment
from courrier.local.unprivileged import has_own_leash, prefix_for
from support.certificates import Certificates
from support.imap_accounts import ImapServer

PROGRAMS = Path("/usr/lib/cyrus/bin")
PASSWORD = "cyrus-password"
READY_TIMEOUT_S = 15.0
FORM = Path(__file__).with_name("cyrus.conf.template")
IMAPD_FORM = Path(__file__).with_name("cyrus-imapd.conf.template")


class CyrusMissing(RuntimeError):
    """Cyrus is not on this machine; the message says how to get it."""


@contextmanager
def start_cyrus(directory: Path, certificates: Certificates) -> Iterator[ImapServer]:
    """Run Cyrus on ``directory`` until the block ends.

    Raises:
        CyrusMissing: it is not installed.
    """
    master = find_cyrus()
    imap_port, imaps_port = ports.free_port(), ports.free_port()
    for name in ("config", "spool", "sieve", "run"):
        (directory / name).mkdir(parents=True)
    prefix = prefix_for(directory, certificates.key_file)
    user = pwd.getpwnam("nobody") if prefix else pwd.getpwuid(os.geteuid())
    values = {
        "directory": directory,
        "listen": ports.HOST,
        "imap_port": imap_port,
        "imaps_port": imaps_port,
        "imapd": PROGRAMS / "imapd",
        "idled": PROGRAMS / "idled",
        "user": user.pw_name,
        "group": grp.getgrgid(user.pw_gid).gr_name,
        "cert_file": certificates.cert_file,
        "key_file": certificates.key_file,
    }
    (directory / "cyrus.conf").write_text(_filled(FORM, values))
    (directory / "imapd.conf").write_text(_filled(IMAPD_FORM, values))
    launch = Launch(
        name="cyrus",
        argv=(
            master,
            *("-C", str(directory / "imapd.conf")),
            *("-M", str(directory / "cyrus.conf")),
            *("-p", str(directory / "run" / "master.pid")),
        ),
        prefix=prefix,
        leashed=not has_own_leash(prefix),
        log=directory / "cyrus.log",
        env=base_environment(),
    )
    with _passwords(directory / "run" / "passwords"), Running(launch) as running:
        running.wait_until(lambda: ports.accepts(imaps_port), READY_TIMEOUT_S)
        yield ImapServer(ports.HOST, imaps_port, imap_port, PASSWORD, certificates.ca_file)


def find_cyrus() -> str:
    """Return Cyrus's master program.

    Raises:
        CyrusMissing: there is none.
    """
    found = shutil.which("master", path=str(PROGRAMS))
    if found is None:
        raise CyrusMissing(
            "Cyrus is not installed, and these tests need it: make test-packages-long (root, apt) "
            "installs cyrus-imapd"
        )
    return found


def _filled(form: Path, values: dict[str, object]) -> str:
    return Template(form.read_text()).substitute({name: str(one) for name, one in values.items()})


@contextmanager
def _passwords(path: Path) -> Iterator[None]:
    """Answer who may log in: counted strings in, one counted string out, as saslauthd does."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        path.chmod(0o777)
        listening.listen(64)
        thread = threading.Thread(target=_answer_all, args=(listening,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join(timeout=READY_TIMEOUT_S)


def _answer_all(listening: socket.socket) -> None:
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:  # the server is being stopped
            return
        with connection, contextlib.suppress(OSError):
            _, password, *_ = [_counted(connection) for _ in range(4)]
            verdict = b"OK" if password == PASSWORD.encode() else b"NO"
            connection.sendall(struct.pack("!H", len(verdict)) + verdict)


def _counted(connection: socket.socket) -> bytes:
    (size,) = struct.unpack("!H", connection.recv(2, socket.MSG_WAITALL))
    return connection.recv(size, socket.MSG_WAITALL) if size else b""

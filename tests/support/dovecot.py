"""Dovecot as one unprivileged process family on loopback: the IMAP server of most tests.

Any user name logs in with the one password and gets an empty mailbox. Started as root it runs in
a user namespace, so that it needs neither its own users nor files outside its directory.
"""

import grp
import os
import pwd
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from string import Template

from courrier.local import ports
from courrier.local.launch import Launch, Running, base_environment
from courrier.local.unprivileged import has_own_leash, prefix_for
from support.certificates import Certificates
from support.imap_accounts import ImapServer

PROGRAM = "/usr/sbin/dovecot"
PASSWORD = "dovecot-password"
READY_TIMEOUT_S = 15.0
TEMPLATE = Path(__file__).with_name("dovecot.conf.template")


class DovecotMissing(RuntimeError):
    """Dovecot is not on this machine; the message says how to get it."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where to listen; keep them to come back at the same place after a stop."""

    imap: int
    imaps: int

    @classmethod
    def free(cls) -> "Ports":
        """Choose two that nobody uses."""
        return cls(ports.free_port(), ports.free_port())


@contextmanager
def start_dovecot(
    directory: Path,
    certificates: Certificates,
    listen: Ports | None = None,
    *,
    introspection_url: str | None = None,
    mechanism: str = "xoauth2",
) -> Iterator[ImapServer]:
    """Run Dovecot on ``directory`` until the block ends; the mail in it stays.

    With ``introspection_url`` it takes tokens only, by ``mechanism``, and asks there for each
    whether it is good (RFC 7662).

    Raises:
        DovecotMissing: it is not installed.
    """
    program = find_dovecot()
    listen = listen or Ports.free()
    directory.mkdir(parents=True, exist_ok=True)
    prefix = prefix_for(directory, certificates.key_file)
    user = pwd.getpwnam("nobody") if prefix else pwd.getpwuid(os.geteuid())
    configuration = directory / "dovecot.conf"
    configuration.write_text(
        configuration_text(
            directory=directory,
            cert_file=certificates.cert_file,
            key_file=certificates.key_file,
            listen=ports.HOST,
            imap_port=listen.imap,
            imaps_port=listen.imaps,
            user=user.pw_name,
            group=grp.getgrgid(user.pw_gid).gr_name,
            uid=user.pw_uid,
            gid=user.pw_gid,
        )
    )
    if introspection_url is not None:
        _take_tokens(configuration, introspection_url, mechanism)
    launch = Launch(
        name="dovecot",
        argv=(program, "-F", "-c", str(configuration)),
        prefix=prefix,
        leashed=not has_own_leash(prefix),
        log=directory / "dovecot.log",
        env=base_environment(),
    )
    with Running(launch) as running:
        running.wait_until(lambda: ports.accepts(listen.imaps), READY_TIMEOUT_S)
        yield ImapServer(ports.HOST, listen.imaps, listen.imap, PASSWORD, certificates.ca_file)


def _take_tokens(configuration: Path, introspection_url: str, mechanism: str) -> None:
    settings = configuration.with_name("oauth2.conf")
    settings.write_text(
        f"introspection_url = {introspection_url}\nintrospection_mode = post\n"
        "username_attribute = email\nactive_attribute = active\nactive_value = true\n"
        "force_introspection = yes\n"
    )
    text = configuration.read_text().replace(
        "auth_mechanisms = plain login", f"auth_mechanisms = {mechanism}"
    )
    text += f"passdb {{\n  driver = oauth2\n  mechanisms = {mechanism}\n  args = {settings}\n}}\n"
    configuration.write_text(text)


def find_dovecot() -> str:
    """Return Dovecot's program.

    Raises:
        DovecotMissing: there is none.
    """
    found = PROGRAM if Path(PROGRAM).exists() else shutil.which("dovecot")
    if found is None:
        raise DovecotMissing(
            "Dovecot is not installed, and these tests need it: make test-packages (root, apt) "
            "installs it; or set COURRIER_TEST_IMAP_URL, or COURRIER_TEST_DOCKER=1"
        )
    return found


def configuration_text(**values: object) -> str:
    """Return Dovecot's configuration; ``values`` are the names in the template."""
    template = Template(TEMPLATE.read_text())
    return template.substitute(
        {name: str(value) for name, value in values.items()}, password=PASSWORD
    )

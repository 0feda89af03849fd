"""The demo as seen by the system: a mail server to keep running, and records to fill in once."""

import functools
import json
import os
import sys
from pathlib import Path

from .data_directory import DataDirectory
from .launch import Launch, StartFailed, base_environment
from .one_shot import courrier, run_to_end
from .probes import accepts
from .services import ADMIN_LOGIN, Wiring
from .supervisor import Part
from .view import DemoMail

MAIL_SERVER = "demo-mail"


def prepare(directory: DataDirectory) -> Path:
    """Make the certificates and the filled mailbox if missing; return the file of trusted CAs.

    It also holds those of ``COURRIER_EXTRA_CA_FILE``, so that a real account works beside.

    Raises:
        OSError: that file cannot be read.
    """
    from .demo.certificates import ensure_certificates  # noqa: PLC0415 - costs 0.1 s
    from .demo.filling import fill_once  # noqa: PLC0415 - the same

    directory.demo.mkdir(exist_ok=True)
    fill_once(directory.demo)
    ca, chosen = ensure_certificates(directory.demo).ca, os.environ.get("COURRIER_EXTRA_CA_FILE")
    if not chosen:
        return ca
    trusted = directory.demo / "trusted.pem"
    trusted.write_bytes(ca.read_bytes() + b"\n" + Path(chosen).read_bytes())
    return trusted


def mail_server(wiring: Wiring) -> Part:
    """Return the demo's IMAP and SMTP server, one process for both."""
    launch = Launch(
        name=MAIL_SERVER,
        argv=(sys.executable, "-m", "courrier.local.demo"),
        log=wiring.directory.log_of(MAIL_SERVER),
        env=base_environment()
        | {
            "COURRIER_DEMO_DIR": str(wiring.directory.demo),
            "COURRIER_DEMO_PASSWORD": wiring.passwords.demo,
            "COURRIER_DEMO_IMAP_PORT": str(wiring.ports["demo-imap"]),
            "COURRIER_DEMO_SMTP_PORT": str(wiring.ports["demo-smtp"]),
        },
    )
    ready = functools.partial(accepts, wiring.ports["demo-smtp"])
    return Part(name=MAIL_SERVER, plan=lambda: launch, is_ready=ready)


def describe(wiring: Wiring) -> DemoMail:
    """Return how to log in to the demo's mail server."""
    from .demo.people import MAILBOX  # noqa: PLC0415 - only in demo mode

    return DemoMail(
        address=MAILBOX,
        password=wiring.passwords.demo,
        imap_port=wiring.ports["demo-imap"],
        smtp_port=wiring.ports["demo-smtp"],
        ca_file=str(wiring.extra_ca or ""),
    )


async def seed(wiring: Wiring) -> str | None:
    """Create the demo's records and account through the API; return what went wrong, if so."""
    from .demo.seeding import Front, SeedingFailed, seed_once  # noqa: PLC0415 - only in demo mode

    async def token() -> str:
        log = wiring.directory.log_of("token-create")
        command = courrier("token", "create", "--user", ADMIN_LOGIN, "--json")
        try:
            made = json.loads(await run_to_end(wiring, "gateway", command, log=log))
            return str(made["token"])
        except (StartFailed, ValueError, LookupError, TypeError) as error:
            raise SeedingFailed(str(error)) from error

    front = Front(wiring.ports["http"], token)
    return await seed_once(front, describe(wiring), wiring.directory.demo)

"""The four services as children: each gets its own user, role and master key, and nothing else."""

import functools
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from courrier.events.jetstream.permissions import ADMIN, ARCHIVER, SERVICES

from .data_directory import DataDirectory
from .launch import Launch, base_environment
from .nats_server import NatsAddress
from .passwords import Passwords
from .ports import HOST
from .postgres_roles import Target, service_urls, superuser_url
from .probes import http_ok
from .supervisor import Part

ADMIN_LOGIN = "admin"
READY_PATH = "/readyz"
ARCHIVE = "COURRIER_ARCHIVE"
COURRIER = "from courrier.events.cli.main import main; main()"
"""What a child runs for a sub-command, as ``python -c``."""
SHARED_TUNING = (
    ARCHIVE,
    "COURRIER_ARCHIVE_AGE_S",
    "COURRIER_BLOBS",
    "COURRIER_S3_ACCESS_KEY",
    "COURRIER_S3_SECRET_KEY",
    "COURRIER_EXTRA_CA_FILE",
    "COURRIER_LOG_LEVEL",
    "COURRIER_GROUPS",
)
STOP_TIMEOUT_S = 6.0
"""An SMTP dialogue under way has two seconds to finish; then its fate is recorded."""


def default_commands() -> dict[str, tuple[str, ...]]:
    """Return how each service is started."""
    return {name: (sys.executable, "-m", f"courrier.{name}") for name in SERVICES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """Where everything is; from it the environment of each child is derived.

    ``ports`` has an entry per name of ``PORT_NAMES`` and the gateway's public one as ``http``.
    ``extra_ca`` is a CA file that fetcher and sender trust besides the system's.
    """

    directory: DataDirectory
    passwords: Passwords
    ports: Mapping[str, int]
    extra_ca: Path | None = None
    commands: Mapping[str, tuple[str, ...]] = field(default_factory=default_commands)

    @property
    def nats(self) -> NatsAddress:
        """Where the broker is."""
        return NatsAddress(port=self.ports["nats"], monitor_port=self.ports["nats-monitor"])

    @property
    def database(self) -> Target:
        """Where the database is."""
        return Target(port=self.ports["postgres"], superuser_password=self.passwords.superuser)

    @property
    def url(self) -> str:
        """The front door."""
        return f"http://{HOST}:{self.ports['http']}"


PORT_NAMES = (
    "nats",
    "nats-monitor",
    "postgres",
    "demo-imap",
    "demo-smtp",
    *(f"{name}-health" for name in (*SERVICES, ARCHIVER)),
)


def service_part(wiring: Wiring, name: str) -> Part:
    """Return a service under its own user; it is ready when it says so itself."""
    port = wiring.ports["http" if name == "gateway" else f"{name}-health"]
    launch = Launch(
        name=name,
        argv=wiring.commands[name],
        log=wiring.directory.log_of(name),
        env=environment(wiring, name),
    )
    return Part(
        name=name,
        plan=lambda: launch,
        is_ready=functools.partial(http_ok, port, READY_PATH),
        stop_timeout_s=STOP_TIMEOUT_S,
    )


def archiver_part(wiring: Wiring) -> Part | None:
    """Return what keeps the log's copy outside the broker; None where no place for it is set."""
    if ARCHIVE not in os.environ:
        return None
    launch = Launch(
        name=ARCHIVER,
        argv=(sys.executable, "-c", COURRIER, "archive", "run", "--blobs"),
        log=wiring.directory.log_of(ARCHIVER),
        env=environment(wiring, ARCHIVER),
    )
    return Part(
        name=ARCHIVER,
        plan=lambda: launch,
        is_ready=functools.partial(http_ok, wiring.ports[f"{ARCHIVER}-health"], READY_PATH),
        stop_timeout_s=STOP_TIMEOUT_S,
    )


def environment(wiring: Wiring, name: str) -> dict[str, str]:
    """Return the whole environment of one service, or of the broker's administrator."""
    tuning = _tuning(name) if name in (*SERVICES, ARCHIVER) else {}
    own = (
        base_environment()
        | tuning
        | {
            # Without it, a service would look for settings beside the shell that started us.
            "COURRIER_DATA_DIR": str(wiring.directory.root),
            "COURRIER_NATS_URL": wiring.nats.url,
            "COURRIER_NATS_USER": name,
            "COURRIER_NATS_PASSWORD": wiring.passwords.nats[name],
            "COURRIER_MASTER_KEY": wiring.passwords.master_key,
            "COURRIER_LOG_FORMAT": "json",
        }
    )
    if name == ADMIN:
        own["COURRIER_DATABASE_URL"] = superuser_url(wiring.database)
    if name == ARCHIVER:
        del own["COURRIER_MASTER_KEY"]  # it copies what is sealed, and opens nothing
        own["COURRIER_HEALTH_PORT"] = str(wiring.ports[f"{ARCHIVER}-health"])
    if name in SERVICES:
        urls = service_urls(wiring.database, wiring.passwords.database)
        own["COURRIER_DATABASE_URL"] = urls[name]
        own["COURRIER_HEALTH_PORT"] = str(wiring.ports[f"{name}-health"])
    if wiring.extra_ca is not None and name in {"fetcher", "sender"}:
        own["COURRIER_EXTRA_CA_FILE"] = str(wiring.extra_ca)
    return own | (_gateway(wiring) if name == "gateway" else {})


def _tuning(name: str) -> dict[str, str]:
    """Return what whoever started us set for this service itself, as COURRIER_FETCHER_POLL_S.

    What we decide ourselves (ports, passwords, the CA file of the demo) comes after it and wins.
    """
    own = f"COURRIER_{name.upper()}_"
    return {k: v for k, v in os.environ.items() if k.startswith(own) or k in SHARED_TUNING}


def _gateway(wiring: Wiring) -> dict[str, str]:
    return {
        "COURRIER_GATEWAY_HOST": HOST,
        "COURRIER_GATEWAY_PORT": str(wiring.ports["http"]),
        "COURRIER_GATEWAY_ADMIN_LOGIN": ADMIN_LOGIN,
        "COURRIER_GATEWAY_ADMIN_PASSWORD": wiring.passwords.admin,
    }

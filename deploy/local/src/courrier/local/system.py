"""The whole system from first check to last process: what happens when, and in which order.

Up: servers, then migrations, then services and the demo's mail server together, then the demo's
records. Down: services, PostgreSQL, NATS, so that nobody writes to a server that is gone.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from courrier.events.jetstream.permissions import ARCHIVER, SERVICES

from . import demo_parts
from .data_directory import DataDirectory, claimed
from .environment_files import write_environment_files
from .files import read_object, write_json
from .infrastructure import (
    NATS,
    POSTGRES,
    create_cluster,
    nats_part,
    postgres_part,
    provision_database,
)
from .launch import StartFailed
from .leftovers import end_leftovers
from .log_files import OLD_ENOUGH_BYTES, rotate
from .migration import default_steps, migrate
from .passwords import load_or_generate
from .ports import choose, require_free
from .processes import identify
from .refusal import Refused
from .services import (
    ADMIN_LOGIN,
    PORT_NAMES,
    Wiring,
    archiver_part,
    default_commands,
    service_part,
)
from .status_file import StatusFile, read_status
from .supervisor import Kept, Supervisor
from .view import Summary, View

SERVER_TIMEOUT_S = 60.0
SERVICE_TIMEOUT_S = 60.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a person chose; tests put stand-ins for ``commands`` and ``steps``."""

    port: int
    data_dir: Path
    demo: bool = True
    commands: Mapping[str, tuple[str, ...]] = field(default_factory=default_commands)
    steps: Mapping[str, tuple[str, ...]] = field(default_factory=default_steps)


def run(options: Options, view: View) -> None:
    """Run the system until a stop signal; return once everything has stopped.

    Raises:
        Refused: it could not come up; what was started is stopped again.
    """
    with claimed(options.data_dir) as directory:
        for name in end_leftovers(read_status(directory.status)):
            view.notice(f"ended {name}, left over from a run that was killed")
        try:
            wiring = _wire(options, directory)
            write_environment_files(wiring)
        except OSError as error:
            what = error.filename or directory.root
            raise Refused(f"cannot use {what}: {error.strerror}") from error
        asyncio.run(_System(options, wiring, view).live())


def _wire(options: Options, directory: DataDirectory) -> Wiring:
    for log in directory.logs.glob("*.log"):
        rotate(log, OLD_ENOUGH_BYTES)
    require_free(options.port)
    passwords = load_or_generate(directory.secrets)
    ports = {**choose(PORT_NAMES, _remembered(directory)), "http": options.port}
    write_json(directory.ports, {**ports})
    return Wiring(
        directory=directory,
        passwords=passwords,
        ports=ports,
        extra_ca=demo_parts.prepare(directory) if options.demo else None,
        commands=options.commands,
    )


def _remembered(directory: DataDirectory) -> dict[str, int]:
    try:
        kept = read_object(directory.ports) or {}
    except ValueError:
        return {}  # other ports do as well
    return {name: port for name, port in kept.items() if isinstance(port, int)}


class _System:
    """One run; ``live`` is called once."""

    def __init__(self, options: Options, wiring: Wiring, view: View) -> None:
        me = identify(os.getpid())
        if me is None:
            raise StartFailed("this machine does not tell when a process started")
        self._options = options
        self._wiring = wiring
        self._view = view
        self._status = StatusFile(wiring.directory.status, owner=me)
        self._supervisor = Supervisor(self._changed)

    async def live(self) -> None:
        """Come up, stay, go down."""
        async with _stop_requested() as stop:
            try:
                rising = asyncio.create_task(self._rise())
                stopping = asyncio.create_task(stop.wait())
                await asyncio.wait((rising, stopping), return_when=asyncio.FIRST_COMPLETED)
                if not stop.is_set():
                    await rising
                    await stopping
                await _abandon(rising, stopping)
            finally:
                await self._fall()

    async def _rise(self) -> None:
        await self._start_servers()
        self._view.waiting("the database's roles and tables")
        await provision_database(self._wiring)
        await migrate(self._wiring, self._options.steps)
        self._view.waiting("the services")
        for name in SERVICES:
            self._supervisor.start(service_part(self._wiring, name))
        if archiver := archiver_part(self._wiring):
            self._supervisor.start(archiver)
        if self._options.demo:
            self._supervisor.start(demo_parts.mail_server(self._wiring))
        await self._supervisor.wait_ready(SERVICES, SERVICE_TIMEOUT_S)
        if self._options.demo:
            await self._fill()
        self._status.summary = self._summary()
        self._status.write()
        self._view.ready(self._status.summary, self._status.states)

    async def _start_servers(self) -> None:
        self._view.waiting("NATS and PostgreSQL")
        self._supervisor.start(nats_part(self._wiring))
        await create_cluster(self._wiring)
        self._supervisor.start(postgres_part(self._wiring))
        await self._supervisor.wait_ready((NATS, POSTGRES), SERVER_TIMEOUT_S)

    async def _fill(self) -> None:
        self._view.waiting("the demo's mailbox and records")
        await self._supervisor.wait_ready((demo_parts.MAIL_SERVER,), SERVICE_TIMEOUT_S)
        problem = await demo_parts.seed(self._wiring)
        if problem is not None:
            self._view.notice(f"the demo is not complete ({problem}); the next start tries again")

    async def _fall(self) -> None:
        await self._supervisor.stop((*SERVICES, ARCHIVER))
        await self._supervisor.stop((demo_parts.MAIL_SERVER,))
        await self._supervisor.stop((POSTGRES,))
        await self._supervisor.stop((NATS,))

    def _changed(self, kept: Kept, text: str | None) -> None:
        try:
            self._status.note(kept)
        except OSError as error:  # a full disk must not end the supervision
            self._view.notice(f"cannot write {self._wiring.directory.status}: {error.strerror}")
        if text is not None:
            self._view.notice(text)

    def _summary(self) -> Summary:
        wiring = self._wiring
        return Summary(
            url=wiring.url,
            nats_url=wiring.nats.url,
            data_dir=str(wiring.directory.root),
            logs=str(wiring.directory.logs),
            admin_login=ADMIN_LOGIN,
            admin_password=wiring.passwords.admin,
            demo=demo_parts.describe(wiring) if self._options.demo else None,
        )


@contextlib.asynccontextmanager
async def _stop_requested() -> AsyncIterator[asyncio.Event]:
    """An event that a stop signal sets; a second one changes nothing: stopping is bounded."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number in STOP_SIGNALS:
            loop.remove_signal_handler(number)


async def _abandon(*tasks: "asyncio.Task[None] | asyncio.Task[bool]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks, timeout=SERVER_TIMEOUT_S)

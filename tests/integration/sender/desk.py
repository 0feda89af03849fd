"""A sender in the test's own loop, over real NATS, PostgreSQL and SMTP, with a clock to turn.

``async with desk.delivering():`` projects and delivers as the service does, without leases.
"""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from courrier.events import subjects
from courrier.events.base import Event
from courrier.events.blobs import Blobs
from courrier.events.bus import Answer, CommandBus
from courrier.events.commands.sender import SendMessage
from courrier.events.envelope import Recorded
from courrier.events.families.configuration import SmtpAccountAdded
from courrier.events.families.settings import EmailAccountAdded, Tls
from courrier.events.identity import Identity
from courrier.events.jetstream.store import JetStreamEventStore
from courrier.events.lease import Leases
from courrier.events.postgres.pool import Pool
from courrier.events.postgres.projector import Checkpoint, Projector
from courrier.events.runtime.tls import Contexts, client_context
from courrier.events.vault import Vault
from courrier.sender.adapters.smtp import SmtpPost
from courrier.sender.adapters.smtp_session import Opener, TimeLimits
from courrier.sender.domain.turns import Limits, Turns
from courrier.sender.handlers.attempts import Attempts, Sources
from courrier.sender.handlers.letters import Letters
from courrier.sender.handlers.log_in_secrets import LogInSecrets
from courrier.sender.handlers.requests import Requests
from courrier.sender.handlers.rounds import Rounds, Work
from courrier.sender.handlers.signing import Signing
from courrier.sender.projections.accounts import ProjectedAccounts, accounts
from courrier.sender.projections.deliveries import CHECKPOINT, deliveries
from courrier.sender.projections.holds import holds
from courrier.sender.projections.queue import ProjectedQueue
from support.builders import ACCOUNT, EMAIL, example, new_event
from support.configured import SMTP
from support.silent_bus import SilentBus
from support.smtp_sink import SmtpSink
from unit.sender.orders import order

SHORT = TimeLimits(reply_s=5.0, data_s=5.0, block_s=5.0, final_s=5.0)
STATE = "SELECT state FROM sender.deliveries WHERE email_id = $1"


def _server(sink: SmtpSink, secret: str, tls: Tls = "starttls") -> dict[str, object]:
    where = {"host": sink.host, "port": sink.port, "tls": tls}
    return where | {"user": sink.user, "secret": secret}


@dataclasses.dataclass(slots=True)
class Clock:
    """A time that stands still until it is turned."""

    now: datetime = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the present."""
        return self.now

    def turn(self, by: timedelta) -> None:
        """Let this much time pass."""
        self.now += by


@dataclasses.dataclass(frozen=True, slots=True)
class Desk:
    """Everything a test of the sender needs, connected."""

    store: JetStreamEventStore
    blobs: Blobs
    vault: Vault
    leases: Leases
    identity: Identity
    pool: Pool
    ca_file: Path | None
    clock: Clock
    bus: CommandBus = dataclasses.field(default_factory=SilentBus)
    selectors: dict[str, list[str]] = dataclasses.field(default_factory=dict)

    async def add_account(
        self, sink: SmtpSink, *, tls: Tls = "starttls", password: str | None = None
    ) -> None:
        """Grace may send through this server; its password is in the vault."""
        name = f"account.{ACCOUNT}.smtp"
        await self.vault.put(name, (password or sink.password).encode())
        added = example(EmailAccountAdded, smtp=_server(sink, name, tls))
        await self.store.append([new_event(added, expected=0)])

    async def add_smtp_account(self, sink: SmtpSink) -> SmtpAccountAdded:
        """Everybody's mail may leave by this server as crm@example.test."""
        name = f"smtp.{SMTP}.smtp"
        await self.vault.put(name, sink.password.encode())
        fields = example(SmtpAccountAdded).fields.model_dump() | {"smtp": _server(sink, name)}
        added = example(SmtpAccountAdded, fields=fields)
        await self.store.append([new_event(added, expected=0)])
        return added

    async def send(self, wanted: SendMessage | None = None) -> Answer:
        """Give the order to send, as the command server would."""
        known = ProjectedAccounts(self.pool, self.store)
        requests = Requests(
            self.store, self.blobs, accounts=known, identity=self.identity, clock=self.clock
        )
        return await requests.send(wanted or order())

    def work(self, store: JetStreamEventStore | None = None) -> Work:
        """Return what one more sender process works with."""
        log = store or self.store
        secrets = LogInSecrets(self.vault, self.bus, self.clock)
        known = ProjectedAccounts(self.pool, log)
        signing = Signing(self.vault, self.selectors, self.clock)
        letters = Letters(self.blobs, self.vault, known, secrets, signing)
        opener = Opener(Contexts(client_context(self.ca_file)), "courrier.example.test", SHORT)
        post = SmtpPost(opener, SHORT)
        attempts = Attempts(Sources(log, letters, post), self.clock)
        return Work(ProjectedQueue(self.pool), attempts, post)

    def rounds(self, store: JetStreamEventStore | None = None) -> Rounds:
        """Return the rounds of one more sender process; its ``run`` is up to the caller."""
        return Rounds(self.work(store), Turns(Limits()), clock=self.clock, stop_grace_s=5.0)

    @asynccontextmanager
    async def delivering(
        self, *, senders: int = 1, store: JetStreamEventStore | None = None
    ) -> AsyncIterator[Rounds]:
        """Project and deliver while the body runs; yield the first sender's rounds."""
        all_rounds = [self.rounds(store) for _ in range(senders)]
        async with self.projecting(*all_rounds):
            tasks = [asyncio.create_task(each.run(self.store)) for each in all_rounds]
            try:
                yield all_rounds[0]
            finally:
                for task in tasks:
                    task.cancel()
                for each in all_rounds:
                    await each.stop()

    @asynccontextmanager
    async def projecting(self, *listening: Rounds) -> AsyncIterator[None]:
        """Keep the rows in step while the body runs."""

        async def tell(batch: list[Recorded[Event]]) -> None:
            for each in listening:
                await each.noted(batch)

        outbound = Projector(self.pool, CHECKPOINT, [deliveries, holds], tell)
        settings = Projector(self.pool, Checkpoint("sender", "accounts", "SETTINGS"), [accounts])
        tasks = [
            asyncio.create_task(each.run(self.store, self.leases)) for each in (outbound, settings)
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    async def facts(self, email_id: str = EMAIL) -> list[Event]:
        """Return what the log says of this message."""
        return [each.event for each in await self.store.load(subjects.outbound(email_id))]

    async def types(self, email_id: str = EMAIL) -> list[str]:
        """Return the names of what happened to this message, oldest first."""
        return [type(fact).__name__ for fact in await self.facts(email_id)]

    async def state(self, email_id: str = EMAIL) -> str | None:
        """Return what the tables say of this message."""
        found: str | None = await self.pool.fetchval(STATE, email_id)
        return found

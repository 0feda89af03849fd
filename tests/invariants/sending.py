"""The sender's process, its SMTP servers in memory: what they were given stays given."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from courrier.events import subjects
from courrier.events.blobs import MemoryBlobs
from courrier.events.families.outbound import DeliveryBecameUncertain, MessageSent
from courrier.events.families.settings import EmailAccountAdded
from courrier.events.memory import MemoryEventStore
from courrier.events.postgres.pool import Pool
from courrier.events.postgres.projector import Projector
from courrier.events.store import History
from courrier.events.vault import MemoryVault, Seal
from courrier.mail.parse import summarise
from courrier.sender.domain.answers import SENT, Answer, Answered, same_for_all
from courrier.sender.domain.turns import Limits, Turns
from courrier.sender.handlers.attempts import Attempts, Sources
from courrier.sender.handlers.letters import Letters
from courrier.sender.handlers.log_in_secrets import LogInSecrets
from courrier.sender.handlers.requests import Requests
from courrier.sender.handlers.rounds import Rounds, Work
from courrier.sender.handlers.signing import Signing
from courrier.sender.ports import Letter
from courrier.sender.projections.accounts import ProjectedAccounts
from courrier.sender.projections.deliveries import CHECKPOINT, deliveries
from courrier.sender.projections.queue import ProjectedQueue
from invariants.scenes import IDENTITY, NoLeases, cut, pool_of
from support.builders import ACCOUNT, NOON, example, new_event
from support.crashing import stepping
from support.silent_bus import SilentBus
from support.tables import digest, empty
from unit.sender.orders import order

MASTER_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
EMAIL_IDS = ("1" * 32, "2" * 32)


@dataclass(slots=True)
class MemoryPost:
    """Servers that take everything; ``taken`` counts the copies of each message."""

    taken: Counter[str] = field(default_factory=Counter)

    async def deliver(self, letter: Letter) -> Answer:
        """Take it."""
        self.taken[str(summarise(letter.raw).message_id).partition(".")[0]] += 1
        return Answered(same_for_all(letter.recipients, SENT, "OK", code=250))

    def hang_up(self) -> None:
        """There is no line."""


@dataclass(slots=True)
class Sending:
    """Two orders are taken over and carried out."""

    url: str
    store: MemoryEventStore = field(default_factory=MemoryEventStore)
    blobs: MemoryBlobs = field(default_factory=MemoryBlobs)
    vault: MemoryVault = field(default_factory=lambda: MemoryVault(Seal(MASTER_KEY)))
    post: MemoryPost = field(default_factory=MemoryPost)
    pools: list[Pool] = field(default_factory=list)

    async def begin(self) -> None:
        """An account on the log, nothing asked for, empty tables."""
        await self.bury()
        await empty(self.pools[-1], "sender")
        self.store, self.blobs, self.post = MemoryEventStore(), MemoryBlobs(), MemoryPost()
        secret = f"account.{ACCOUNT}.smtp"
        await self.vault.put(secret, b"password")
        smtp = {"host": "smtp.x.test", "port": 465, "user": "u", "secret": secret}
        added = example(EmailAccountAdded, smtp=smtp)
        await self.store.append([new_event(added, expected=0)])

    async def process(self) -> None:
        """Take the orders, which come again until they are answered, and deliver."""
        store, blobs, pool = stepping(self.store), stepping(self.blobs), self.pools[-1]
        known = ProjectedAccounts(pool, store)
        requests = Requests(store, blobs, accounts=known, identity=IDENTITY, clock=lambda: NOON)
        for email_id in EMAIL_IDS:
            await requests.send(order(email_id=email_id))
        vault = stepping(self.vault)
        secrets = LogInSecrets(vault, SilentBus(), lambda: NOON)
        signing = Signing(vault, {}, lambda: NOON)
        letters = Letters(blobs, vault, known, secrets, signing)
        attempts = Attempts(Sources(store, letters, stepping(self.post)), lambda: NOON)
        work = Work(ProjectedQueue(pool), attempts, self.post)
        rounds = Rounds(work, Turns(Limits()), clock=lambda: NOON)
        async with self._projecting(rounds) as settled:
            working = asyncio.create_task(rounds.run(store))
            await settled.wait()
            working.cancel()

    @asynccontextmanager
    async def _projecting(self, rounds: Rounds) -> AsyncIterator[asyncio.Event]:
        settled = asyncio.Event()

        async def noted(batch: History) -> None:
            await rounds.noted(batch)
            if await self._is_settled():
                settled.set()

        projector = Projector(self.pools[-1], CHECKPOINT, [deliveries], noted)
        task = asyncio.create_task(projector.run(self.store, NoLeases()))
        if await self._is_settled():
            settled.set()
        try:
            yield settled
        finally:
            task.cancel()
            await asyncio.wait({task})

    async def bury(self) -> None:
        """Cut the connections, and have others ready."""
        await cut(self.pools)
        await pool_of(self.pools, self.url, "sender")

    async def outcome(self) -> tuple[dict[str, str], Counter[str], dict[str, str]]:
        """Return what the log says of each message, the servers' copies, and the rows."""
        last = await self.store.last([subjects.outbound(each) for each in EMAIL_IDS])
        fates = {each.event.email_id: type(each.event).__name__ for each in last.values()}  # type: ignore[attr-defined]  # all of OUTBOUND have it
        return fates, self.post.taken, await digest(self.pools[-1], "sender")

    async def _is_settled(self) -> bool:
        last = await self.store.last([subjects.outbound(each) for each in EMAIL_IDS])
        final = [isinstance(r.event, MessageSent | DeliveryBecameUncertain) for r in last.values()]
        async with self.pools[-1].acquire() as db:
            at = await CHECKPOINT.read(db)
        return (
            len(final) == len(EMAIL_IDS) and all(final) and at == await self.store.end("OUTBOUND")
        )

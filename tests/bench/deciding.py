"""``courrier bench decide``: pure decisions a second on one core, from the event to the facts.

Keys, look-up in memory, threads, records, filing and the e-mail's fact, in batches as the linker
takes them, with all that was decided before known. No limit is compared with; 10 000 a second is
what is wanted.
"""

import gc
import random
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from bench.result import Result, cpu_s
from courrier.events import subjects
from courrier.events.base import Event, Mailbox, RecordRef, derived_id
from courrier.events.envelope import Recorded
from courrier.events.families.email import EmailImported
from courrier.events.families.mailbox import BlobRef, MessageReceived
from courrier.events.identity import Identity
from courrier.events.runtime.process import calm_the_collector
from courrier.linker.domain.arrivals import arrival_of, keys_of, words_of
from courrier.linker.domain.batch import decide_batch
from courrier.linker.domain.filing import holder_key
from courrier.linker.domain.known import Known, KnownEmail, Owner
from courrier.linker.domain.words import keys_of_words

WANTED = 10_000.0
BATCH = 500
CUSTOMERS = 2_000
ACCOUNT, USER = "a" * 32, "b" * 32
IDENTITY = Identity(b"bench" * 8)
START = datetime(2026, 1, 1, tzinfo=UTC)
WORDS = ("offer", "meeting", "Rechnung", "question", "livraison", "project", "budget", "answer")


def run(count: int) -> Result:
    """Decide made-up messages and return the figures."""
    calm_the_collector()  # as the linker's process does
    found = _Decided()
    seconds = 0.0
    for batch in in_batches(count):
        gc.freeze()  # the made-up index and messages are no work of the linker's collector
        started = time.process_time()
        arrivals = [each for r in batch if (each := arrival_of(r, IDENTITY))]
        keys = keys_of(arrivals)
        seconds += time.process_time() - started
        known = found.look_up(keys.email_ids, keys.thread_keys)
        started = time.process_time()
        decisions = decide_batch(arrivals, known)
        seconds += time.process_time() - started
        found.take([each.fact for each in decisions])
    rate = count / seconds
    detail = {
        "us_per_message": round(1e6 / rate, 1),
        "threads": len(set(found.threads.values())),
        "linked": found.linked,
    }
    return Result("decide", count, rate, "messages/s", WANTED, rate / WANTED, cpu_s(), detail)


class _Decided:
    """An index in memory."""

    def __init__(self) -> None:
        self.emails: dict[str, KnownEmail] = {}
        self.threads: dict[int, str] = {}
        self.linked = 0
        self._owners = {
            customer(n): (Owner(RecordRef(type="contact", id=f"c{n}"), f"a{n // 4}"),)
            for n in range(0, CUSTOMERS, 2)
        }

    def look_up(self, email_ids: frozenset[str], keys: frozenset[int]) -> Known:
        """Return what is known of these."""
        return Known(
            emails={each: self.emails[each] for each in email_ids if each in self.emails},
            threads={key: self.threads[key] for key in keys if key in self.threads},
            owners=self._owners,
            people={"me@bench.example": frozenset({USER})},
            account_owners={ACCOUNT: USER},
        )

    def take(self, facts: Sequence[Event]) -> None:
        """Take in what was decided."""
        for fact in facts:
            if not isinstance(fact, EmailImported):
                continue
            words = words_of(fact)
            parent = next((link.record for link in fact.links if link.parent), None)
            self.linked += parent is not None
            holders = frozenset(map(holder_key, fact.holdings))
            print_ = fact.fingerprint or ""
            self.emails[fact.email_id] = KnownEmail(
                fact.thread_id, words.subject_key, print_, holders, fact.date, parent
            )
            for key in keys_of_words(words):
                self.threads.setdefault(key, fact.thread_id)


def in_batches(count: int, seed: int = 1) -> Iterator[list[Recorded[Event]]]:
    """Yield messages as the log has them, in the linker's batches."""
    batch: list[Recorded[Event]] = []
    for sequence, message in enumerate(conversations(count, seed), start=1):
        batch.append(_recorded(message, sequence))
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def conversations(count: int, seed: int = 1) -> Iterator[MessageReceived]:
    """Yield messages of some hundred conversations at a time; half of the customers are known."""
    dice = random.Random(seed)
    open_: list[tuple[str, list[str]]] = []
    for number in range(count):
        message_id = f"{dice.getrandbits(64):016x}.{seed}.{number}@mail.bench.example"
        named: list[str] = []
        if open_ and dice.random() < 0.7:
            subject, chain = dice.choice(open_)
            named, subject = chain[-12:], f"Re: {subject}"
        else:
            subject, chain = " ".join(dice.choices(WORDS, k=4)) + f" {number}", []
            open_.append((subject, chain))
        yield _message(dice, number, (message_id, named, subject))
        chain.append(message_id)
        del open_[:-300]


def customer(number: int) -> str:
    """Return a customer's address."""
    return f"customer{number}@company{number % 50}.example"


def _message(dice: random.Random, number: int, said: tuple[str, list[str], str]) -> MessageReceived:
    message_id, named, subject = said
    writer = dice.randrange(CUSTOMERS)
    to = [Mailbox(name="Me", address="me@bench.example")]
    to += [Mailbox(address=customer(dice.randrange(CUSTOMERS)))] * (dice.random() < 0.3)
    return MessageReceived(
        account_id=ACCOUNT,
        folder="INBOX",
        uidvalidity=1,
        uid=number + 1,
        raw=BlobRef(digest=f"{number:064x}", size=10_000),
        message_id=message_id,
        in_reply_to=named[-1] if named else None,
        references=tuple(named),
        date=START + timedelta(seconds=number),
        sent_from=Mailbox(name=f"Customer {writer}", address=customer(writer)),
        to=tuple(to),
        recipient_count=len(to),
        subject=subject,
        text=" ".join(dice.choices(WORDS, k=120)),
    )


def _recorded(message: MessageReceived, sequence: int) -> Recorded[Event]:
    return Recorded(
        event=message,
        id=str(derived_id("bench", str(sequence))),
        type=message.TYPE,
        time=START,
        subject=subjects.folder_messages(ACCOUNT, "INBOX"),
        stream="MAILBOX",
        sequence=sequence,
        version=sequence,
        actor="service:fetcher",
        source="/courrier/fetcher",
    )

"""Which e-mails there are: ``emails``, and what threads and links are found by.

Tables ``emails``, ``thread_keys``, ``email_addresses``, ``email_links`` and ``joined_threads``, fed
by our own stream ``EMAIL``. Importing is once for an e-mail, holders are all who ever had it, as a
sorted set (so that a copy brings nobody back who gave it up), links are those of the last fact that
tells them, a thread is joined once: applying the same events again gives the same rows. What an
erased e-mail left behind stands in ``erased`` (see ``erasures.py``).
"""

from collections.abc import Iterable, Sequence
from typing import Any

from courrier.events.base import RecordRef
from courrier.events.envelope import Recorded
from courrier.events.families.conversation import EmailRethreaded
from courrier.events.families.email import (
    EmailImported,
    EmailLinked,
    EmailReread,
    EmailShared,
    Link,
    ThreadsJoined,
)
from courrier.events.postgres.pool import Db
from courrier.events.projection import Projection
from courrier.linker.adapters import erasures, statements
from courrier.linker.domain.arrivals import parties_of, words_of
from courrier.linker.domain.filing import holder_key
from courrier.linker.domain.known import KnownEmail
from courrier.linker.domain.words import Party, Words, address_keys, keys_of_words

emails: Projection[Db] = Projection("emails", stream="EMAIL", version=4)
erasures.register(emails)


@emails.on(EmailImported)
async def imported(db: Db, run: Sequence[Recorded[EmailImported]]) -> None:
    """The e-mail exists, with all that it is found by."""
    words = [words_of(recorded.event) for recorded in run]
    rows = [_row(recorded, each) for recorded, each in zip(run, words, strict=True)]
    await _execute(db, statements.IMPORT, rows)
    ids = [each.email_id for each in words]
    await db.execute(statements.ADD_KEYS, [_joined(keys_of_words(each)) for each in words], ids)
    addresses = [_joined(address_keys(each.parties)) for each in words]
    await db.execute(statements.ADD_ADDRESSES, addresses, ids)
    await _link(db, run)


@emails.on(EmailShared)
async def shared(db: Db, run: Sequence[Recorded[EmailShared]]) -> None:
    """More holders."""
    await _execute(
        db,
        statements.SHARE,
        [(r.event.email_id, holder_key(holding)) for r in run for holding in r.event.holdings],
    )


@emails.on(EmailLinked)
async def linked(db: Db, run: Sequence[Recorded[EmailLinked]]) -> None:
    """Other links."""
    newest = list({recorded.event.email_id: recorded for recorded in run}.values())
    rows = [(r.event.email_id, r.event.by, r.sequence) for r in newest]
    await _execute(db, statements.RELINK, rows)
    await _link(db, newest)


@emails.on(EmailReread)
async def reread(db: Db, run: Sequence[Recorded[EmailReread]]) -> None:
    """It names other people by today's reader; those that it named before cost a look at most."""
    newest = {recorded.event.email_id: parties_of(recorded.event) for recorded in run}
    rows = [(email_id, _written(parties)) for email_id, parties in newest.items()]
    await _execute(db, statements.REREAD, rows)
    keys = [_joined(address_keys(parties)) for parties in newest.values()]
    await db.execute(statements.ADD_ADDRESSES, keys, list(newest))


@emails.on(ThreadsJoined)
async def joined(db: Db, run: Sequence[Recorded[ThreadsJoined]]) -> None:
    """One thread where there were two."""
    for recorded in run:
        event = recorded.event
        if event.joined != event.thread_id:
            await db.execute(statements.JOIN, event.joined, event.thread_id)


@emails.on(EmailRethreaded)
async def rethreaded(db: Db, run: Sequence[Recorded[EmailRethreaded]]) -> None:
    """People put e-mails into other conversations, and keep both apart or not."""
    newest = {recorded.event.email_id: recorded for recorded in run}
    moved = [(email_id, r.event.thread_id, r.sequence) for email_id, r in newest.items()]
    await _execute(db, statements.MOVE, moved)
    pairs = [(r.event.left, r.event.thread_id, r.event.apart, r.sequence) for r in run]
    await _execute(db, statements.SET_APART, pairs)


async def emails_of(db: Db, email_ids: Iterable[str]) -> dict[str, KnownEmail]:
    """Return those of these e-mails that exist."""
    found = {}
    for row in await db.fetch(statements.EMAILS, list(email_ids)):
        parent = RecordRef(type=row[6], id=row[7]) if row[6] else None
        found[row[0]] = KnownEmail(row[1], row[2], row[3], frozenset(row[4]), row[5], parent)
    return found


async def threads_of(db: Db, keys: Iterable[int]) -> dict[int, str]:
    """Return the thread of each of these keys that an e-mail has."""
    rows = await db.fetch(statements.THREADS, list(keys))
    return {row[0]: row[1] for row in rows}


def _joined(keys: Iterable[int]) -> str:
    """Return numbers as one value: what an array costs here is paid by its elements."""
    return ",".join(map(str, keys))


def _written(parties: Iterable[Party]) -> str:
    return "\n".join(f"{party.field}:{party.address}" for party in parties)


def _row(recorded: Recorded[EmailImported], words: Words) -> tuple[Any, ...]:
    event = recorded.event
    return (
        event.email_id,
        event.thread_id,
        words.subject_key,
        event.fingerprint or "",
        ",".join(sorted(map(holder_key, event.holdings))),
        event.date,
        _written(words.parties),
        ",".join(words.ancestors),
        ",".join(sorted(words.proven)),
        recorded.sequence,
    )


async def _link(
    db: Db, run: Sequence[Recorded[EmailImported]] | Sequence[Recorded[EmailLinked]]
) -> None:
    await _execute(
        db,
        statements.ADD_LINKS,
        [
            (recorded.event.email_id, *key, is_parent, recorded.sequence)
            for recorded in run
            for key, is_parent in _by_record(recorded.event.links).items()
        ],
    )


def _by_record(links: Sequence[Link]) -> dict[tuple[str, str], bool]:
    """Return each record once, and whether it is the parent; only one can be."""
    found = {(link.record.type, link.record.id): False for link in links}
    parent = next((link.record for link in links if link.parent), None)
    return found | ({(parent.type, parent.id): True} if parent else {})


async def _execute(db: Db, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        await db.execute(statement, *map(list, zip(*rows, strict=True)))

"""Whose an address is: rows of ``addresses``, one for each address and record.

Fed by stream ``CRM``. A row carries the sequence of the event that wrote it and refuses older
ones, so replaying from zero gives the same table.
"""

from collections.abc import Iterable, Sequence

from courrier.events.base import RecordRef
from courrier.events.envelope import Recorded
from courrier.events.families.crm import AddressAssigned, AddressErased, AddressReleased
from courrier.events.postgres.pool import Db
from courrier.events.projection import Projection
from courrier.linker.domain.arrivals import comparable
from courrier.linker.domain.known import Owner
from courrier.mail.headers.addresses import match_key

WRITE = """
    INSERT INTO addresses AS old
           (address, owner_type, owner_id, account_id, owned, crm_seq, address_key)
    SELECT address, owner_type, owner_id, account_id, owned, crm_seq, address_key
      FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::boolean[], $6::bigint[],
                  $7::text[])
           AS new (address, owner_type, owner_id, account_id, owned, crm_seq, address_key)
    ON CONFLICT (address, owner_type, owner_id) DO UPDATE
       SET account_id = excluded.account_id, owned = excluded.owned, crm_seq = excluded.crm_seq
     WHERE old.crm_seq < excluded.crm_seq
"""
FORGET = "DELETE FROM addresses WHERE address_key = ANY($1::text[])"
OWNERS = """
    SELECT address, owner_type, owner_id, account_id
      FROM addresses
     WHERE address = ANY($1::text[]) AND owned
"""

Row = tuple[str, str, str, str | None, bool, int, str]

addresses: Projection[Db] = Projection("addresses", stream="CRM", version=2)


@addresses.on(AddressAssigned)
async def assigned(db: Db, run: Sequence[Recorded[AddressAssigned]]) -> None:
    """The address leads to its owner from now on."""
    await _write(db, (_row(r, r.event, r.event.account_id, owned=True) for r in run))


@addresses.on(AddressReleased)
async def released(db: Db, run: Sequence[Recorded[AddressReleased]]) -> None:
    """The address leads to this owner no longer."""
    await _write(db, (_row(r, r.event, None, owned=False) for r in run))


@addresses.on(AddressErased)
async def erased(db: Db, run: Sequence[Recorded[AddressErased]]) -> None:
    """Nothing is known of the address any more."""
    await db.execute(FORGET, [recorded.event.address_key for recorded in run])


async def owners_of(db: Db, wanted: Iterable[str]) -> dict[str, tuple[Owner, ...]]:
    """Return the records that have each address, in no order."""
    found: dict[str, tuple[Owner, ...]] = {}
    for address, owner_type, owner_id, account_id in await db.fetch(OWNERS, list(wanted)):
        owner = Owner(RecordRef(type=owner_type, id=owner_id), account_id)
        found[address] = (*found.get(address, ()), owner)
    return found


def _row(
    recorded: Recorded[AddressAssigned] | Recorded[AddressReleased],
    event: AddressAssigned | AddressReleased,
    account_id: str | None,
    *,
    owned: bool,
) -> Row:
    owner, key = event.owner, match_key(event.address)
    address_key = recorded.subject.rpartition(".")[2]
    return (key, owner.type, owner.id, account_id, owned, recorded.sequence, address_key)


async def _write(db: Db, rows: Iterable[Row]) -> None:
    """Write the newest row of each key: one statement cannot touch a row twice."""
    newest = {row[:3]: row for row in rows if comparable(row[0])}
    if newest:
        await db.execute(WRITE, *map(list, zip(*newest.values(), strict=True)))

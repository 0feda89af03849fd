"""Which records an address leads to.

Table ``record_addresses``, fed by ``CRM``. An address that was released keeps its row as
``owned = false``, so that a late replay cannot bring it back.
"""

from collections.abc import Sequence

from courrier.events.envelope import Recorded
from courrier.events.families.crm import AddressAssigned, AddressErased, AddressReleased
from courrier.events.postgres.pool import Db, Pool
from courrier.events.projection import Projection

from .rows import columns, text

PUT_ADDRESS = """
    INSERT INTO record_addresses AS a
           (address, record_type, record_id, account_id, owned, seq, address_key)
    SELECT DISTINCT ON (g.address, g.record_type, g.record_id)
           g.address, g.record_type, g.record_id, g.account_id, g.owned, g.seq, g.address_key
      FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::boolean[], $6::bigint[],
                  $7::text[])
           AS g(address, record_type, record_id, account_id, owned, seq, address_key)
     ORDER BY g.address, g.record_type, g.record_id, g.seq DESC
    ON CONFLICT (address, record_type, record_id) DO UPDATE
       SET account_id = excluded.account_id, owned = excluded.owned, seq = excluded.seq
     WHERE a.seq < excluded.seq
"""
FORGET_ADDRESS = "DELETE FROM record_addresses WHERE address_key = ANY($1::text[])"

OWNERS = """
    SELECT address, record_id FROM record_addresses
     WHERE record_type = $1 AND address = ANY($2::text[]) AND owned
"""

record_addresses: Projection[Db] = Projection("record_addresses", stream="CRM", version=1)


@record_addresses.on(AddressAssigned)
async def assigned(db: Db, run: Sequence[Recorded[AddressAssigned]]) -> None:
    """The address leads to the record."""
    rows = [
        (
            text(recorded.event.address),
            recorded.event.owner.type,
            recorded.event.owner.id,
            recorded.event.account_id,
            True,
            recorded.sequence,
            recorded.subject.rpartition(".")[2],
        )
        for recorded in run
    ]
    await db.execute(PUT_ADDRESS, *columns(rows, 7))


@record_addresses.on(AddressReleased)
async def released(db: Db, run: Sequence[Recorded[AddressReleased]]) -> None:
    """The address leads there no longer."""
    rows = [
        (
            text(recorded.event.address),
            recorded.event.owner.type,
            recorded.event.owner.id,
            None,
            False,
            recorded.sequence,
            recorded.subject.rpartition(".")[2],
        )
        for recorded in run
    ]
    await db.execute(PUT_ADDRESS, *columns(rows, 7))


@record_addresses.on(AddressErased)
async def address_erased(db: Db, run: Sequence[Recorded[AddressErased]]) -> None:
    """The address leads nowhere, and never did."""
    await db.execute(FORGET_ADDRESS, [recorded.event.address_key for recorded in run])


async def owners_of(pool: Pool, record_type: str, keys: Sequence[str]) -> dict[str, set[str]]:
    """Return the records of a type that have each of these addresses (``match_key``)."""
    found: dict[str, set[str]] = {}
    for row in await pool.fetch(OWNERS, record_type, list(keys)):
        found.setdefault(row["address"], set()).add(row["record_id"])
    return found

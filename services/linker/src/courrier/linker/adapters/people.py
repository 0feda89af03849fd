"""Whose an e-mail account is, which addresses are our own, and who the customers are.

Tables ``accounts``, ``people`` and ``system_settings``, fed by stream ``SETTINGS``. Rows are added,
each guarded by its key, and the one of the settings by its sequence: replaying adds nothing. What a
person gives up goes, unless it is the address of an account of theirs.
"""

from collections.abc import Iterable, Sequence

from courrier.events.envelope import Recorded
from courrier.events.families.configuration import SystemSettingsChanged
from courrier.events.families.identity import UserChanged, UserDeactivated, UserReactivated
from courrier.events.families.settings import EmailAccountAdded, EmailAccountChanged, UserAdded
from courrier.events.postgres.pool import Db
from courrier.events.projection import Projection
from courrier.linker.domain.arrivals import comparable
from courrier.mail.headers.addresses import match_key

ADD_ACCOUNTS = """
    INSERT INTO accounts (account_id, owner_id, settings_seq)
    SELECT account_id, owner_id, settings_seq
      FROM unnest($1::text[], $2::text[], $3::bigint[]) AS new (account_id, owner_id, settings_seq)
    ON CONFLICT (account_id) DO NOTHING
"""
ADD_PEOPLE = """
    INSERT INTO people AS old (address, user_id, settings_seq, is_account)
    SELECT DISTINCT ON (address, user_id) address, user_id, settings_seq, $4
      FROM unnest($1::text[], $2::text[], $3::bigint[]) AS new (address, user_id, settings_seq)
     ORDER BY address, user_id, settings_seq
    ON CONFLICT (address, user_id) DO UPDATE
       SET is_account = old.is_account OR excluded.is_account
"""
FORGET_OTHERS = """
    DELETE FROM people
     WHERE user_id = $1 AND NOT is_account AND address <> ALL($2::text[]) AND settings_seq < $3
"""
ACCOUNT_OWNERS = """
    SELECT account_id, owner_id FROM accounts WHERE account_id = ANY($1::text[])
"""
PEOPLE = """
    SELECT address, user_id FROM people WHERE address = ANY($1::text[])
"""

SET_SYSTEM = """
    INSERT INTO system_settings AS old (b2c, settings_seq) VALUES ($1, $2)
    ON CONFLICT (only_row) DO UPDATE
       SET b2c = excluded.b2c, settings_seq = excluded.settings_seq
     WHERE old.settings_seq < excluded.settings_seq
"""
SET_ABSENT = """
    INSERT INTO absent_people AS old (user_id, is_absent, settings_seq) VALUES ($1, $2, $3)
    ON CONFLICT (user_id) DO UPDATE
       SET is_absent = excluded.is_absent, settings_seq = excluded.settings_seq
     WHERE old.settings_seq < excluded.settings_seq
"""
CUSTOMERS = "SELECT b2c FROM system_settings"

Row = tuple[str, str, int]

people: Projection[Db] = Projection("people", stream="SETTINGS", version=3)


@people.on(UserAdded)
async def user_added(db: Db, run: Sequence[Recorded[UserAdded]]) -> None:
    """The person's addresses are our own."""
    await _add_people(
        db, ((a, r.event.user_id, r.sequence) for r in run for a in r.event.email_addresses)
    )


@people.on(UserChanged)
async def user_changed(db: Db, run: Sequence[Recorded[UserChanged]]) -> None:
    """The person's addresses are those they have now."""
    for recorded in run:
        user_id, addresses = recorded.event.user_id, recorded.event.fields.email_addresses
        keys = [match_key(address) for address in addresses if comparable(address)]
        await db.execute(FORGET_OTHERS, user_id, keys, recorded.sequence)
        await _add_people(db, ((each, user_id, recorded.sequence) for each in addresses))


@people.on_each(UserDeactivated, UserReactivated)
async def user_here(
    db: Db, run: Sequence[Recorded[UserDeactivated] | Recorded[UserReactivated]]
) -> None:
    """Somebody left, or is back."""
    for recorded in run:
        is_absent = isinstance(recorded.event, UserDeactivated)
        await db.execute(SET_ABSENT, recorded.event.user_id, is_absent, recorded.sequence)


@people.on_each(EmailAccountAdded, EmailAccountChanged)
async def account_set_up(
    db: Db, run: Sequence[Recorded[EmailAccountAdded | EmailAccountChanged]]
) -> None:
    """The account's mail is for its owner, who writes from its address."""
    rows = [(r.event.account_id, r.event.owner_id, r.sequence) for r in run]
    await db.execute(ADD_ACCOUNTS, *map(list, zip(*rows, strict=True)))
    owned = ((r.event.address, r.event.owner_id, r.sequence) for r in run)
    await _add_people(db, owned, is_account=True)


@people.on(SystemSettingsChanged)
async def system_set_up(db: Db, run: Sequence[Recorded[SystemSettingsChanged]]) -> None:
    """Customers are persons, or companies."""
    await db.execute(SET_SYSTEM, run[-1].event.fields.b2c, run[-1].sequence)


async def customers(db: Db) -> bool | None:
    """Return whether customers are persons; None where nobody has said."""
    found: bool | None = await db.fetchval(CUSTOMERS)
    return found


async def account_owners_of(db: Db, account_ids: Iterable[str]) -> dict[str, str]:
    """Return the user who owns each of these e-mail accounts."""
    return {row[0]: row[1] for row in await db.fetch(ACCOUNT_OWNERS, list(account_ids))}


async def people_at(db: Db, addresses: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return our users who write from each of these addresses."""
    found: dict[str, frozenset[str]] = {}
    for address, user_id in await db.fetch(PEOPLE, list(addresses)):
        found[address] = found.get(address, frozenset()) | {user_id}
    return found


async def _add_people(db: Db, rows: Iterable[Row], *, is_account: bool = False) -> None:
    kept = [(match_key(address), user, seq) for address, user, seq in rows if comparable(address)]
    if kept:
        await db.execute(ADD_PEOPLE, *map(list, zip(*kept, strict=True)), is_account)

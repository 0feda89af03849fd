"""What decides whether mail is among ourselves, and how far a holder's account shares it.

Table ``own_accounts``, fed by ``SETTINGS`` alone; rows stay when an account is removed, because its
mail does. ``address`` is as ``match_key`` has it. Every statement refuses to go back.
"""

from collections.abc import Sequence

from courrier.events.envelope import Recorded
from courrier.events.families.settings import EmailAccountAdded, EmailAccountChanged
from courrier.events.postgres.pool import Db
from courrier.events.projection import Projection
from courrier.mail.headers.addresses import match_key

from .rows import columns, text

PUT = """
    INSERT INTO own_accounts AS o (account_id, address, privacy, seq)
    SELECT DISTINCT ON (g.account_id) g.account_id, g.address, g.privacy, g.seq
      FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
           AS g(account_id, address, privacy, seq)
     ORDER BY g.account_id, g.seq DESC
    ON CONFLICT (account_id) DO UPDATE
       SET address = excluded.address, privacy = excluded.privacy, seq = excluded.seq
     WHERE o.seq < excluded.seq
"""

own_accounts: Projection[Db] = Projection("own-accounts", stream="SETTINGS", version=1)


@own_accounts.on(EmailAccountAdded)
async def added(db: Db, run: Sequence[Recorded[EmailAccountAdded]]) -> None:
    """An address of ours, and what becomes of its mail."""
    await _put(db, run)


@own_accounts.on(EmailAccountChanged)
async def changed(db: Db, run: Sequence[Recorded[EmailAccountChanged]]) -> None:
    """As it is now: also for mail that came before."""
    await _put(db, run)


async def _put(
    db: Db, run: Sequence[Recorded[EmailAccountAdded]] | Sequence[Recorded[EmailAccountChanged]]
) -> None:
    rows = [
        (
            recorded.event.account_id,
            text(match_key(recorded.event.address)),
            recorded.event.privacy,
            recorded.sequence,
        )
        for recorded in run
    ]
    await db.execute(PUT, *columns(rows, 4))

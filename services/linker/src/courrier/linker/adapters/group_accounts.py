"""Which e-mail accounts are teams', and what their mail starts: table ``group_accounts``.

Fed by ``SETTINGS``. A row carries the sequence of the event that wrote it and refuses older ones;
an account that is no team's any more keeps its row without options.
"""

from collections.abc import Collection, Sequence
from functools import lru_cache

from courrier.events.envelope import Recorded
from courrier.events.families.settings import (
    EmailAccountAdded,
    EmailAccountChanged,
    GroupOptions,
)
from courrier.events.postgres.pool import Db
from courrier.events.projection import Projection
from courrier.linker.domain.known import GroupAccount
from courrier.mail.headers.addresses import match_key

WRITE = """
    INSERT INTO group_accounts AS old (account_id, address, options, settings_seq)
    SELECT account_id, address, options, settings_seq
      FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
           AS new (account_id, address, options, settings_seq)
    ON CONFLICT (account_id) DO UPDATE
       SET address = excluded.address, options = excluded.options,
           settings_seq = excluded.settings_seq
     WHERE old.settings_seq < excluded.settings_seq
"""
FIND = """
    SELECT account_id, address, options FROM group_accounts
     WHERE account_id = ANY($1::text[]) AND options IS NOT NULL
     UNION
    SELECT account_id, address, options FROM group_accounts
     WHERE address = ANY($2::text[]) AND options IS NOT NULL
"""

group_accounts: Projection[Db] = Projection("group_accounts", stream="SETTINGS", version=1)


@group_accounts.on_each(EmailAccountAdded, EmailAccountChanged)
async def account_set_up(
    db: Db, run: Sequence[Recorded[EmailAccountAdded | EmailAccountChanged]]
) -> None:
    """The account is a team's, or nobody else's than its owner's."""
    newest = {r.event.account_id: r for r in run}
    rows = [
        (
            account_id,
            match_key(r.event.address),
            r.event.group.model_dump_json() if r.event.group else None,
            r.sequence,
        )
        for account_id, r in newest.items()
    ]
    await db.execute(WRITE, *map(list, zip(*rows, strict=True)))


async def groups_of(
    db: Db, account_ids: Collection[str], addresses: Collection[str]
) -> dict[str, GroupAccount]:
    """Return the group accounts among these, and those that have one of these addresses."""
    rows = await db.fetch(FIND, list(account_ids), list(addresses))
    return {row[0]: _account(row[1], row[2]) for row in rows}


@lru_cache(maxsize=1024)
def _account(address: str, options: str) -> GroupAccount:
    """Return an account; most batches meet the same ones again."""
    said = GroupOptions.model_validate_json(options)
    return GroupAccount(
        address=address,
        teams=said.team_ids if said.add_team_users else (),
        user_id=said.assigned_user_id,
        opens_cases=said.opens_cases,
        template_id=said.reply_template_id,
    )

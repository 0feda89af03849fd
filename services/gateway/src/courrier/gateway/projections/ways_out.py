"""The accounts that a person's mail might leave by: read from rows that others feed.

Which of them the person may use, and for which address, ``domain/from_choice`` says.
"""

from courrier.events.commands.sender import own_server_id
from courrier.events.families.configuration import SmtpAccountFields
from courrier.events.postgres.pool import Pool
from courrier.gateway.domain.access import Person
from courrier.gateway.domain.configured import PREFERENCES, SMTP_ACCOUNT
from courrier.gateway.domain.from_choice import WayOut

from . import configured
from .configured import ItemRow

MAILBOXES = """
    SELECT account_id, owner_id, name, address, smtp IS NOT NULL AS has_server, is_group, team_ids,
           options->'group'->>'reply_from_name' AS from_name
      FROM email_accounts
     WHERE NOT removed
       AND (is_group AND ($3 OR team_ids && $2::text[]) OR NOT is_group AND owner_id = $1)
     ORDER BY is_group, added_at, account_id
"""


async def ways_out(pool: Pool, person: Person) -> list[WayOut]:
    """Return what the person's mail might leave by, personal accounts first."""
    rows = await pool.fetch(MAILBOXES, person.id, list(person.team_ids), person.is_admin)
    found = [
        WayOut(
            account_id=row["account_id"],
            kind="group" if row["is_group"] else "personal",
            address=row["address"],
            name=row["from_name"] or row["name"],
            owner_id=row["owner_id"],
            team_ids=tuple(row["team_ids"]),
            has_server=row["has_server"],
        )
        for row in rows
    ]
    own = await configured.item_by_id(pool, PREFERENCES, person.id)
    if own is not None and own.fields.smtp is not None:
        account_id = own_server_id(person.id)
        found.append(WayOut(account_id=account_id, kind="preferences", owner_id=person.id))
    shared = await configured.items_for(pool, SMTP_ACCOUNT, ["smtp_account/all"])
    return [*found, *map(_shared, shared)]


def _shared(row: ItemRow[SmtpAccountFields]) -> WayOut:
    fields = row.fields
    return WayOut(
        account_id=row.id,
        kind=fields.scope,
        address=fields.address,
        name=fields.from_name or fields.name,
        team_ids=fields.team_ids,
        is_for_all=fields.is_shared,
    )

"""What people set up about arriving mail: ``filters``, ``folders`` and ``targets``.

Fed by ``SETTINGS``. A row carries the sequence of the event that wrote it and refuses older ones;
what was removed keeps its row as removed, so that no older event revives it.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from courrier.events.envelope import Recorded
from courrier.events.families.configuration import (
    FilterAdded,
    FilterChanged,
    FilterFields,
    FilterRemoved,
    FolderAdded,
    FolderChanged,
    FolderRemoved,
    GroupFolderAdded,
    GroupFolderChanged,
    GroupFolderRemoved,
)
from courrier.events.families.settings import EmailAccountAdded, EmailAccountChanged
from courrier.events.postgres.pool import Db
from courrier.events.projection import Projection
from courrier.linker.domain.filtering import Rules, Target
from courrier.linker.domain.filters import Filter, in_order

WRITE_FILTERS = """
    INSERT INTO filters AS old (filter_id, scope, owner_id, account_id, fields, settings_seq)
    SELECT filter_id, scope, owner_id, account_id, fields, settings_seq
      FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[])
           AS new (filter_id, scope, owner_id, account_id, fields, settings_seq)
    ON CONFLICT (filter_id) DO UPDATE
       SET scope = excluded.scope, owner_id = excluded.owner_id,
           account_id = excluded.account_id, fields = excluded.fields,
           settings_seq = excluded.settings_seq
     WHERE old.settings_seq < excluded.settings_seq
"""
REMOVE_FILTERS = """
    UPDATE filters AS old SET fields = NULL, settings_seq = new.settings_seq
      FROM unnest($1::text[], $2::bigint[]) AS new (filter_id, settings_seq)
     WHERE old.filter_id = new.filter_id AND old.settings_seq < new.settings_seq
"""
WRITE_FOLDERS = """
    INSERT INTO folders AS old (folder_id, is_quiet, is_there, settings_seq)
    SELECT folder_id, is_quiet, is_there, settings_seq
      FROM unnest($1::text[], $2::boolean[], $3::boolean[], $4::bigint[])
           AS new (folder_id, is_quiet, is_there, settings_seq)
    ON CONFLICT (folder_id) DO UPDATE
       SET is_quiet = excluded.is_quiet, is_there = excluded.is_there,
           settings_seq = excluded.settings_seq
     WHERE old.settings_seq < excluded.settings_seq
"""
WRITE_TARGETS = """
    INSERT INTO targets AS old (account_id, folder_id, folder_map, settings_seq)
    SELECT account_id, folder_id, folder_map, settings_seq
      FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
           AS new (account_id, folder_id, folder_map, settings_seq)
    ON CONFLICT (account_id) DO UPDATE
       SET folder_id = excluded.folder_id, folder_map = excluded.folder_map,
           settings_seq = excluded.settings_seq
     WHERE old.settings_seq < excluded.settings_seq
"""
FILTERS = """
    SELECT filter_id, fields FROM filters WHERE scope = 'global' AND fields IS NOT NULL
     UNION ALL
    SELECT filter_id, fields FROM filters
     WHERE scope IN ('account', 'group') AND account_id = ANY($1::text[]) AND fields IS NOT NULL
     UNION ALL
    SELECT filter_id, fields FROM filters
     WHERE scope = 'user' AND owner_id = ANY($2::text[]) AND fields IS NOT NULL
"""
TARGETS = """
    SELECT account_id, folder_id, folder_map FROM targets WHERE account_id = ANY($1::text[])
"""
FOLDERS = """
    SELECT folder_id, is_quiet FROM folders WHERE folder_id = ANY($1::text[]) AND is_there
"""

FilterRow = tuple[str, str, str | None, str | None, str, int]
FolderRow = tuple[str, bool, bool, int]

filters: Projection[Db] = Projection("filters", stream="SETTINGS", version=2)


@filters.on_each(FilterAdded, FilterChanged)
async def filter_set_up(db: Db, run: Sequence[Recorded[FilterAdded | FilterChanged]]) -> None:
    """The filter works like this from now on."""
    newest = {r.event.filter_id: r for r in run}
    rows = [_row(r.event.filter_id, r.event.fields, r.sequence) for r in newest.values()]
    await db.execute(WRITE_FILTERS, *map(list, zip(*rows, strict=True)))


@filters.on(FilterRemoved)
async def filter_removed(db: Db, run: Sequence[Recorded[FilterRemoved]]) -> None:
    """The filter matches nothing any more."""
    await db.execute(REMOVE_FILTERS, [r.event.filter_id for r in run], [r.sequence for r in run])


@filters.on_each(FolderAdded, FolderChanged)
async def folder_set_up(db: Db, run: Sequence[Recorded[FolderAdded | FolderChanged]]) -> None:
    """A person has the folder, silent or not."""
    await _write_folders(
        db, ((r.event.folder_id, r.event.fields.skip_notification, True, r.sequence) for r in run)
    )


@filters.on(FolderRemoved)
async def folder_removed(db: Db, run: Sequence[Recorded[FolderRemoved]]) -> None:
    """Nothing is filed there any more."""
    await _write_folders(db, ((r.event.folder_id, False, False, r.sequence) for r in run))


@filters.on_each(GroupFolderAdded, GroupFolderChanged)
async def group_folder_set_up(
    db: Db, run: Sequence[Recorded[GroupFolderAdded | GroupFolderChanged]]
) -> None:
    """Teams have the folder."""
    await _write_folders(db, ((r.event.group_folder_id, False, True, r.sequence) for r in run))


@filters.on(GroupFolderRemoved)
async def group_folder_removed(db: Db, run: Sequence[Recorded[GroupFolderRemoved]]) -> None:
    """Nothing is filed there any more."""
    await _write_folders(db, ((r.event.group_folder_id, False, False, r.sequence) for r in run))


@filters.on_each(EmailAccountAdded, EmailAccountChanged)
async def account_set_up(
    db: Db, run: Sequence[Recorded[EmailAccountAdded | EmailAccountChanged]]
) -> None:
    """The account's mail is filed here."""
    newest = {r.event.account_id: r for r in run}
    rows = [
        (key, _folder_of(r.event), json.dumps(r.event.folder_map), r.sequence)
        for key, r in newest.items()
    ]
    await db.execute(WRITE_TARGETS, *map(list, zip(*rows, strict=True)))


async def rules_for(db: Db, account_ids: Iterable[str], owner_ids: Iterable[str]) -> Rules:
    """Return what is set up for these accounts and holders, in three queries."""
    accounts = list(account_ids)
    found = await db.fetch(FILTERS, accounts, list(owner_ids))
    ordered = in_order(_filter(filter_id, fields) for filter_id, fields in found)
    targets = {
        row[0]: Target(row[1], json.loads(row[2])) for row in await db.fetch(TARGETS, accounts)
    }
    folders = await db.fetch(FOLDERS, list(_named(ordered, targets)))
    return Rules(
        everywhere=tuple(each for each in ordered if each.fields.scope == "global"),
        by_account=_grouped((each.fields.account_id, each) for each in ordered),
        by_owner=_grouped(
            (each.fields.owner_id, each) for each in ordered if each.fields.scope == "user"
        ),
        targets=targets,
        folders={row[0]: row[1] for row in folders},
    )


@lru_cache(maxsize=10_000)
def _filter(filter_id: str, fields: str) -> Filter:
    """Return a filter; most batches meet the same ones again."""
    return Filter(filter_id, FilterFields.model_validate_json(fields))


def _folder_of(event: EmailAccountAdded | EmailAccountChanged) -> str | None:
    """Return where an account's mail goes: a team's into the team's folder."""
    return (event.group.group_folder_id if event.group else None) or event.folder_id


def _row(filter_id: str, fields: FilterFields, sequence: int) -> FilterRow:
    text = fields.model_dump_json(by_alias=True)
    return filter_id, fields.scope, fields.owner_id, fields.account_id, text, sequence


def _named(ordered: Iterable[Filter], targets: Mapping[str, Target]) -> set[str]:
    named = {each.fields.folder_id for each in ordered}
    for target in targets.values():
        named |= {target.folder_id, *target.by_server_folder.values()}
    return {each for each in named if each}


def _grouped(filters: Iterable[tuple[str | None, Filter]]) -> dict[str, tuple[Filter, ...]]:
    found: dict[str, tuple[Filter, ...]] = {}
    for key, each in filters:
        if key is not None:
            found[key] = (*found.get(key, ()), each)
    return found


async def _write_folders(db: Db, rows: Iterable[FolderRow]) -> None:
    newest = {row[0]: row for row in rows}
    await db.execute(WRITE_FOLDERS, *map(list, zip(*newest.values(), strict=True)))

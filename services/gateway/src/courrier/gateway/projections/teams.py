"""Teams and roles as they stand: what people's rights are made of.

Tables ``teams`` and ``roles``, fed by ``SETTINGS`` alone. A removed one has no row any more; its
id is never used again, so that replaying gives the same rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from asyncpg import Record

from courrier.events.envelope import Recorded
from courrier.events.families.identity import (
    RoleChanged,
    RoleCreated,
    RoleFields,
    RoleRemoved,
    TeamChanged,
    TeamCreated,
    TeamFields,
    TeamRemoved,
)
from courrier.events.postgres.pool import Db, Pool
from courrier.events.projection import Projection

from .rows import json_text, parsed, text

ADD_TEAM = """
    INSERT INTO teams (team_id, name, role_ids, version, seq) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT DO NOTHING
"""
CHANGE_TEAM = """
    UPDATE teams SET name = $2, role_ids = $3, version = $4, seq = $5
     WHERE team_id = $1 AND seq < $5
"""
REMOVE_TEAM = "DELETE FROM teams WHERE team_id = $1"
TEAMS = "SELECT team_id, name, role_ids, version FROM teams ORDER BY lower(name), team_id"
TEAM = "SELECT team_id, name, role_ids, version FROM teams WHERE team_id = $1"
ADD_ROLE = """
    INSERT INTO roles (role_id, name, rights, version, seq) VALUES ($1, $2, $3::jsonb, $4, $5)
    ON CONFLICT DO NOTHING
"""
CHANGE_ROLE = """
    UPDATE roles SET name = $2, rights = $3::jsonb, version = $4, seq = $5
     WHERE role_id = $1 AND seq < $5
"""
REMOVE_ROLE = "DELETE FROM roles WHERE role_id = $1"
ROLES = "SELECT role_id, name, rights, version FROM roles ORDER BY lower(name), role_id"
ROLE = "SELECT role_id, name, rights, version FROM roles WHERE role_id = $1"

teams: Projection[Db] = Projection("teams", stream="SETTINGS", version=1)


@dataclass(frozen=True, slots=True)
class TeamRow:
    """A team; ``version`` counts its facts."""

    id: str
    fields: TeamFields
    version: int


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A role; ``version`` counts its facts."""

    id: str
    fields: RoleFields
    version: int


@teams.on(TeamCreated)
async def team_created(db: Db, run: Sequence[Recorded[TeamCreated]]) -> None:
    """A new team."""
    for recorded in run:
        await db.execute(ADD_TEAM, *_team_row(recorded))


@teams.on(TeamChanged)
async def team_changed(db: Db, run: Sequence[Recorded[TeamChanged]]) -> None:
    """A team as it is now."""
    for recorded in run:
        await db.execute(CHANGE_TEAM, *_team_row(recorded))


@teams.on(TeamRemoved)
async def team_removed(db: Db, run: Sequence[Recorded[TeamRemoved]]) -> None:
    """A team that gives nothing any more."""
    for recorded in run:
        await db.execute(REMOVE_TEAM, recorded.event.team_id)


@teams.on(RoleCreated)
async def role_created(db: Db, run: Sequence[Recorded[RoleCreated]]) -> None:
    """A new role."""
    for recorded in run:
        await db.execute(ADD_ROLE, *_role_row(recorded))


@teams.on(RoleChanged)
async def role_changed(db: Db, run: Sequence[Recorded[RoleChanged]]) -> None:
    """A role as it is now."""
    for recorded in run:
        await db.execute(CHANGE_ROLE, *_role_row(recorded))


@teams.on(RoleRemoved)
async def role_removed(db: Db, run: Sequence[Recorded[RoleRemoved]]) -> None:
    """A role that gives nothing any more."""
    for recorded in run:
        await db.execute(REMOVE_ROLE, recorded.event.role_id)


async def every_team(pool: Pool) -> list[TeamRow]:
    """Return all teams, by name."""
    return [_team(row) for row in await pool.fetch(TEAMS)]


async def team_by_id(pool: Pool, team_id: str) -> TeamRow | None:
    """Return one team."""
    row = await pool.fetchrow(TEAM, team_id)
    return _team(row) if row else None


async def every_role(pool: Pool) -> list[RoleRow]:
    """Return all roles, by name."""
    return [_role(row) for row in await pool.fetch(ROLES)]


async def role_by_id(pool: Pool, role_id: str) -> RoleRow | None:
    """Return one role."""
    row = await pool.fetchrow(ROLE, role_id)
    return _role(row) if row else None


def _team_row(recorded: Recorded[TeamCreated] | Recorded[TeamChanged]) -> tuple[object, ...]:
    event = recorded.event
    fields = event.fields
    return (
        event.team_id,
        text(fields.name),
        list(fields.role_ids),
        recorded.version,
        recorded.sequence,
    )


def _role_row(recorded: Recorded[RoleCreated] | Recorded[RoleChanged]) -> tuple[object, ...]:
    event = recorded.event
    rights = json_text(event.fields.rights)
    return (event.role_id, text(event.fields.name), rights, recorded.version, recorded.sequence)


def _team(row: Record) -> TeamRow:
    fields = TeamFields(name=row["name"], role_ids=tuple(row["role_ids"]))
    return TeamRow(row["team_id"], fields, row["version"])


def _role(row: Record) -> RoleRow:
    fields = RoleFields(name=row["name"], rights=parsed(row["rights"]))
    return RoleRow(row["role_id"], fields, row["version"])

"""Who may use Courrier, with which rights, and which addresses are theirs.

Tables ``users`` and ``user_addresses``, fed by ``SETTINGS`` alone. A row keeps the sequence it
has seen, so that replaying gives the same rows.
``signed_out_at`` is since when a session must have been opened to be good.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asyncpg import Record

from courrier.events.envelope import Recorded
from courrier.events.families.identity import (
    RecoveryCodesReplaced,
    RecoveryCodeUsed,
    RoleFields,
    TotpDisabled,
    TotpEnabled,
    UserChanged,
    UserDeactivated,
    UserFields,
    UserReactivated,
)
from courrier.events.families.settings import PasswordSet, TokenIssued, TokenRevoked, UserAdded
from courrier.events.postgres.pool import Db, Pool
from courrier.events.projection import Projection
from courrier.gateway.domain.access import Person
from courrier.gateway.domain.rights import effective
from courrier.mail.headers.addresses import match_key

from .rows import json_text, parsed, text

ADD_USER = """
    INSERT INTO users
           (user_id, login, name, email_addresses, is_admin, language, time_zone, team_ids,
            role_ids, totp_required, positions, is_active, version, added_at, seq)
    VALUES ($1, $2, $3, $4::jsonb, $5, $6, $7, $8, $9, $10, $11::jsonb, true, $12, $13, $14)
    ON CONFLICT DO NOTHING
"""
CHANGE_USER = """
    UPDATE users
       SET login = $2, name = $3, email_addresses = $4::jsonb, is_admin = $5, language = $6,
           time_zone = $7, team_ids = $8, role_ids = $9, totp_required = $10,
           positions = $11::jsonb, version = $12, seq = $13
     WHERE user_id = $1 AND seq < $13
    RETURNING user_id
"""
SET_ACTIVE = """
    UPDATE users
       SET is_active = $2, version = $3, seq = $4,
           signed_out_at = CASE WHEN $2 THEN signed_out_at ELSE $5 END
     WHERE user_id = $1 AND seq < $4
"""
SIGN_OUT = """
    UPDATE users SET version = $2, seq = $3, signed_out_at = $4 WHERE user_id = $1 AND seq < $3
"""
SET_FACTOR = """
    UPDATE users SET has_totp = $4, version = $2, seq = $3 WHERE user_id = $1 AND seq < $3
"""
COUNT = "UPDATE users SET version = $2, seq = $3 WHERE user_id = $1 AND seq < $3"
FORGET_ADDRESSES = "DELETE FROM user_addresses WHERE user_id = $1"
ADD_ADDRESS = """
    INSERT INTO user_addresses (address, user_id, seq) VALUES ($1, $2, $3)
    ON CONFLICT DO NOTHING
"""
BY_ID = """
    SELECT u.user_id, u.login, u.name, u.email_addresses, u.is_admin, u.language, u.time_zone,
           u.has_totp, u.totp_required AND NOT u.has_totp AS must_enrol,
           ARRAY(SELECT t.team_id FROM teams t
                  WHERE t.team_id = ANY(u.team_ids) ORDER BY t.team_id) AS team_ids,
           (SELECT json_agg(r.rights ORDER BY r.role_id) FROM roles r
             WHERE r.role_id = ANY(u.role_ids)
                OR r.role_id IN (SELECT unnest(t.role_ids) FROM teams t
                                  WHERE t.team_id = ANY(u.team_ids)))::text AS rights
      FROM users u
     WHERE u.user_id = $1 AND u.is_active
       AND ($2::timestamptz IS NULL OR u.signed_out_at IS NULL OR u.signed_out_at < $2)
"""
ALL = """
    SELECT user_id, login, name, email_addresses, is_admin, language, time_zone, team_ids,
           role_ids, totp_required, positions, has_totp, is_active, version, added_at
      FROM users ORDER BY login
"""
ONE = """
    SELECT user_id, login, name, email_addresses, is_admin, language, time_zone, team_ids,
           role_ids, totp_required, positions, has_totp, is_active, version, added_at
      FROM users WHERE user_id = $1
"""
BY_LOGIN = "SELECT user_id FROM users WHERE login = $1 AND is_active"

BY_ADDRESS = """
    SELECT u.user_id FROM user_addresses a JOIN users u ON u.user_id = a.user_id
     WHERE a.address = $1 AND u.is_active ORDER BY u.user_id LIMIT 2
"""

users: Projection[Db] = Projection("users", stream="SETTINGS", version=3)


@users.on(UserAdded)
async def added(db: Db, run: Sequence[Recorded[UserAdded]]) -> None:
    """A person and the addresses they may send from."""
    for recorded in run:
        event = recorded.event
        fields = UserFields.model_validate(event.model_dump())
        row = (*_row(event.user_id, fields), recorded.version, recorded.time, recorded.sequence)
        await db.execute(ADD_USER, *row)
        await _add_addresses(db, event.user_id, fields, recorded.sequence)


@users.on(UserChanged)
async def changed(db: Db, run: Sequence[Recorded[UserChanged]]) -> None:
    """All of a person's fields, as they are now."""
    for recorded in run:
        event = recorded.event
        row = (*_row(event.user_id, event.fields), recorded.version, recorded.sequence)
        if await db.fetch(CHANGE_USER, *row):
            await db.execute(FORGET_ADDRESSES, event.user_id)
            await _add_addresses(db, event.user_id, event.fields, recorded.sequence)


@users.on(UserDeactivated)
async def deactivated(db: Db, run: Sequence[Recorded[UserDeactivated]]) -> None:
    """A person who is not let in, by no session opened so far."""
    for recorded in run:
        at = (recorded.version, recorded.sequence, recorded.time)
        await db.execute(SET_ACTIVE, recorded.event.user_id, False, *at)


@users.on(UserReactivated)
async def reactivated(db: Db, run: Sequence[Recorded[UserReactivated]]) -> None:
    """A person who is let in again."""
    for recorded in run:
        at = (recorded.version, recorded.sequence, recorded.time)
        await db.execute(SET_ACTIVE, recorded.event.user_id, True, *at)


@users.on(PasswordSet)
async def password_set(db: Db, run: Sequence[Recorded[PasswordSet]]) -> None:
    """Whoever knew the old password is let in no longer by it."""
    for recorded in run:
        at = (recorded.version, recorded.sequence, recorded.time)
        await db.execute(SIGN_OUT, recorded.event.user_id, *at)


@users.on_each(TotpEnabled, TotpDisabled)
async def factor_set(db: Db, run: Sequence[Recorded[TotpEnabled] | Recorded[TotpDisabled]]) -> None:
    """A second factor, or none any more."""
    for recorded in run:
        at = (recorded.version, recorded.sequence, isinstance(recorded.event, TotpEnabled))
        await db.execute(SET_FACTOR, recorded.event.user_id, *at)


@users.on_each(TokenIssued, TokenRevoked, RecoveryCodesReplaced, RecoveryCodeUsed)
async def counted(db: Db, run: Sequence[Recorded[Any]]) -> None:
    """Facts about the person, which their version counts."""
    for recorded in run:
        await db.execute(COUNT, recorded.event.user_id, recorded.version, recorded.sequence)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRow:
    """A user as administrators see them; ``version`` counts the facts about them."""

    id: str
    fields: UserFields
    is_active: bool
    has_totp: bool
    version: int
    added_at: datetime


async def person_by_id(pool: Pool, user_id: str, since: datetime | None = None) -> Person | None:
    """Return a user who is let in, with their rights.

    ``since`` is when their session was opened; one from before they were signed out is nobody's.
    """
    row = await pool.fetchrow(BY_ID, user_id, since)
    return _person(row) if row else None


async def user_by_id(pool: Pool, user_id: str) -> UserRow | None:
    """Return a user, also one who is not let in."""
    row = await pool.fetchrow(ONE, user_id)
    return _user(row) if row else None


async def every_user(pool: Pool) -> list[UserRow]:
    """Return all users, by login."""
    return [_user(row) for row in await pool.fetch(ALL)]


async def user_id_by_login(pool: Pool, login: str) -> str | None:
    """Return the id of the active user who logs in by this name now."""
    row = await pool.fetchrow(BY_LOGIN, _login(login))
    return str(row["user_id"]) if row else None


async def user_ids_by_address(pool: Pool, address: str) -> list[str]:
    """Return the active users who have an address, two at most."""
    rows = await pool.fetch(BY_ADDRESS, text(match_key(address)))
    return [str(row["user_id"]) for row in rows]


async def _add_addresses(db: Db, user_id: str, fields: UserFields, sequence: int) -> None:
    for address in fields.email_addresses:
        await db.execute(ADD_ADDRESS, text(match_key(address)), user_id, sequence)


def _row(user_id: str, fields: UserFields) -> tuple[object, ...]:
    return (
        user_id,
        _login(fields.login),
        text(fields.name),
        json_text(fields.email_addresses),
        fields.is_admin,
        fields.language,
        fields.time_zone,
        list(fields.team_ids),
        list(fields.role_ids),
        fields.totp_required,
        json_text(fields.positions),
    )


def _login(login: str) -> str:
    return (text(login) or "").strip().casefold()


def _person(row: Record) -> Person:
    roles = [RoleFields(name="", rights=rights).rights for rights in parsed(row["rights"]) or ()]
    return Person(
        id=row["user_id"],
        login=row["login"],
        name=row["name"],
        is_admin=row["is_admin"],
        language=row["language"],
        time_zone=row["time_zone"],
        email_addresses=tuple(parsed(row["email_addresses"])),
        team_ids=tuple(row["team_ids"]),
        has_totp=row["has_totp"],
        must_enrol=row["must_enrol"],
        rights=effective(roles, is_admin=row["is_admin"]),
    )


def _user(row: Record) -> UserRow:
    told = {name: parsed(row[name]) for name in ("email_addresses", "positions")}
    known = {name: row[name] for name in UserFields.model_fields if name not in told}
    fields = UserFields(**known | told)
    return UserRow(
        id=row["user_id"],
        fields=fields,
        is_active=row["is_active"],
        has_totp=row["has_totp"],
        version=row["version"],
        added_at=row["added_at"],
    )

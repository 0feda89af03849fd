"""Who may use Courrier, by which tokens, and which addresses are theirs.

Tables ``users``, ``user_addresses`` and ``tokens``, fed by ``SETTINGS`` alone. A user and a token
are inserted once and tokens only ever become revoked, so that replaying gives the same rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record

from courrier.events.envelope import Recorded
from courrier.events.families.settings import TokenIssued, TokenRevoked, UserAdded
from courrier.events.postgres.pool import Db, Pool
from courrier.events.projection import Projection
from courrier.gateway.domain.access import Person
from courrier.mail.addresses import match_key

from .rows import json_text, parsed, text

ADD_USER = """
    INSERT INTO users
           (user_id, login, name, email_addresses, is_admin, language, added_at, seq)
    VALUES ($1, $2, $3, $4::jsonb, $5, $6, $7, $8)
    ON CONFLICT DO NOTHING
"""
ADD_ADDRESS = """
    INSERT INTO user_addresses (address, user_id, seq) VALUES ($1, $2, $3)
    ON CONFLICT DO NOTHING
"""
ISSUE = """
    INSERT INTO tokens
           (token_id, user_id, name, digest, scopes, issued_at, expires_at, seq)
    VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7, $8)
    ON CONFLICT DO NOTHING
"""
REVOKE = """
    UPDATE tokens SET revoked = true, seq = $2 WHERE token_id = $1 AND seq < $2
"""
BY_ID = """
    SELECT user_id, login, name, email_addresses, is_admin, language
      FROM users WHERE user_id = $1
"""
ALL = """
    SELECT user_id, login, name, email_addresses, is_admin, language
      FROM users ORDER BY login
"""
BY_DIGEST = """
    SELECT u.user_id, u.login, u.name, u.email_addresses, u.is_admin, u.language, t.scopes
      FROM tokens t JOIN users u ON u.user_id = t.user_id
     WHERE t.digest = $1 AND NOT t.revoked AND (t.expires_at IS NULL OR t.expires_at > $2)
"""
GOOD_ONES = """
    SELECT token_id, name, scopes, issued_at, expires_at
      FROM tokens WHERE user_id = $1 AND NOT revoked ORDER BY issued_at DESC, token_id
"""

users: Projection[Db] = Projection("users", stream="SETTINGS", version=1)


@users.on(UserAdded)
async def added(db: Db, run: Sequence[Recorded[UserAdded]]) -> None:
    """A person and the addresses they may send from."""
    for recorded in run:
        event = recorded.event
        await db.execute(
            ADD_USER,
            event.user_id,
            text(event.login.strip().casefold()),
            text(event.name),
            json_text(event.email_addresses),
            event.is_admin,
            event.language,
            recorded.time,
            recorded.sequence,
        )
        for address in event.email_addresses:
            key = text(match_key(address))
            await db.execute(ADD_ADDRESS, key, event.user_id, recorded.sequence)


@users.on(TokenIssued)
async def issued(db: Db, run: Sequence[Recorded[TokenIssued]]) -> None:
    """A token that opens the interface."""
    for recorded in run:
        event = recorded.event
        await db.execute(
            ISSUE,
            event.token_id,
            event.user_id,
            text(event.name),
            event.digest,
            json_text(event.scopes),
            recorded.time,
            event.expires_at,
            recorded.sequence,
        )


@users.on(TokenRevoked)
async def revoked(db: Db, run: Sequence[Recorded[TokenRevoked]]) -> None:
    """A token that opens nothing any more."""
    for recorded in run:
        await db.execute(REVOKE, recorded.event.token_id, recorded.sequence)


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A good token as its owner sees it."""

    id: str
    name: str
    scopes: tuple[str, ...]
    issued_at: datetime
    expires_at: datetime | None


async def person_by_id(pool: Pool, user_id: str) -> Person | None:
    """Return a user."""
    row = await pool.fetchrow(BY_ID, user_id)
    return _person(row) if row else None


async def every_person(pool: Pool) -> list[Person]:
    """Return all users, by login."""
    return [_person(row) for row in await pool.fetch(ALL)]


async def person_by_token(
    pool: Pool, digest: str, now: datetime
) -> tuple[Person, tuple[str, ...]] | None:
    """Return whom a good token belongs to, and its scopes (none: all)."""
    row = await pool.fetchrow(BY_DIGEST, digest, now)
    return (_person(row), tuple(parsed(row["scopes"]))) if row else None


async def tokens_of(pool: Pool, user_id: str) -> list[TokenRow]:
    """Return a user's good tokens, newest first."""
    return [
        TokenRow(
            row["token_id"],
            row["name"],
            tuple(parsed(row["scopes"])),
            row["issued_at"],
            row["expires_at"],
        )
        for row in await pool.fetch(GOOD_ONES, user_id)
    ]


def _person(row: Record) -> Person:
    return Person(
        id=row["user_id"],
        login=row["login"],
        name=row["name"],
        is_admin=row["is_admin"],
        language=row["language"],
        email_addresses=tuple(parsed(row["email_addresses"])),
    )

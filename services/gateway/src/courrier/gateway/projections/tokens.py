"""API tokens: whose they are, what they open, until when.

Table ``tokens``, fed by ``SETTINGS`` alone. A token is inserted once and only ever becomes revoked,
so that replaying gives the same rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from courrier.events.envelope import Recorded
from courrier.events.families.settings import TokenIssued, TokenRevoked
from courrier.events.postgres.pool import Db, Pool
from courrier.events.projection import Projection
from courrier.gateway.domain.access import Person

from .rows import json_text, parsed, text
from .users import person_by_id

ISSUE = """
    INSERT INTO tokens
           (token_id, user_id, name, digest, scopes, issued_at, expires_at, seq)
    VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7, $8)
    ON CONFLICT DO NOTHING
"""
REVOKE = """
    UPDATE tokens SET revoked = true, seq = $2 WHERE token_id = $1 AND seq < $2
"""
BY_DIGEST = """
    SELECT user_id, token_id, scopes FROM tokens
     WHERE digest = $1 AND NOT revoked AND (expires_at IS NULL OR expires_at > $2)
"""
GOOD_ONES = """
    SELECT t.token_id, t.name, t.scopes, t.issued_at, t.expires_at, u.last_used_at
      FROM tokens t LEFT JOIN token_uses u ON u.token_id = t.token_id
     WHERE t.user_id = $1 AND NOT t.revoked ORDER BY t.issued_at DESC, t.token_id
"""

tokens: Projection[Db] = Projection("tokens", stream="SETTINGS", version=1)


@tokens.on(TokenIssued)
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


@tokens.on(TokenRevoked)
async def revoked(db: Db, run: Sequence[Recorded[TokenRevoked]]) -> None:
    """A token that opens nothing any more."""
    for recorded in run:
        await db.execute(REVOKE, recorded.event.token_id, recorded.sequence)


@dataclass(frozen=True, slots=True)
class KnownToken:
    """A token that opens the interface; no ``scopes`` means all."""

    id: str
    person: Person
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A good token as its owner sees it."""

    id: str
    name: str
    scopes: tuple[str, ...]
    issued_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


async def person_by_token(pool: Pool, digest: str, now: datetime) -> KnownToken | None:
    """Return whom a good token belongs to."""
    row = await pool.fetchrow(BY_DIGEST, digest, now)
    person = await person_by_id(pool, row["user_id"]) if row else None
    if row is None or person is None:
        return None
    return KnownToken(row["token_id"], person, tuple(parsed(row["scopes"])))


async def tokens_of(pool: Pool, user_id: str) -> list[TokenRow]:
    """Return a user's good tokens, newest first."""
    return [
        TokenRow(
            row["token_id"],
            row["name"],
            tuple(parsed(row["scopes"])),
            row["issued_at"],
            row["expires_at"],
            row["last_used_at"],
        )
        for row in await pool.fetch(GOOD_ONES, user_id)
    ]

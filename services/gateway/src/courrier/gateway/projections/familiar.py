"""Who is known of a sender's name, and of nearly their domain, by users' and records' rows."""

from courrier.events.postgres.pool import Pool
from courrier.gateway.domain.access import Reach
from courrier.gateway.domain.look_alikes import Known, domain_of, skeleton

from .rows import escaped

MOST = 50
IS_KNOWN = """
    SELECT EXISTS (SELECT 1 FROM user_addresses WHERE address = $1)
        OR EXISTS (SELECT 1 FROM record_addresses WHERE address = $1 AND owned)
"""
NAMESAKES = """
    (SELECT ua.address FROM users u JOIN user_addresses ua ON ua.user_id = u.user_id
      WHERE lower(u.name) = lower($1) LIMIT 50)
    UNION
    (SELECT a.address FROM records r
       JOIN record_addresses a
         ON a.record_type = r.record_type AND a.record_id = r.record_id AND a.owned
      WHERE r.record_type IN ('contact', 'lead') AND r.name ILIKE $2 AND r.audience && $3::text[]
      LIMIT 50)
"""
DOMAINS = """
    (SELECT DISTINCT split_part(address, '@', 2) AS domain FROM user_addresses LIMIT 50)
    UNION
    (SELECT DISTINCT split_part(a.address, '@', 2)
       FROM record_addresses a WHERE $1 <% a.address AND a.owned LIMIT 50)
"""


async def is_known(pool: Pool, address: str) -> bool:
    """Tell whether an address is a user's or a record's."""
    return bool(await pool.fetchval(IS_KNOWN, address.lower()))


async def known_like(pool: Pool, name: str | None, address: str, reach: Reach) -> Known:
    """Return who of those whom the reader may know has this name, and which domains are near."""
    keys = list(reach.keys)
    named = await pool.fetch(NAMESAKES, name, escaped(name), keys) if name else []
    near = await pool.fetch(DOMAINS, "@" + skeleton(domain_of(address)))
    return Known(tuple(row["address"] for row in named), frozenset(row["domain"] for row in near))

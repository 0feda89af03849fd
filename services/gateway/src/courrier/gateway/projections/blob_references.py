"""Which blobs somebody refers to: what the log says, as the rows of four streams have it.

Received messages (``MAILBOX``), e-mails (``EMAIL``), outgoing messages and drafts (``OUTBOUND``)
and templates by the uploads they name (``SETTINGS``) refer to bytes; an upload by itself does not.
No row of its own: the references are columns of what refers, so that they come and go with it, and
a rebuild counts them anew.
"""

from collections.abc import Mapping, Sequence

from courrier.events.postgres.pool import Pool

from . import positions

STREAMS = ("MAILBOX", "EMAIL", "OUTBOUND", "SETTINGS")
REFERRED = """
    SELECT wanted.digest
      FROM unnest($1::text[]) AS wanted(digest)
     WHERE EXISTS (SELECT 1 FROM received_blobs r WHERE r.digest = wanted.digest)
        OR EXISTS (SELECT 1 FROM emails e WHERE e.raw_digest = wanted.digest)
        OR EXISTS (SELECT 1 FROM deliveries d WHERE d.raw_digest = wanted.digest)
        OR EXISTS (SELECT 1 FROM drafts w WHERE w.digests @> ARRAY[wanted.digest])
        OR EXISTS (SELECT 1 FROM uploads u
                     JOIN configured c
                       ON c.kind = 'template' AND NOT c.removed
                      AND c.fields -> 'attachment_ids' ? u.upload_id
                    WHERE u.digest = wanted.digest)
"""


async def referred(pool: Pool, digests: Sequence[str]) -> set[str]:
    """Return those of these blobs that somebody refers to."""
    return {row["digest"] for row in await pool.fetch(REFERRED, list(digests))}


class RowReferences:
    """``References`` by the gateway's rows."""

    streams: tuple[str, ...] = STREAMS

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def are_complete(self, ends: Mapping[str, int]) -> bool:
        """Tell whether every reference up to these ends of the streams is counted."""
        seen = await positions.seen(self._pool)
        return all(seen.get(stream, 0) >= end for stream, end in ends.items())

    async def referred(self, digests: Sequence[str]) -> set[str]:
        """Return those of these blobs that somebody refers to."""
        return await referred(self._pool, digests)

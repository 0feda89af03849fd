"""Files that were uploaded, by their ids.

Table ``uploads``, fed by ``SETTINGS``: a row is never changed, so that replaying gives the same
ones. The bytes of those that no draft and no template names go with time (``blob_references``).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record

from courrier.events.envelope import Recorded
from courrier.events.families.drafts import WrittenFile
from courrier.events.families.mailbox import BlobRef
from courrier.events.families.uploads import FileUploaded
from courrier.events.postgres.pool import Db, Pool
from courrier.events.projection import Projection

from .rows import text

ADD = """
    INSERT INTO uploads
           (upload_id, owner_id, filename, content_type, digest, size, content_id, inline,
            uploaded_at, seq)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING
"""
BY_IDS = """
    SELECT u.upload_id, u.owner_id, u.filename, u.content_type, u.digest, u.size, u.content_id,
           u.inline, u.uploaded_at
      FROM unnest($1::text[]) WITH ORDINALITY AS wanted(upload_id, place)
      JOIN uploads u ON u.upload_id = wanted.upload_id
     ORDER BY wanted.place
"""

uploads: Projection[Db] = Projection("uploads", stream="SETTINGS", version=1)


@dataclass(frozen=True, slots=True)
class UploadRow:
    """An upload that is complete."""

    owner_id: str
    file: WrittenFile
    uploaded_at: datetime


@uploads.on(FileUploaded)
async def uploaded(db: Db, run: Sequence[Recorded[FileUploaded]]) -> None:
    """A file to write with."""
    for recorded in run:
        event = recorded.event
        await db.execute(
            ADD,
            event.upload_id,
            event.owner_id,
            text(event.filename),
            event.content_type,
            event.content.digest,
            event.content.size,
            event.content_id,
            event.inline,
            recorded.time,
            recorded.sequence,
        )


async def uploads_by_ids(pool: Pool, ids: Collection[str]) -> list[UploadRow]:
    """Return those of these uploads that there are, in this order."""
    return [_upload(row) for row in await pool.fetch(BY_IDS, list(ids))]


def _upload(row: Record) -> UploadRow:
    file = WrittenFile(
        id=row["upload_id"],
        filename=row["filename"],
        content_type=row["content_type"],
        content=BlobRef(digest=row["digest"], size=row["size"]),
        content_id=row["content_id"],
        inline=row["inline"],
    )
    return UploadRow(row["owner_id"], file, row["uploaded_at"])

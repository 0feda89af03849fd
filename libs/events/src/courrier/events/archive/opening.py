"""The archive that ``COURRIER_ARCHIVE`` names: a directory's path, or ``s3://bucket/prefix?…``."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from courrier.events.archive.directory import DirectorySegments
from courrier.events.archive.kept import Archive
from courrier.events.runtime.blob_store import StorageSettings
from courrier.events.runtime.process import MissingSetting

S3_SCHEME = "s3://"


@asynccontextmanager
async def open_archive(settings: StorageSettings) -> AsyncIterator[Archive]:
    """Hold the archive that the settings name.

    Raises:
        MissingSetting: they name none.
        BadBucketUrl: an address of S3 storage has another form.
    """
    if not settings.archive:
        raise MissingSetting(
            "COURRIER_ARCHIVE is not set: a directory's path, or s3://bucket/prefix?endpoint=…"
        )
    if not settings.archive.startswith(S3_SCHEME):
        yield Archive(DirectorySegments(Path(settings.archive)))
        return
    # The S3 client is an extra, and takes half a second to import.
    from courrier.events.s3.bucket import Credentials, open_bucket, parse_address  # noqa: PLC0415
    from courrier.events.s3.segments import S3Segments  # noqa: PLC0415

    keys = Credentials(*settings.s3_keys())
    async with open_bucket(parse_address(settings.archive), keys) as bucket:
        yield Archive(S3Segments(bucket))

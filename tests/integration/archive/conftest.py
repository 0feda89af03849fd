"""An archive in a directory or in S3, empty."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from courrier.events.archive.directory import DirectorySegments
from courrier.events.archive.kept import Archive
from courrier.events.s3.segments import S3Segments
from support.s3 import fresh_bucket


@pytest.fixture
def archive_folder(tmp_path: Path) -> Path:
    """Where ``archive`` is."""
    return tmp_path / "archive"


@pytest.fixture
def archive(archive_folder: Path) -> Archive:
    """An archive in a directory."""
    return Archive(DirectorySegments(archive_folder))


@pytest.fixture(params=["directory", "s3"])
async def any_archive(request: pytest.FixtureRequest) -> AsyncIterator[Archive]:
    """An archive in each kind of storage."""
    if request.param == "directory":
        kept: Archive = request.getfixturevalue("archive")
        yield kept
        return
    async with fresh_bucket(request.getfixturevalue("s3_endpoint")) as bucket:
        yield Archive(S3Segments(bucket))

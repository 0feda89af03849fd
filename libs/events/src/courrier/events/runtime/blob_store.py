"""Where blobs live: ``COURRIER_BLOBS=jetstream`` (default) or ``s3://bucket/prefix?endpoint=…``.

The credentials are ``COURRIER_S3_ACCESS_KEY`` and ``COURRIER_S3_SECRET_KEY``; without them the
usual places of AWS tools are asked (environment, the machine's role).
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from nats.aio.client import Client
from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from courrier.events.blobs import Blobs, BlobShelf
from courrier.events.jetstream.blob_shelf import JetStreamBlobShelf
from courrier.events.jetstream.blobs import JetStreamBlobs

JETSTREAM = "jetstream"


class StorageSettings(BaseSettings):
    """Settings of storage outside the broker; ``archive`` is a directory's path or an s3 URL."""

    model_config = SettingsConfigDict(env_prefix="COURRIER_", frozen=True, extra="ignore")

    blobs: str = JETSTREAM
    archive: str | None = None
    s3_access_key: SecretStr | None = None
    s3_secret_key: SecretStr | None = None

    def s3_keys(self) -> tuple[str | None, str | None]:
        """Return access key and secret key in clear; both None when they are not set."""
        access, secret = self.s3_access_key, self.s3_secret_key
        if access is None or secret is None:
            return None, None
        return access.get_secret_value(), secret.get_secret_value()


@asynccontextmanager
async def open_blob_shelf(
    client: Client, settings: StorageSettings | None = None
) -> AsyncIterator[BlobShelf]:
    """Hold the same store for taking blobs away (see ``open_blobs``)."""
    chosen = settings or StorageSettings()
    if chosen.blobs == JETSTREAM:
        yield JetStreamBlobShelf(client)
        return
    from courrier.events.s3.blob_shelf import S3BlobShelf  # noqa: PLC0415
    from courrier.events.s3.bucket import Credentials, open_bucket, parse_address  # noqa: PLC0415

    keys = chosen.s3_keys()
    async with open_bucket(parse_address(chosen.blobs), Credentials(*keys)) as bucket:
        yield S3BlobShelf(bucket)


@asynccontextmanager
async def open_blobs(
    client: Client, settings: StorageSettings | None = None
) -> AsyncIterator[Blobs]:
    """Hold the blob store that the settings name; without settings, those of the environment.

    Raises:
        BadBucketUrl: ``COURRIER_BLOBS`` has neither form.
    """
    chosen = settings or StorageSettings()
    if chosen.blobs == JETSTREAM:
        yield JetStreamBlobs(client)
        return
    # The S3 client is an extra, and takes half a second to import.
    from courrier.events.s3.blobs import S3Blobs  # noqa: PLC0415
    from courrier.events.s3.bucket import Credentials, open_bucket, parse_address  # noqa: PLC0415

    keys = chosen.s3_keys()
    async with open_bucket(parse_address(chosen.blobs), Credentials(*keys)) as bucket:
        yield S3Blobs(bucket)

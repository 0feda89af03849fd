"""An S3 server of the tests' own (moto), and buckets in it."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from uuid import uuid4

from aiobotocore.session import get_session
from moto.server import ThreadedMotoServer

from courrier.events.s3.bucket import Bucket, BucketAddress, Credentials, open_bucket
from courrier.local.ports import HOST, free_port

KEYS = Credentials("test-access", "test-secret")


@contextmanager
def s3_server() -> Iterator[str]:
    """Run a server on loopback and yield its endpoint."""
    port = free_port()
    server = ThreadedMotoServer(ip_address=HOST, port=port, verbose=False)
    server.start()
    try:
        yield f"http://{HOST}:{port}"
    finally:
        server.stop()


async def new_bucket(endpoint: str, *, versioned: bool = False) -> BucketAddress:
    """Make a bucket and return its address, with a prefix."""
    address = BucketAddress(f"bucket-{uuid4().hex[:12]}", "courrier/test", endpoint)
    async with get_session().create_client(
        "s3",
        region_name=address.region,
        endpoint_url=endpoint,
        aws_access_key_id=KEYS.access_key,
        aws_secret_access_key=KEYS.secret_key,
    ) as client:
        await client.create_bucket(Bucket=address.bucket)
        if versioned:
            await client.put_bucket_versioning(
                Bucket=address.bucket, VersioningConfiguration={"Status": "Enabled"}
            )
    return address


@asynccontextmanager
async def fresh_bucket(endpoint: str, *, versioned: bool = False) -> AsyncIterator[Bucket]:
    """Yield a connected bucket that is empty."""
    async with open_bucket(await new_bucket(endpoint, versioned=versioned), KEYS) as bucket:
        yield bucket

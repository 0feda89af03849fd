"""One bucket of S3-compatible storage: bounded waits, bounded concurrency, our own errors."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiobotocore.config import AioConfig
from aiobotocore.session import get_session
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from courrier.events.store import StoreUnavailable

CONNECT_TIMEOUT_S = 5
READ_TIMEOUT_S = 30
ATTEMPTS = 4
CONCURRENCY = 16
DEFAULT_REGION = "us-east-1"

NOT_FOUND = ("404", "NoSuchKey", "NotFound")
TAKEN = ("412", "PreconditionFailed", "ConditionalRequestConflict")
UNVERSIONED = ("NotImplemented", "MethodNotAllowed", "501", "405")


class BadBucketUrl(ValueError):
    """The address of S3 storage has another form than ``s3://bucket/prefix?endpoint=…``."""


class ObjectMissing(LookupError):
    """The bucket has no such key."""


class ObjectExists(FileExistsError):
    """The key is taken, and the write was to be the first."""


@dataclass(frozen=True, slots=True)
class BucketAddress:
    """``prefix`` has no slash at its ends; ``endpoint`` None means Amazon's own."""

    bucket: str
    prefix: str
    endpoint: str | None = None
    region: str = DEFAULT_REGION


@dataclass(frozen=True, slots=True)
class Credentials:
    """Both None: the usual places of AWS tools (environment, role of the machine)."""

    access_key: str | None = None
    secret_key: str | None = None


def parse_address(url: str) -> BucketAddress:
    """Read ``s3://bucket/prefix?endpoint=https://host:port&region=eu-1``.

    Raises:
        BadBucketUrl: another scheme, or no bucket.
    """
    parts = urlsplit(url)
    if parts.scheme != "s3" or not parts.netloc:
        raise BadBucketUrl(f"{url!r} is not s3://bucket/prefix?endpoint=https://host")
    options = parse_qs(parts.query)
    endpoint = options.get("endpoint", [None])[0]
    region = options.get("region", [DEFAULT_REGION])[0] or DEFAULT_REGION
    return BucketAddress(parts.netloc, parts.path.strip("/"), endpoint, region)


@asynccontextmanager
async def open_bucket(address: BucketAddress, credentials: Credentials) -> AsyncIterator["Bucket"]:
    """Hold connections to a bucket while the body runs; nothing is asked of it yet."""
    configuration = AioConfig(
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=READ_TIMEOUT_S,
        max_pool_connections=CONCURRENCY,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        # A bucket's name in the host part needs wildcard DNS, which own servers rarely have.
        s3={"addressing_style": "path" if address.endpoint else "auto"},
    )
    connecting = get_session().create_client(
        "s3",
        region_name=address.region,
        endpoint_url=address.endpoint,
        aws_access_key_id=credentials.access_key,
        aws_secret_access_key=credentials.secret_key,
        config=configuration,
    )
    async with connecting as client:
        yield Bucket(client, address)


class Bucket:
    """Objects below one prefix; keys are given and returned without it."""

    def __init__(self, client: Any, address: BucketAddress) -> None:
        self._client = client
        self._address = address
        self._places = asyncio.Semaphore(CONCURRENCY)

    async def exists(self, key: str) -> bool:
        """Tell whether the key has an object."""
        try:
            await self._call("head_object", Key=self._key(key))
        except ObjectMissing:
            return False
        return True

    async def modified(self, key: str) -> datetime | None:
        """Return when the key's object was stored, in whole seconds; None if there is none."""
        try:
            found = await self._call("head_object", Key=self._key(key))
        except ObjectMissing:
            return None
        stored_at: datetime = found["LastModified"]
        return stored_at

    async def get(self, key: str) -> bytes:
        """Return an object's bytes.

        Raises:
            ObjectMissing: there is none.
        """
        answer = await self._call("get_object", Key=self._key(key), read=True)
        return bytes(answer["Body"])

    async def put(self, key: str, data: bytes, *, first: bool = False) -> None:
        """Store an object; with ``first`` only where there is none.

        Raises:
            ObjectExists: it was to be the first and is not.
        """
        condition = {"IfNoneMatch": "*"} if first else {}
        await self._call("put_object", Key=self._key(key), Body=data, extra=condition)

    async def delete(self, key: str) -> None:
        """Remove an object and, where the bucket keeps them, all its versions."""
        await self._call("delete_object", Key=self._key(key))
        await self.forget_versions(key, keep_latest=False)

    async def forget_versions(self, key: str, *, keep_latest: bool = True) -> None:
        """Remove the older versions of an object: what is erased must not live on in them."""
        full = self._key(key)
        try:
            found = await self._call("list_object_versions", Prefix=full)
        except StoreUnavailable as error:
            if _code_of(error.__cause__) in UNVERSIONED:
                return
            raise
        marks = [*found.get("Versions", ()), *found.get("DeleteMarkers", ())]
        for mark in marks:
            if mark["Key"] == full and not (keep_latest and mark["IsLatest"]):
                await self._call("delete_object", Key=full, VersionId=mark["VersionId"])

    async def keys(self, prefix: str) -> list[str]:
        """Return the keys that begin with ``prefix``, sorted."""
        found: list[str] = []
        further: dict[str, str] = {}
        while True:
            page = await self._call("list_objects_v2", Prefix=self._key(prefix), extra=further)
            found += [item["Key"] for item in page.get("Contents", ())]
            if not page.get("IsTruncated"):
                start = len(self._key(""))
                return sorted(key[start:] for key in found)
            further = {"ContinuationToken": page["NextContinuationToken"]}

    def _key(self, key: str) -> str:
        return f"{self._address.prefix}/{key}" if self._address.prefix else key

    async def _call(
        self,
        operation: str,
        *,
        read: bool = False,
        extra: Mapping[str, str] | None = None,
        **arguments: Any,
    ) -> Any:
        """Do one operation; ``read`` fetches the body too, within the same place and time."""
        where = f"s3://{self._address.bucket}/{arguments.get('Key') or arguments.get('Prefix')}"
        try:
            async with self._places, asyncio.timeout(READ_TIMEOUT_S * ATTEMPTS):
                method = getattr(self._client, operation)
                answer = await method(Bucket=self._address.bucket, **arguments, **(extra or {}))
                if read:
                    async with answer["Body"] as body:
                        answer["Body"] = await body.read()
                return answer
        except ClientError as error:
            raise _translated(error, operation, where) from error
        except (BotoCoreError, HTTPClientError, OSError) as error:
            raise StoreUnavailable(f"{operation} of {where} failed: {error!r}") from error


def _translated(error: ClientError, operation: str, where: str) -> Exception:
    code = _code_of(error)
    if code in NOT_FOUND:
        return ObjectMissing(f"no object {where}")
    if code in TAKEN:
        return ObjectExists(f"there is an object {where} already")
    return StoreUnavailable(f"{operation} of {where} was declined: {code}")


def _code_of(error: BaseException | None) -> str:
    if not isinstance(error, ClientError):
        return ""
    return str(error.response.get("Error", {}).get("Code", ""))

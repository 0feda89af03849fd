"""The search over the broker's log: every event is read, so that nothing depends on an index."""

import json
from collections.abc import Mapping
from typing import Any

from nats.aio.client import Client

from courrier.events.archive.broker_log import BrokerLog
from courrier.events.archive.lines import Archived
from courrier.events.blobs import BlobMissing, Blobs
from courrier.events.erasure.plan import Plan, Search, Seen, Target

PASSES = 10
"""More than any chain of e-mail, message and copy is long."""


class OneOfOurs(ValueError):
    """The address is a user's or an account's own: erasing it would erase other people's mail."""


async def find(client: Client, blobs: Blobs, target: Target, *, with_records: bool = True) -> Plan:
    """Return what is left to erase of the target.

    Raises:
        OneOfOurs: the address is that of a user or an account.
        StoreUnavailable: the broker or the blob store did not answer.
    """
    search = Search(target, with_records=with_records)
    for _ in range(PASSES):
        before = search.size
        await _pass(client, blobs, search)
        if search.ours:
            raise OneOfOurs(
                f"{target.text} belongs to {', '.join(sorted(search.ours))}: remove the user or "
                "account first; nearly all of their mail is other people's, too"
            )
        if search.size == before:
            break
    return search.plan()


async def _pass(client: Client, blobs: Blobs, search: Search) -> None:
    search.begin_pass()
    for stream in Search.STREAMS:
        source = BrokerLog(client, stream)
        async for page in source.messages((await source.state()).last):
            for message in page:
                seen = _seen(stream, message)
                if search.wants_bytes(seen) and await _names(blobs, seen, search):
                    search.found_in_bytes(seen)
                search.show(seen)


def _seen(stream: str, message: Archived) -> Seen:
    headers: Mapping[str, str] = message.headers
    return Seen(
        stream,
        message.sequence,
        message.subject,
        headers.get("ce-type", ""),
        headers.get("ce-id", ""),
        _body(message.data),
        message.data,
    )


def _body(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


async def _names(blobs: Blobs, seen: Seen, search: Search) -> bool:
    raw = seen.body.get("raw") or {}
    try:
        data = await blobs.get(str(raw.get("digest")))
    except BlobMissing:
        return False
    return search.needle in data.lower()

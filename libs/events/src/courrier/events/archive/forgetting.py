"""The archive forgets what the log does: facts that say what was erased are carried out here, too.

``MessagesPurged``, ``MessageErased`` and ``EmailErased`` tell where the events stood that went.
Before such a fact is archived, salt and content of those events are dropped, and their blobs noted
as unwanted: interrupted in between, the fact is read again and nothing is done twice.
"""

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from courrier.events.archive import names
from courrier.events.archive.kept import Archive
from courrier.events.archive.lines import Archived, Line
from courrier.events.families.email import EmailErased
from courrier.events.families.mailbox import MessageErased
from courrier.events.families.mailbox_state import MessagesPurged
from courrier.events.segment_store import SegmentExists

TOMBSTONES = (EmailErased.TYPE, MessageErased.TYPE, MessagesPurged.TYPE)


async def forget(archive: Archive, stream: str, draft: Iterable[Line]) -> None:
    """Drop what facts among these lines, which are about to be archived, say is gone.

    Raises:
        SegmentDamaged: a segment that holds some of it has a fault.
    """
    lines = [line for line in draft if isinstance(line, Archived)]
    wanted = {each for line in lines for each in gone_by(line)}
    if not wanted:
        return
    known = [*await archive.among(stream, wanted), *(x for x in lines if x.sequence in wanted)]
    for digest in {digest for line in known if (digest := _digest_in(line))}:
        with suppress(SegmentExists):
            await archive.store.write(f"{names.UNWANTED}{digest}", b"")
    await archive.erase(stream, wanted)


def gone_by(line: Archived) -> set[int]:
    """Return the sequences that an event says are erased; none for any other event."""
    if line.headers.get("ce-type") not in TOMBSTONES:
        return set()
    body = _body(line)
    purged = [each.get("sequence") for each in body.get("messages") or ()]
    found = [*(body.get("sequences") or ()), *purged]
    return {each for each in found if isinstance(each, int) and 0 < each < line.sequence}


def _digest_in(line: Archived) -> str | None:
    raw = _body(line).get("raw")
    return str(raw["digest"]) if isinstance(raw, dict) and "digest" in raw else None


def _body(line: Archived) -> Mapping[str, Any]:
    with suppress(ValueError):
        body = json.loads(line.data)
        if isinstance(body, dict):
            return body
    return {}

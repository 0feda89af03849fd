"""What a report of non-delivery says, read from its own bytes when somebody opens it."""

import json
from typing import Any

from courrier.events.blobs import BlobMissing
from courrier.gateway.ports import Gateway, ReadingTookTooLong
from courrier.gateway.projections.email_views import EmailView

LARGEST = 4 * 1024 * 1024
"""Bytes of a report that is read for this; a report that encloses more is told by its text."""


async def bounce_json(gateway: Gateway, view: EmailView) -> dict[str, Any] | None:
    """Return ``bounce`` as ``POST /emails/parse`` gives it; None for what is no report.

    Only what a machine sent is looked at.
    """
    if not view.auto_reply or view.draft is not None or view.raw_size > LARGEST:
        return None
    try:
        raw = await gateway.blobs.get(view.raw_digest)
        parsed = json.loads(await gateway.reader.parse(raw))
    except (BlobMissing, ReadingTookTooLong):
        return None
    found: dict[str, Any] | None = parsed["bounce"]
    return found

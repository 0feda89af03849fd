"""The example in the documentation works when pasted."""

import asyncio
import os
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from courrier.events import subjects
from courrier.events.base import Evidence, RecordRef
from courrier.events.envelope import Context, NewEvent
from courrier.events.families.email import EmailImported, Link
from courrier.events.families.mailbox import BlobRef
from courrier.events.store import EventStore

PAGE = Path(__file__).parents[2] / "docs" / "subscribing.md"
WITHIN_S = 20


@pytest.mark.integration
async def test_the_documented_subscriber_prints_links(nats_url: str, store: EventStore) -> None:
    """Taken from the page, run as a program of its own, seen to print what was linked."""
    [program] = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    await store.append([_imported()])

    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-u",
        "-c",
        program,
        env={**os.environ, "COURRIER_NATS_URL": nats_url},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), WITHIN_S)
    finally:
        process.kill()
        await process.wait()

    assert "1 Your offer belongs to contact c1" == line.decode().strip()


def _imported() -> NewEvent:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    reason = Evidence(rule="address", field="from", value="ada@example.org")
    event = EmailImported(
        email_id="e1",
        source_id="s1",
        status="archived",
        raw=BlobRef(digest="00", size=1),
        thread_id="t1",
        thread_reason=reason,
        subject="Your offer",
        date=now,
        links=(Link(record=RecordRef(type="contact", id="c1"), parent=True, reason=reason),),
    )
    context = Context("/courrier/linker", "service:linker", now)
    return NewEvent(subjects.email("e1"), event, uuid4(), 1, context, 0)

"""Messages are read in processes of their own, with a limit."""

import asyncio
import json

import pytest

from courrier.gateway.adapters.reader import ProcessReader
from courrier.gateway.ports import ReadingTookTooLong
from support.builders import raw_message

pytestmark = pytest.mark.integration


async def test_a_slow_message_costs_one_process_and_no_more() -> None:
    """Its reader is ended; the next message is read as if nothing had been."""
    reader = ProcessReader(1)
    hasty = ProcessReader(1, limit_s=0.0001)
    try:
        with pytest.raises(ReadingTookTooLong):
            await hasty.parse(raw_message())
        parsed = [json.loads(await reader.parse(raw_message())) for _ in range(2)]
        assert ["Question", "Question"] == [each["subject"] for each in parsed]
        assert await reader.attachment(raw_message(), 7) is None
    finally:
        await reader.close()
        await hasty.close()


async def test_many_messages_share_few_processes() -> None:
    """Answers go to whoever asked."""
    reader = ProcessReader(2)
    try:
        await reader.warm()
        raws = [raw_message(subject=f"number {n}") for n in range(20)]
        parsed = [json.loads(each) for each in await asyncio.gather(*map(reader.parse, raws))]
        assert [f"number {n}" for n in range(20)] == [each["subject"] for each in parsed]
    finally:
        await reader.close()

"""A task that is asked to end ends, also when an answer comes in the same instant."""

import asyncio

import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg

pytestmark = pytest.mark.integration


async def _echo(msg: Msg) -> None:
    await msg.respond(b"answer")


async def test_a_request_hears_a_cancellation_that_comes_with_its_answer(client: Client) -> None:
    """On Python 3.11 the library would give the answer, and the task would never end."""
    await client.subscribe("question", cb=_echo)
    asking = asyncio.create_task(client.request("question", timeout=5.0))
    while not client._resp_map:  # noqa: ASYNC110  only there the answer can be met
        await asyncio.sleep(0)
    (answer,) = client._resp_map.values()
    answer.add_done_callback(lambda _: asking.cancel())
    await asyncio.wait({asking}, timeout=5.0)

    assert asking.cancelled()


async def test_a_flush_hears_a_cancellation_that_comes_with_its_answer(client: Client) -> None:
    """The same for waiting until the server has all."""
    waiting = asyncio.create_task(client.flush())
    while not client._pongs:  # noqa: ASYNC110  only there the answer can be met
        await asyncio.sleep(0)
    client._pongs[-1].add_done_callback(lambda _: waiting.cancel())
    await asyncio.wait({waiting}, timeout=5.0)

    assert waiting.cancelled()

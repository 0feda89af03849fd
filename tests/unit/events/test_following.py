"""Following a stream ends when it is asked to."""

import asyncio

from nats.aio.client import Client

from courrier.events.jetstream.follow import PULL, Follower


async def test_a_cancellation_is_never_lost() -> None:
    """Asked to stop in the very moment in which something arrives, a service stops."""
    follower = Follower(Client(), "SETTINGS", ())
    follower._asked = 2 * PULL
    waiting = asyncio.ensure_future(follower._take())
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    follower._signal.set()
    waiting.cancel()
    await asyncio.wait({waiting}, timeout=1)

    assert waiting.cancelled()

"""The first connection to NATS is made, or a clear word says why not, in seconds."""

import pytest

from courrier.events.jetstream.connection import FIRST_CONNECT_S, Broker, connect
from courrier.events.store import StoreUnavailable
from courrier.local.ports import free_port

pytestmark = pytest.mark.integration


@pytest.mark.timeout(FIRST_CONNECT_S * 3)
async def test_nobody_there_is_told_and_not_waited_for_in_silence() -> None:
    """Whoever starts a service sees the address and the reason; waiting on is its own decision."""
    url = f"nats://127.0.0.1:{free_port()}"

    with pytest.raises(StoreUnavailable, match=f"cannot connect to NATS at {url}.*failed"):
        await connect(Broker(url=url, name="test"))

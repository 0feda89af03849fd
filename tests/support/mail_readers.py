"""Reading messages in the test's own process: what a process of its own does, without one."""

from collections.abc import Sequence

from courrier.fetcher.domain.reading import Reading, read_all
from courrier.fetcher.domain.received import Fetched, Origin


class ReadHere:
    """``MessageReader`` without a process."""

    async def read(self, origin: Origin, messages: Sequence[Fetched]) -> list[Reading]:
        """Read them."""
        return read_all(origin, messages)

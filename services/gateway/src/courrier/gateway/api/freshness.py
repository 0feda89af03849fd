"""``Courrier-After``: a read waits, two seconds at most, until it can show what was written."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, Header, Request

from courrier.gateway.ports import Gateway
from courrier.gateway.projections import positions

from .caller import gateway_of
from .log_position import parse_positions

LONGEST_WAIT_S = 2.0


async def fresh(
    request: Request, courrier_after: Annotated[str | None, Header(max_length=200)] = None
) -> None:
    """Wait for the position that the client asks for; after the wait it gets what there is.

    Raises:
        BadPosition: no position of ours.
        OtherLog: the log was restored from the archive since it was given.
    """
    if courrier_after:
        await wait_for(gateway_of(request), parse_positions(courrier_after), LONGEST_WAIT_S)


async def wait_for(gateway: Gateway, wanted: Mapping[str, int], longest_s: float) -> bool:
    """Tell whether the read models have reached these sequences within the time."""
    return await positions.wait_for(gateway.pool, gateway.changes, wanted, longest_s)


async def wait_until_shown(gateway: Gateway, position: str | None, longest_s: float) -> None:
    """Wait, but not for ever, until reads show what stands here on the log (``EMAIL:42``)."""
    if position:
        stream, _, sequence = position.partition(":")
        await wait_for(gateway, {stream: int(sequence)}, longest_s)


Fresh = Depends(fresh)

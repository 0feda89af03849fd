"""Orders to take again what a consumer has set aside, one kind a service."""

from typing import ClassVar
from uuid import UUID

from courrier.events.base import Command


class ReplayParked(Command):
    """Take again what ``consumer`` (``<service>.<name>``) has set aside of one subject.

    The service that owns the consumer answers its own kind of this order (``REPLAY_PARKED``).
    """

    NAME: ClassVar[str] = "replay-parked"

    command_id: UUID
    consumer: str
    stream: str
    subject: str
    actor: str


class FetcherReplayParked(ReplayParked):
    """To the fetcher."""

    SERVICE: ClassVar[str] = "fetcher"


class LinkerReplayParked(ReplayParked):
    """To the linker."""

    SERVICE: ClassVar[str] = "linker"


class SenderReplayParked(ReplayParked):
    """To the sender."""

    SERVICE: ClassVar[str] = "sender"


class GatewayReplayParked(ReplayParked):
    """To the gateway."""

    SERVICE: ClassVar[str] = "gateway"


REPLAY_PARKED: dict[str, type[ReplayParked]] = {
    kind.SERVICE: kind
    for kind in (FetcherReplayParked, LinkerReplayParked, SenderReplayParked, GatewayReplayParked)
}
"""The order by the service that answers it."""

"""What a service answers to an order: it is done, or it is declined."""

from typing import Literal

from pydantic import Field

from courrier.events.base import Value

ANSWER_TIMEOUT_S = 5.0


class Done(Value):
    """The order was carried out; ``position`` is where its last event stands (``EMAIL:42``).

    ``counts`` says of an order on several things what became of how many.
    """

    outcome: Literal["done"] = "done"
    position: str | None = None
    id: str | None = None
    created: bool = True
    counts: dict[str, int] = Field(default_factory=dict)


class Refused(Value):
    """The order was understood and declined; ``text`` says why and what to do."""

    outcome: Literal["refused"] = "refused"
    reason: str
    text: str
    pointer: str | None = None

"""Why an order or a question is declined: expected, worded for people, mapped once to HTTP.

The subclasses that deciders raise are named for the fact and stand beside the decider.
"""


class Refusal(Exception):
    """Declined; ``pointer`` is the field at fault (RFC 6901), ``existing_id`` what stands there."""

    def __init__(
        self, text: str, *, pointer: str | None = None, existing_id: str | None = None
    ) -> None:
        super().__init__(text)
        self.text = text
        self.pointer = pointer
        self.existing_id = existing_id


class NotThere(Refusal):
    """There is no such thing, or none that the caller may see."""


class NotAllowed(Refusal):
    """The caller sees it and may not do this with it."""


class InTheWay(Refusal):
    """What stands there already contradicts the order."""


class Unfit(Refusal):
    """A value cannot be used; ``pointer`` says which."""


class VersionChanged(Refusal):
    """Somebody changed it since the caller read it (``If-Match``)."""

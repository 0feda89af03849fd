"""What a consumer could not take (stream ``DEAD``, written by the service that owns the consumer).

``dead.<p>.<consumer>.<hash of the subject>``: one aggregate for each subject that a consumer has
trouble with. ``consumer`` is ``<service>.<name>``. Nothing of the event's content stands here.
"""

from typing import ClassVar

from courrier.events.base import Event


class EventParked(Event):
    """A consumer set an event aside; later events of the subject wait behind it.

    ``reason``: ``unknown-type`` (a newer Courrier wrote it), ``damaged`` (its bytes do not fit its
    type), ``failed`` (the consumer's code raised). ``text`` is for operators, without content.
    """

    TYPE: ClassVar[str] = "courrier.dead.EventParked.v1"

    consumer: str
    stream: str
    subject: str
    sequence: int
    event_id: str
    type: str
    reason: str
    text: str


class EventReplayed(Event):
    """The consumer has taken the event after all, and what waited behind it."""

    TYPE: ClassVar[str] = "courrier.dead.EventReplayed.v1"

    consumer: str
    stream: str
    subject: str
    sequence: int
    event_id: str
    type: str


DeadEvent = EventParked | EventReplayed

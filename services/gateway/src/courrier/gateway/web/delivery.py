"""What became of a sent e-mail, in plain words that promise no more than is known."""

from collections.abc import Mapping
from dataclasses import dataclass

from courrier.gateway.api.words import noted


@dataclass(frozen=True, slots=True)
class State:
    """``tone`` is good, busy, or bad; ``told`` is the sentence, ``short`` fits beside a name."""

    tone: str
    short: str
    told: str


STATES: Mapping[str, State] = {
    "scheduled": State("busy", noted("Scheduled"), noted("It is sent when its time has come.")),
    "queued": State("busy", noted("Waiting"), noted("Waiting to be sent.")),
    "sending": State("busy", noted("Sending"), noted("On its way to the mail server.")),
    "sent": State("good", noted("Accepted"), noted("Sent: the mail server took it for everybody.")),
    "partial": State(
        "bad", noted("Sent in part"), noted("The mail server did not take it for everybody.")
    ),
    "failed": State("bad", noted("Not sent"), noted("Not sent. Nobody will get it.")),
    "uncertain": State(
        "bad",
        noted("Uncertain"),
        noted(
            "Uncertain: the line broke before the mail server answered. It may have arrived, "
            "so it is not sent again by itself."
        ),
    ),
}
UNKNOWN = State("busy", noted("Waiting"), noted("Waiting to be sent."))

OUTCOMES: Mapping[str, str] = {
    "queued": noted("waiting"),
    "sent": noted("taken by the mail server"),
    "deferred": noted("asked to come back later"),
    "failed": noted("refused"),
}


def told(state: str) -> State:
    """Return how to tell a state."""
    return STATES.get(state, UNKNOWN)

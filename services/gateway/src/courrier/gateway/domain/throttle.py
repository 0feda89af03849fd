"""How long somebody waits who guesses: pairs of login and place, places, logins, one-time codes."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["pair", "place", "login", "code"]


@dataclass(frozen=True, slots=True)
class Patience:
    """So many failures are free; then waits double from a second up to ``longest_s``."""

    free: int
    longest_s: float


PATIENCE: dict[Kind, Patience] = {
    "pair": Patience(5, 60.0),
    "place": Patience(100, 60.0),
    "login": Patience(50, 60.0),
    "code": Patience(5, 900.0),
}
"""An owner who comes from elsewhere than the one who guesses is not locked out by them."""


@dataclass(frozen=True, slots=True)
class Key:
    """What failures are counted by; ``digest`` hides what was typed."""

    kind: Kind
    digest: str

    @property
    def text(self) -> str:
        """The key as rows have it."""
        return f"{self.kind}:{self.digest}"


def wait_s(kind: Kind, failures: int) -> float:
    """Return how long to wait after so many failures in a row."""
    patience = PATIENCE[kind]
    over = failures - patience.free
    if over < 0:
        return 0.0
    return float(min(patience.longest_s, 2.0 ** min(over, 30)))

"""A call that ends the waits of all who work on one account."""

import asyncio


class Ear:
    """What one listener has heard: ``event`` ends its wait, ``wants_look`` says what for."""

    def __init__(self) -> None:
        self.event = asyncio.Event()
        self.wants_look = False

    def heard(self) -> bool:
        """Tell whether a look is wanted, and be deaf to what was said so far."""
        wanted, self.wants_look = self.wants_look, False
        self.event.clear()
        return wanted


class Alarm:
    """Rings for everybody who listens; who does not listen now finds it rung later."""

    def __init__(self) -> None:
        self._ears: list[Ear] = []

    def listen(self) -> Ear:
        """Return an ear for each ring from now on; ``forget`` it when it is of no more use."""
        ear = Ear()
        self._ears.append(ear)
        return ear

    def forget(self, ear: Ear) -> None:
        """Ring no more for it."""
        self._ears.remove(ear)

    def ring(self) -> None:
        """Wake all listeners for a look at the account."""
        for ear in self._ears:
            ear.wants_look = True
        self.nudge()

    def nudge(self) -> None:
        """Let all listeners reckon anew how long they wait."""
        for ear in self._ears:
            ear.event.set()

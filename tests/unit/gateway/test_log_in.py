"""Those who guess passwords wait longer and longer."""

import pytest

from courrier.gateway.handlers.log_in import FREE_TRIES, LONGEST_WAIT_S, Throttle, TooManyTries

KEYS = ("login:admin",)


def test_some_tries_are_free() -> None:
    """People mistype."""
    throttle = Throttle()
    for _ in range(FREE_TRIES - 1):
        throttle.failed(KEYS, 0.0)

    throttle.check(KEYS, 0.0)


def test_then_waits_grow_to_a_limit() -> None:
    """An owner is never locked out for longer than a minute."""
    throttle = Throttle()
    waits = []
    for _ in range(FREE_TRIES + 10):
        throttle.failed(KEYS, 0.0)
        try:
            throttle.check(KEYS, 0.0)
        except TooManyTries as tries:
            waits.append(tries.wait_s)

    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT_S


def test_success_forgives() -> None:
    """The next mistake starts anew."""
    throttle = Throttle()
    for _ in range(FREE_TRIES + 3):
        throttle.failed(KEYS, 0.0)

    throttle.succeeded(KEYS)

    throttle.check(KEYS, 0.0)


def test_waiting_helps() -> None:
    """After the wait a try passes."""
    throttle = Throttle()
    for _ in range(FREE_TRIES):
        throttle.failed(KEYS, 0.0)

    with pytest.raises(TooManyTries):
        throttle.check(KEYS, 0.5)
    throttle.check(KEYS, 1.1)

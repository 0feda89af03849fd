"""Those who guess passwords wait longer and longer."""

from typing import get_args

import pytest

from courrier.gateway.domain.throttle import PATIENCE, Key, Kind, wait_s


@pytest.mark.parametrize("kind", get_args(Kind))
def test_some_tries_are_free_then_waits_grow_to_a_limit(kind: Kind) -> None:
    """People mistype; whoever goes on waits longer each time, and never for good."""
    patience = PATIENCE[kind]
    waits = [wait_s(kind, failures) for failures in range(patience.free + 2000)]

    assert [0.0] * patience.free == waits[: patience.free]
    assert sorted(waits) == waits
    assert patience.longest_s == waits[-1]


def test_keys_of_different_kinds_are_different() -> None:
    """A login that reads like a place is not that place."""
    assert Key("login", "x").text != Key("place", "x").text

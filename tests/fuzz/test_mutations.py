"""Damaged messages of the corpus are read within every promise."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz.mutating import mutated, seeds
from fuzz.promises import check_reading

SEEDS = seeds()
SLOWNESS = 10.0
"""Other tests run at the same time."""


@given(st.integers(0, len(SEEDS) - 1), st.integers(0, 2**32))
@settings(max_examples=1_000, deadline=None)
def test_a_damaged_message_is_read(which: int, seed: int) -> None:
    """Cut, spliced, doubled or salted: a value comes out, in time, safe to show."""
    check_reading(mutated(SEEDS[which], SEEDS, random.Random(seed)), SLOWNESS)

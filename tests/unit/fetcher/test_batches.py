"""What is asked for together, and what a batch settles."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courrier.events.blobs import BLOB_LIMIT
from courrier.fetcher.domain.batches import (
    BATCH_BYTES,
    BATCH_MESSAGES,
    MAX_SPANS,
    Batch,
    Listed,
    Rules,
    Window,
    batches,
    holes_first,
    known_old,
    refusal,
    windows,
)
from courrier.fetcher.domain.scope import Scope, is_older
from courrier.fetcher.domain.uids import UidSet

NOBODY = UidSet()


def cut(settled: UidSet, sizes: dict[int, int], window_uids: int = 7) -> list[Batch]:
    """All batches of a folder whose messages have these sizes."""
    listed = {uid: Listed(uid, size) for uid, size in sizes.items()}
    return [
        batch
        for window in windows(settled.missing_of(sizes), size=window_uids)
        for batch in batches(window, listed, Rules())
    ]


usual_sizes = st.sampled_from([0, BATCH_BYTES // 3, BATCH_BYTES // 2, BATCH_BYTES * 2])
sizes = st.dictionaries(st.integers(1, 25), usual_sizes, max_size=25)
known = st.lists(st.tuples(st.integers(1, 25), st.integers(1, 25)), max_size=4).map(UidSet.of)


@given(known, sizes)
def test_every_missing_message_is_in_exactly_one_batch(
    settled: UidSet, messages: dict[int, int]
) -> None:
    """No UID is lost or repeated, however the missing ones are split."""
    done = [message.uid for batch in cut(settled, messages) for message in batch.messages]

    assert settled.missing_of(messages) == sorted(done)


@given(known, sizes)
def test_a_batch_settles_its_own_messages_only(settled: UidSet, messages: dict[int, int]) -> None:
    """What an interrupted synchronisation has not fetched is still missing afterwards."""
    done = settled
    for batch in cut(settled, messages):
        before = set(done.missing_of(messages))
        done = done.with_span(batch.covers)

        assert before - {one.uid for one in batch.messages} == set(done.missing_of(messages))
    assert [] == done.missing_of(messages)


@given(known, sizes)
def test_nothing_is_settled_above_the_highest_message(
    settled: UidSet, messages: dict[int, int]
) -> None:
    """A message that arrives later is new, whatever UIDNEXT the server claimed."""
    done = settled
    for batch in cut(settled, messages):
        done = done.with_span(batch.covers)

    highest = max([*messages, *(last for _, last in settled.spans)], default=0)
    assert [highest + 1] == done.missing_of([highest + 1])


def test_neighbours_that_do_not_fit_together_are_settled_apart() -> None:
    """The second is still missing when the first is stored."""
    half, whole = BATCH_BYTES // 2, BATCH_BYTES

    covers = [batch.covers for batch in cut(NOBODY, {1: whole, 2: half, 3: half, 6: whole})]

    assert [(6, 6), (2, 5), (1, 1)] == covers


@given(sizes)
def test_batches_are_bounded(messages: dict[int, int]) -> None:
    """Bytes are bounded; one message that is larger by itself goes alone."""
    for batch in cut(NOBODY, messages):
        assert len(batch.messages) == 1 or batch.size <= BATCH_BYTES


def test_batches_are_bounded_in_number() -> None:
    """Small messages fill a batch by their number."""
    counts = [
        len(b.messages)
        for b in cut(NOBODY, dict.fromkeys(range(1, 2 * BATCH_MESSAGES + 51), 10), 500)
    ]

    assert [BATCH_MESSAGES, BATCH_MESSAGES, 50] == counts


def test_the_newest_messages_come_first() -> None:
    """People look for today's mail first."""
    first, second = windows([1, 2, 3, 9], size=2)

    assert Window((9, 3), (3, 9)) == first
    assert Window((2, 1), (1, 2)) == second


def test_an_interrupted_folder_keeps_few_ranges() -> None:
    """With many holes the holes are filled before another range is begun."""
    settled = UidSet.of((uid, uid) for uid in range(2, 2 * MAX_SPANS + 2, 2))
    existing = range(1, 2 * MAX_SPANS + 100)

    first = holes_first(settled, windows(settled.missing_of(existing), size=10))[0]

    assert len(settled.with_span(first.covers).spans) <= MAX_SPANS


def test_a_message_that_is_not_listed_has_vanished() -> None:
    """Deleted between SEARCH and FETCH: skipped with its reason, and settled."""
    listed = {1: Listed(1, 5), 3: Listed(3, 5)}

    (batch,) = batches(Window((3, 2, 1), (1, 3)), listed, Rules())

    assert ((2, "vanished"),) == tuple((one.uid, one.reason) for one in batch.skipped)
    assert (1, 3) == batch.covers


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (None, "vanished"),
        (Listed(1, 5, datetime(2026, 3, 1, tzinfo=UTC)), None),
        (Listed(1, 5, datetime(2026, 2, 27, tzinfo=UTC)), "too-old"),
        (Listed(1, BLOB_LIMIT + 1), "too-large"),
        (Listed(1, 5, None), None),
        (known_old(1), "too-old"),
    ],
)
def test_why_a_message_is_left_out(message: Listed | None, expected: str | None) -> None:
    """Every message that is not received has a reason."""
    listed = {1: message} if message else {}

    assert expected == refusal(1, listed, Rules(Scope(date(2026, 3, 1))))


def test_a_message_of_the_day_in_either_zone_is_young() -> None:
    """Half past midnight in Tokyo is the day before in London: in doubt it is fetched."""
    tokyo = timezone(timedelta(hours=9))

    assert not is_older(datetime(2026, 3, 1, 0, 30, tzinfo=tokyo), date(2026, 3, 1))
    assert is_older(datetime(2026, 2, 28, 23, 0, tzinfo=UTC), date(2026, 3, 1))

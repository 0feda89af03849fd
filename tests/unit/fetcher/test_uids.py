"""Sets of UIDs as ranges."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courrier.fetcher.domain.uids import HIGHEST_UID, Span, UidSet, sequence_set, span_set

few_uids = st.integers(1, 40)
spans = st.lists(st.tuples(few_uids, few_uids), max_size=8)


@pytest.mark.parametrize(
    ("given_spans", "expected"),
    [
        ([], ()),
        ([(5, 9), (1, 3)], ((1, 3), (5, 9))),
        ([(1, 3), (4, 9)], ((1, 9),)),
        ([(1, 9), (2, 3)], ((1, 9),)),
        ([(3, 2)], ()),
    ],
)
def test_ranges_that_touch_or_overlap_are_one(
    given_spans: list[Span], expected: tuple[Span, ...]
) -> None:
    """A cursor stays small: neighbours are joined, empty ranges are left out."""
    assert expected == UidSet.of(given_spans).spans


@given(spans)
def test_a_set_and_its_gaps_are_everything_once(given_spans: list[Span]) -> None:
    """What is not settled is asked for, and nothing that is."""
    known = UidSet.of(given_spans)

    together = UidSet.of((*known.spans, *known.gaps()))

    assert ((1, HIGHEST_UID),) == together.spans
    assert not any(known.missing_of([uid]) for first, last in known.spans for uid in (first, last))


@given(spans, st.lists(st.integers(-3, 50)))
def test_missing_uids_are_those_of_no_range(given_spans: list[Span], uids: list[int]) -> None:
    """Each UID is missing or known, never both; what is no UID is neither."""
    known = {uid for first, last in given_spans for uid in range(first, last + 1)}

    missing = UidSet.of(given_spans).missing_of(uids)

    assert sorted({uid for uid in uids if uid > 0} - known) == missing


def test_the_last_message_below_n_is_not_new() -> None:
    """``n:*`` names the last message when none is above n: it is known already."""
    assert [] == UidSet.of([(1, 7)]).missing_of([7])


def test_sequence_sets_are_short() -> None:
    """Runs are written as ranges; one without end as a star."""
    assert "1:3,7" == sequence_set([7, 3, 2, 1])
    assert "4:5,8:*" == span_set(UidSet.of([(1, 3), (6, 7)]).gaps())

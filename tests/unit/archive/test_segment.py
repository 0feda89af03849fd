"""A segment holds what was put in, and says where it does not any more."""

import random

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from courrier.events.archive.chain import content_of, leaf_of, start_of
from courrier.events.archive.lines import Archived, Gap, Line, chain_over, erased
from courrier.events.archive.segment import (
    Segment,
    SegmentDamaged,
    examine,
    read_segment,
    write_segment,
)

HEADERS = {"ce-id": "00000000-0000-0000-0000-000000000001", "ce-aggregateversion": "3"}
COUNT = 40


def an_event(sequence: int, data: bytes = b'{"a": "b"}') -> Archived:
    """An event with a salt that is its sequence."""
    return Archived(sequence, "email.00.x", HEADERS, data, sequence.to_bytes(16, "big"))


def a_segment(lines: list[Line], first: int = 1) -> Segment:
    """A segment with the right chain value."""
    previous = start_of("EMAIL")
    return Segment("EMAIL", first, lines[-1].last, previous, 1, lines, chain_over(previous, lines))


def some_lines() -> list[Line]:
    """Events with a gap among them."""
    events = [an_event(n, b'{"text": "event %d"}' % n) for n in range(1, COUNT + 1)]
    return [*events[:10], Gap(11, 13, "deleted"), *events[13:]]


@given(
    st.lists(
        st.tuples(
            st.text(max_size=20), st.binary(max_size=50), st.binary(min_size=16, max_size=16)
        ),
        min_size=1,
        max_size=10,
    )
)
def test_any_event_comes_back_to_the_byte(contents: list[tuple[str, bytes, bytes]]) -> None:
    """Also bodies that are no text, and subjects of any characters."""
    lines: list[Line] = [
        Archived(n, subject, {"x": subject}, data, salt)
        for n, (subject, data, salt) in enumerate(contents, start=1)
    ]
    segment = a_segment(lines)

    assert segment == read_segment(write_segment(segment), "x")


def test_gaps_and_erased_events_come_back() -> None:
    """A segment reads as it was written, and the chain holds over what was erased."""
    lines = some_lines()
    whole = a_segment(lines)
    without = a_segment([erased(line) if line.sequence in (2, 20) else line for line in lines])

    assert without == read_segment(write_segment(without), "x")
    assert whole.chain == without.chain


def test_every_changed_byte_of_the_text_is_found() -> None:
    """No byte can be changed unseen, and a change of an event is found at that event."""
    segment = a_segment(some_lines())
    text = zstandard.ZstdDecompressor().decompress(write_segment(segment))
    pack = zstandard.ZstdCompressor().compress
    starts = [n + 1 for n, byte in enumerate(text) if byte == ord("\n")][:-2]

    for place in range(len(text)):
        changed = bytearray(text)
        changed[place] ^= 1
        reading = examine(pack(bytes(changed)))
        assert reading.faults, (
            f"byte {place} changed unseen: {bytes(changed)[place - 20 : place + 20]!r}"
        )
        row = sum(start <= place for start in starts)
        if 0 < row < len(segment.lines) and isinstance(segment.lines[row - 1], Archived):
            places = {sequence for sequence, _ in reading.faults}
            assert segment.lines[row - 1].sequence in places


def test_every_flipped_bit_of_the_file_is_found() -> None:
    """Damage of the disk, anywhere in the compressed bytes."""
    segment = a_segment(some_lines())
    data = write_segment(segment)
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 1 << random.randrange(8)
        if examine(bytes(changed)).faults:
            continue
        # A few bits of zstd's frame header mean nothing; then the text is as it was.
        assert segment == read_segment(bytes(changed), "x")


@pytest.mark.parametrize("length", [0, 1, 20, 300, -1, -20])
def test_a_segment_that_was_cut_is_found(length: int) -> None:
    """At its start, within, and a byte before its end."""
    data = write_segment(a_segment(some_lines()))

    with pytest.raises(SegmentDamaged):
        read_segment(data[:length], "x")


def test_events_that_changed_places_are_found() -> None:
    """Order is part of the chain."""
    lines = some_lines()
    first, second = an_event(1, b"1"), an_event(2, b"2")
    swapped = [
        Archived(1, second.subject, second.headers, second.data, second.salt),
        Archived(2, first.subject, first.headers, first.data, first.salt),
    ]

    before, after = a_segment([first, second, *lines[2:]]), a_segment([*swapped, *lines[2:]])

    assert before.chain != after.chain


def test_different_events_have_different_encodings() -> None:
    """What stands in one field cannot pass for the next one's."""
    contents = {
        content_of("ab", {}, b"c"),
        content_of("a", {}, b"bc"),
        content_of("a", {"b": "c"}, b""),
        content_of("a", {"b": ""}, b"c"),
        content_of("a", {"": "b"}, b"c"),
    }

    assert 5 == len(contents)


def test_a_leaf_does_not_tell_what_it_stands_for() -> None:
    """The same event with another salt has another leaf: guessing the data proves nothing."""
    content = content_of("a", {}, b"yes")

    one = leaf_of("1", 1, salt=b"1" * 16, content=content)
    other = leaf_of("1", 1, salt=b"2" * 16, content=content)

    assert one != other

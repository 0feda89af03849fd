"""Subjects: one aggregate each, stable partitions, nothing but safe tokens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courrier.events import subjects


def test_partitions_never_move() -> None:
    """The partition of an id is part of the contract: a change would split aggregates."""
    assert ["03", "48", "62"] == [subjects.partition(i) for i in ("a", "account-1", "é")]


@given(st.text(min_size=1))
def test_every_id_has_a_partition(text: str) -> None:
    """Two digits, 00 to 63."""
    assert 0 <= int(subjects.partition(text)) < subjects.PARTITIONS
    assert 2 == len(subjects.partition(text))


@pytest.mark.parametrize("token", ["", "a.b", "a b", "a>", "*", "é", "x" * 81, "a\n"])
def test_a_token_cannot_smuggle_in_a_dot_or_wildcard(token: str) -> None:
    """A malformed id is refused before it reaches the broker."""
    with pytest.raises(subjects.BadSubject):
        subjects.email(token)


def test_the_stream_follows_from_the_subject() -> None:
    """The first token is the family; an unknown one is refused."""
    assert "MAILBOX" == subjects.stream_of(subjects.folder_cursor("a1", "INBOX"))
    assert "CRM" == subjects.stream_of(subjects.address("00ff"))
    with pytest.raises(subjects.BadSubject):
        subjects.stream_of("nonsense.00.a")


def test_folders_of_any_name_fit() -> None:
    """A folder's token is a hash of its decoded name; names differ, tokens differ."""
    names = ["INBOX", "Envoyés", "a.b > *", "收件箱"]

    assert len(names) == len({subjects.folder_messages("a1", name) for name in names})

"""Which messages belong together; the tables read like the rules."""
# ruff: noqa: RUF001, E501 (subjects stand as mail programs write them, cases on a line)

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courrier.mail.conversations import Headers, conversations
from support.list_archives import Archive, judge

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def day(number: int) -> datetime:
    """So many days after Monday."""
    return MONDAY + timedelta(days=number)


def joined(*messages: dict[str, Any]) -> list[str]:
    """The threads of these messages, named a, b, c…; each a word."""
    headers = []
    for number, message in enumerate(messages):
        usual: dict[str, Any] = {"key": chr(ord("a") + number), "date": day(number)}
        headers.append(Headers(**(usual | message)))
    return ["".join(thread) for thread in conversations(headers)]


def says(message_id: str | None = None, subject: str | None = "Offer", **more: Any) -> Any:
    """A message."""
    return {"message_id": message_id, "subject": subject} | more


@pytest.mark.parametrize(
    ("messages", "threads"),
    [
        # In-Reply-To and References, whatever the subject says
        ([says("1@x"), says("2@x", "Re: Offer", in_reply_to="1@x")], ["ab"]),
        ([says("1@x"), says("2@x", "Re: Offer", references=("1@x",))], ["ab"]),
        ([says("1@x"), says("2@x", "Price (was: Offer)", in_reply_to="1@x")], ["ab"]),
        ([says("1@x"), says("2@x", None, in_reply_to="1@x")], ["ab"]),
        # in whatever order they come
        ([says("2@x", "Re: Offer", in_reply_to="1@x"), says("1@x")], ["ab"]),
        # missing ancestors, however far back
        ([says("3@x", references=("1@x", "2@x")), says("4@x", references=("1@x",))], ["ab"]),
        ([says("3@x", "A", in_reply_to="7@x"), says("4@x", "B", in_reply_to="7@x")], ["ab"]),
        # an id without digits may be an address: the subject decides
        ([says("3@x", in_reply_to="one@x"), says("4@x", in_reply_to="one@x")], ["ab"]),
        ([says("3@x", "A", in_reply_to="one@x"), says("4@x", "B", in_reply_to="one@x")], ["a", "b"]),
        # rubbish
        (
            [
                says("3@x", "A", in_reply_to="ann1@x"),
                says("4@x", "B", in_reply_to="Ann1@x"),
                says("5@x", "C", sender="ann1@x"),
            ],
            ["a", "b", "c"],
        ),
        (
            [says("3@x", "A", in_reply_to="2026-01-01"), says("4@x", "B", references=("2026-01-01",))],
            ["a", "b"],
        ),
        ([says("3@x", "A", in_reply_to="@"), says("4@x", "B", in_reply_to="@")], ["a", "b"]),
        # itself, and in circles
        ([says("1@x", in_reply_to="1@x"), says("2@x", "B")], ["a", "b"]),
        ([says("1@x", "A", in_reply_to="2@x"), says("2@x", "B", in_reply_to="1@x")], ["ab"]),
        # copies are one; one id for two messages is two
        ([says("1@x"), says("1@x", "[list] Offer")], ["ab"]),
        ([says("1@x"), says("1@x", "Else"), says("2@x", "Re: Else", in_reply_to="1@x")], ["a", "bc"]),
        # a digest's answers are about what they say they are
        (
            [
                says("1@x", "list Digest, Vol 3, Issue 4"),
                says("2@x", "Kernel"),
                says("3@x", "Re: Kernel", in_reply_to="1@x"),
            ],
            ["a", "bc"],
        ),
        (
            [
                says("2@x", "Re: Kernel panic", in_reply_to="mailman.3.17.1.list@x"),
                says("3@x", "Re: Printers", in_reply_to="mailman.3.17.1.list@x"),
            ],
            ["a", "b"],
        ),
    ],
)  # fmt: skip
def test_ids_join(messages: list[Any], threads: list[str]) -> None:
    """What a message names is what it belongs to, if it is an id."""
    assert joined(*messages) == threads


@pytest.mark.parametrize(
    ("messages", "threads"),
    [
        # an answer that names nothing
        ([says("1@x", "New offer"), says("2@x", "Re: New offer")], ["ab"]),
        ([says("1@x", "New offer"), says("2@x", "AW: [list] New offer")], ["ab"]),
        ([says(None, "New offer"), says(None, "回复：New offer")], ["ab"]),
        ([says("1@x", "新しい見積"), says("2@x", "Re: 新しい見積")], ["ab"]),
        # in a conversation that ids have made
        (
            [
                says("1@x", "New offer"),
                says("2@x", "Re: New offer", in_reply_to="1@x"),
                says("3@x", "RE: New offer"),
            ],
            ["abc"],
        ),
        # what is no answer begins anew, as does one without a subject
        ([says("1@x", "New offer"), says("2@x", "New offer")], ["a", "b"]),
        ([says("1@x", ""), says("2@x", "Re:")], ["a", "b"]),
        # which of two?
        (
            [says("1@x", "New offer"), says("2@x", "New offer"), says("3@x", "Re: New offer")],
            ["a", "b", "c"],
        ),
        # an answer to something unknown is none to a namesake
        ([says("1@x", "New offer"), says("2@x", "Re: New offer", in_reply_to="9@x")], ["a", "b"]),
        # long ago
        ([says("1@x", "New offer"), says("2@x", "Re: New offer", date=day(31))], ["a", "b"]),
        ([says("1@x", "Hello"), says("2@x", "Re: Hello", date=day(4))], ["ab"]),
        ([says("1@x", "Hello"), says("2@x", "Re: Hello", date=day(5))], ["a", "b"]),
        # no dates at all: as they stand
        ([says("1@x", "New offer", date=None), says("2@x", "Re: New offer", date=None)], ["ab"]),
    ],
)
def test_a_subject_joins_within_reason(messages: list[Any], threads: list[str]) -> None:
    """Only an answer, only of late, only where there is one conversation of that name."""
    assert joined(*messages) == threads


@pytest.mark.parametrize("seed", range(3))
def test_an_archive_of_many_programs_falls_into_its_conversations(seed: int) -> None:
    """With a tenth of it lost: hardly anything is torn apart, and next to nothing mixed up."""
    posts = Archive(seed).posts(300)

    judged = judge(posts, conversations([post.headers for post in posts]))

    assert judged.precision >= 0.98
    assert judged.recall >= 0.95


@given(st.integers(0, 50), st.integers())
def test_the_order_of_the_messages_makes_no_difference(seed: int, shuffle: int) -> None:
    """Their dates order them."""
    headers = [post.headers for post in Archive(seed).posts(12)]
    mixed = Random(shuffle).sample(headers, len(headers))

    assert {frozenset(t) for t in conversations(headers)} == {
        frozenset(t) for t in conversations(mixed)
    }


WORDS = st.sampled_from(["1@x", "2@x", "3@x", "x", "", "@", "a b", "Mon,"])


@given(
    st.lists(
        st.tuples(WORDS, WORDS, st.lists(WORDS, max_size=3), st.sampled_from(["A", "Re: A", ""])),
        max_size=12,
    )
)
def test_every_message_is_in_one_thread(rows: list[tuple[str, str, list[str], str]]) -> None:
    """Whatever the headers hold."""
    headers = [
        Headers(str(number), message_id, answered, tuple(named), subject)
        for number, (message_id, answered, named, subject) in enumerate(rows)
    ]

    keys = [key for thread in conversations(headers) for key in thread]

    assert sorted(keys) == sorted(each.key for each in headers)

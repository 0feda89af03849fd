"""Which conversation a message continues."""

from typing import Any

import pytest

from courrier.linker.domain.identity import subject_key_of
from courrier.linker.domain.known import Known, KnownEmail
from courrier.linker.domain.threads import Threading, thread_of
from courrier.linker.domain.words import own_keys, thread_key
from unit.linker.arriving import IDENTITY, arrival, received, sent, signed

OURS = "5" * 32


def known(**threads: tuple[str, str]) -> Known:
    """E-mails by their Message-ID (``a`` is ``a@x``): thread and subject."""
    return knowing(
        {
            IDENTITY.email_of(f"{name}@x"): KnownEmail(
                thread, subject_key_of(subject), "", frozenset()
            )
            for name, (thread, subject) in threads.items()
        }
    )


def knowing(emails: dict[str, KnownEmail]) -> Known:
    """These e-mails, found by their keys."""
    threads = {
        key: email.thread_id
        for email_id, email in emails.items()
        for key in own_keys(email_id, email.subject_key)
    }
    return Known(emails=emails, threads=threads)


def decided(known: Known, **changes: Any) -> Threading:
    """The thread of a message with this Message-ID, these references and subject."""
    return thread_of(arrival(received(**({"message_id": "me@x"} | changes))), known)


AB = known(a=("thread-a", "Offer"), b=("thread-b", "Offer"))


@pytest.mark.parametrize(
    ("says", "thread", "rule", "field"),
    [
        # the ancestor is known and speaks of the same thing
        ({"in_reply_to": "a@x", "subject": "Re: Offer"}, "thread-a", "same-subject", "in_reply_to"),
        ({"in_reply_to": "a@x", "subject": "AW: offer"}, "thread-a", "same-subject", "in_reply_to"),
        ({"references": ("a@x",), "subject": "Offer"}, "thread-a", "same-subject", "references"),
        # In-Reply-To before References, of those the newest first
        (
            {"in_reply_to": "a@x", "references": ("a@x", "b@x"), "subject": "Re: Offer"},
            "thread-a",
            "same-subject",
            "in_reply_to",
        ),
        (
            {"references": ("a@x", "b@x"), "subject": "Offer"},
            "thread-b",
            "same-subject",
            "references",
        ),
        (
            {"references": ("a@x", "?@x"), "subject": "Offer"},
            "thread-a",
            "same-subject",
            "references",
        ),
        (
            {"in_reply_to": "?@x", "references": ("a@x",), "subject": "Offer"},
            "thread-a",
            "same-subject",
            "references",
        ),
    ],
)
def test_a_reply_joins_its_ancestor(
    says: dict[str, Any], thread: str, rule: str, field: str
) -> None:
    """A known ancestor with the same base subject is trusted."""
    found = decided(AB, **says)

    assert (found.thread_id, found.reason.rule, found.reason.field) == (thread, rule, field)


@pytest.mark.parametrize(
    ("says", "root", "subject", "rule"),
    [
        # nothing named: it starts its own
        ({"subject": "Hello"}, "me@x", "hello", "starts-thread"),
        ({"subject": None}, "me@x", "", "starts-thread"),
        # nothing known: the oldest ancestor named
        ({"references": ("r@x", "s@x"), "subject": "Re: Hi"}, "r@x", "hi", "oldest-reference"),
        ({"in_reply_to": "s@x", "subject": "Re: Hi"}, "s@x", "hi", "oldest-reference"),
        (
            {"in_reply_to": "s@x", "references": ("r@x",), "subject": "Re: Hi"},
            "r@x",
            "hi",
            "oldest-reference",
        ),
        # itself is no ancestor
        ({"in_reply_to": "me@x", "subject": "Hi"}, "me@x", "hi", "starts-thread"),
        ({"references": ("me@x",), "subject": "Hi"}, "me@x", "hi", "starts-thread"),
        # known, but of another subject: anybody can write an id into a header
        ({"in_reply_to": "a@x", "subject": "Win!"}, "a@x", "win!", "oldest-reference"),
        ({"references": ("a@x",), "subject": None}, "a@x", "", "oldest-reference"),
    ],
)
def test_without_a_trusted_ancestor_the_thread_follows_from_the_oldest_id(
    says: dict[str, Any], root: str, subject: str, rule: str
) -> None:
    """The id is derived, so that the thread's other messages come to the same one."""
    found = decided(AB, **says)

    assert (found.thread_id, found.reason.rule) == (IDENTITY.thread_of(root, subject), rule)


def test_a_message_that_was_named_before_it_came_joins_those_that_named_it() -> None:
    """Under its own subject; what names it under another one proves nothing."""
    me = IDENTITY.email_of("me@x")
    threads = {thread_key(me, subject_key_of("Offer")): "thread-of-replies"}

    found = decided(Known(threads=threads), subject="Offer")
    other = decided(Known(threads=threads), subject="Hello")

    assert (found.thread_id, found.reason.rule) == ("thread-of-replies", "answered-before")
    assert other.reason.rule == "starts-thread"


def test_two_answers_to_one_missing_ancestor_are_one_thread() -> None:
    """Neither of them is the other's ancestor."""
    missing = IDENTITY.email_of("r@x")
    threads = {thread_key(missing, subject_key_of("Offer")): "thread-r"}

    found = decided(Known(threads=threads), references=("q@x", "r@x"), subject="Re: Offer")

    assert (found.thread_id, found.reason.rule) == ("thread-r", "same-ancestor")


def test_our_own_signed_id_is_trusted_whatever_the_subject() -> None:
    """Only who received our message knows its id."""
    emails = {OURS: KnownEmail("thread-o", subject_key_of("Offer"), "", frozenset())}

    found = decided(knowing(emails), in_reply_to=signed(OURS), subject="Something else")

    assert (found.thread_id, found.reason.rule) == ("thread-o", "own-message-id")
    assert found.replies_to == OURS


def test_a_bounce_stands_with_the_message_that_it_is_about() -> None:
    """Most name it in what they return, and in no field of their own."""
    emails = {OURS: KnownEmail("thread-o", subject_key_of("Offer"), "", frozenset())}

    found = decided(knowing(emails), reports_on=signed(OURS), subject="failure notice")

    assert (found.thread_id, found.reason.field) == ("thread-o", "reports_on")


def test_an_imitated_own_id_is_an_id_like_any_other() -> None:
    """A wrong signature does not even find our e-mail."""
    emails = {OURS: KnownEmail("thread-o", subject_key_of("Offer"), "", frozenset())}
    forged = f"{OURS}.{'0' * 16}@example.test"

    found = decided(knowing(emails), in_reply_to=forged, subject="Offer")

    assert found.thread_id == IDENTITY.thread_of(forged, "offer")
    assert found.replies_to == IDENTITY.email_of(forged)


@pytest.mark.parametrize("subject", ["Re: Offer", "Something else"])
def test_a_message_answers_what_in_reply_to_names(subject: str) -> None:
    """Whether we have it yet or not; References alone name no single one."""
    assert decided(AB, in_reply_to="a@x", subject=subject).replies_to == IDENTITY.email_of("a@x")
    assert decided(AB, in_reply_to="?@x", subject=subject).replies_to == IDENTITY.email_of("?@x")
    assert decided(AB, references=("a@x",), subject=subject).replies_to is None


def test_a_reply_written_here_stays_in_the_thread_of_its_original() -> None:
    """Our user pressed 'reply': no header is needed, and a new subject changes nothing."""
    emails = {"original": KnownEmail("thread-o", subject_key_of("Offer"), "", frozenset())}
    reply = arrival(sent(replies_to="original", subject="Quite another subject"))

    found = thread_of(reply, knowing(emails))

    assert (found.thread_id, found.replies_to) == ("thread-o", "original")
    assert found.reason.rule == "reply-written-here"


def test_an_imposter_does_not_join_by_the_id_it_stole() -> None:
    """Bearing another's Message-ID proves no kinship with its thread."""
    imposter = arrival(received(message_id="a@x", subject="Offer"))

    found = thread_of(imposter, AB, imposter=True)

    assert (found.thread_id, found.reason.rule) == (imposter.other_id, "message-id-taken")


def test_a_thousand_references_are_not_all_looked_up() -> None:
    """The newest ones and the oldest: a hostile header costs no more than another."""
    many = arrival(received(references=tuple(f"{n}@x" for n in range(1000))))

    assert [each.message_id for each in many.references] == [f"{n}@x" for n in range(999, 979, -1)]
    assert many.root is not None
    assert many.root.message_id == "0@x"

"""Whom an answer goes to and which conversation it continues."""

from dataclasses import replace

from courrier.events.base import Mailbox
from courrier.gateway.domain.replies import Original, answer_to

ADA = Mailbox(name="Ada", address="ada@example.test")
GRACE = Mailbox(name="Grace", address="grace@example.test")
LINUS = Mailbox(address="linus@example.test")
LIST = Mailbox(address="list@example.test")
ORIGINAL = Original(
    subject="Question",
    sent_from=ADA,
    reply_to=(),
    to=(GRACE, LINUS),
    cc=(LIST, Mailbox(address="ADA@example.test")),
    message_id="2@example.test",
    in_reply_to="1@example.test",
    references=(),
)
OWN = ("Grace@Example.test",)


def test_an_answer_goes_to_whoever_wrote() -> None:
    """And nobody else."""
    answer = answer_to(ORIGINAL, OWN, everyone=False)

    assert (answer.to, answer.cc) == ((ADA,), ())
    assert answer.subject == "Re: Question"


def test_reply_to_comes_before_from() -> None:
    """RFC 5322 section 3.6.2."""
    answer = answer_to(replace(ORIGINAL, reply_to=(LIST,)), OWN, everyone=False)

    assert answer.to == (LIST,)


def test_everybody_is_answered_once_and_oneself_never() -> None:
    """Whatever the case of the address."""
    answer = answer_to(ORIGINAL, OWN, everyone=True)

    assert (answer.to, answer.cc) == ((ADA,), (LINUS, LIST))


def test_an_answer_to_oneself_goes_where_the_first_went() -> None:
    """Following up on what one wrote is writing to the same people."""
    mine = replace(ORIGINAL, sent_from=GRACE, to=(ADA,))

    assert answer_to(mine, OWN, everyone=False).to == (ADA,)


def test_the_conversation_goes_on() -> None:
    """RFC 5322 section 3.6.4: References, or In-Reply-To without them, then the id itself."""
    answer = answer_to(ORIGINAL, OWN, everyone=False)

    assert answer.in_reply_to == "2@example.test"
    assert answer.references == ("1@example.test", "2@example.test")

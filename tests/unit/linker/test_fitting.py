"""Whatever a message's headers hold, its e-mail is one event that the log takes."""

import pytest

from courrier.events.envelope import EVENT_LIMIT, encode
from courrier.events.families.email import EmailImported
from courrier.linker.domain.fitting import fitting
from support.builders import example, new_event
from unit.linker.arriving import imported, mailbox, received

LINE = "\x01" * 998
"""The longest line that the fetcher lets through, of what JSON writes longest."""


def test_an_ordinary_e_mail_is_left_as_it_is() -> None:
    """A long list is no reason to cut it."""
    many = example(EmailImported, to=[mailbox(f"{n}@x.test") for n in range(200)])

    assert fitting(many) == many


@pytest.mark.parametrize(
    "headers",
    [
        {"to": [mailbox(LINE, LINE)] * 30},
        {"cc": [mailbox(LINE, LINE)] * 200, "subject": LINE},
        {name: [mailbox(LINE, LINE)] * 200 for name in ("to", "cc", "reply_to")}
        | {"references": (LINE,) * 200, "in_reply_to": LINE, "subject": LINE, "text": LINE},
        {"references": (LINE,) * 200, "in_reply_to": LINE, "message_id": LINE},
        {"reply_to": [mailbox(LINE)] * 50, "references": ("first@x", *((LINE,) * 40), "last@x")},
    ],
)
def test_an_e_mail_that_would_not_fit_is_cut(headers: dict[str, object]) -> None:
    """Nobody stops the linker with a header."""
    (fact,) = imported(received(**headers))

    _, body = encode(new_event(fact))

    assert len(body) <= EVENT_LIMIT


def test_the_last_references_are_kept() -> None:
    """They are the message's nearest ancestors."""
    (fact,) = imported(received(references=("first@x", *((LINE,) * 60), "last@x")))

    assert fact.references[-1] == "last@x"

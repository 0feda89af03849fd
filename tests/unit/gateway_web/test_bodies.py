"""What is new in an e-mail stands apart from what it quotes, and nothing is lost."""

import json

from hypothesis import given
from hypothesis import strategies as st

from courrier.gateway.web.bodies import Body, divided
from courrier.mail.parse import parse
from courrier.mail.to_json import to_json

REPLY = b"""From: ada@example.org
Content-Type: text/plain

Yes, on Thursday.

On 2 March 2026, Grace wrote:
> Will you come?
"""


def test_a_reply_is_divided_where_its_quotation_begins() -> None:
    """The quotation is folded away; the introduction goes with it."""
    read = json.loads(json.dumps(to_json(parse(REPLY))))

    found = divided(read["text"], read["reply_text"])

    assert Body("Yes, on Thursday.", "On 2 March 2026, Grace wrote:\n> Will you come?") == found


def test_a_text_that_does_not_begin_with_what_is_new_stays_whole() -> None:
    """Answers between quoted lines are not torn apart."""
    assert Body("> why?\nbecause") == divided("> why?\nbecause", "because")


@given(text=st.text(), new=st.text())
def test_no_character_that_can_be_seen_is_lost(text: str, new: str) -> None:
    """Whatever is said to be new, both parts together are the text."""
    body = divided(text, new)

    assert "".join(text.split()) == "".join((body.text + body.quoted).split())

"""What an answer begins with: what is written, signed and cited, in both forms or one."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from courrier.events.base import Mailbox
from courrier.gateway.domain.answering import (
    NO_LIST,
    ListFields,
    Texts,
    laid_out,
    list_fields,
    shown_images,
    written,
)
from courrier.gateway.domain.citing import Cited, as_forward, as_quotation
from courrier.gateway.domain.replies import Original, answer_to

PARIS = ZoneInfo("Europe/Paris")
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ADA = Mailbox(name="Ada", address="ada@x.test")
LIST = Mailbox(address="list@x.test")
CITED = Cited(
    author=ADA, date=NOON, subject="Question", to=(), cc=(), text="Hello\n", html="<p>Hello</p>"
)


def test_a_text_alone_stays_a_text_alone() -> None:
    """No HTML appears where nobody wrote any."""
    said = laid_out(written("Yes", None), None, Texts("> Hello"))
    assert Texts("Yes\n\n> Hello") == said


def test_with_html_anywhere_all_of_it_has_both_forms() -> None:
    """A text becomes paragraphs, escaped, beside what is cited."""
    said = laid_out(written("1 < 2\nYes", None), "<b>Grace</b>", Texts("> x", "<q>x</q>"))

    assert "1 < 2\nYes\n\nGrace\n\n> x" == said.text
    assert "<p>1 &lt; 2<br>Yes</p>\n<b>Grace</b>\n<q>x</q>" == said.html


def test_who_likes_it_writes_below() -> None:
    """What is cited comes first then."""
    said = laid_out(written("Yes", None), None, Texts("> Hello"), above=False)
    assert "> Hello\n\nYes" == said.text


def test_a_citation_speaks_the_writers_language_and_time() -> None:
    """Who wrote when, in both forms; the forward carries the head."""
    quoted, passed = as_quotation(CITED, PARIS, "fr"), as_forward(CITED, PARIS, "en")

    assert "Le lun. 2 mars 2026 à 13:00, Ada <ada@x.test> a écrit" in quoted.text
    assert "> Hello" in quoted.text
    assert "<p>Hello</p></blockquote>" in str(quoted.html)
    assert "Subject: Question" in passed.text
    assert "<b>Subject: </b>Question" in str(passed.html)


def test_html_that_is_too_long_is_cited_as_text() -> None:
    """A draft stays one that can be kept."""
    long = Cited(author=None, date=None, subject=None, to=(), cc=(), text="Hi", html="x" * 150_001)
    assert as_quotation(long, PARIS, "en").html is None


def test_images_are_those_that_the_html_shows() -> None:
    """By their content ids, decoded."""
    html = '<img src="cid:a@x"><img alt="" src=\'cid:b%40x\'><img src="https://x/">cid:c'
    assert {"a@x", "b@x"} == set(shown_images(html))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"From: a@x\r\n\r\nList-Post: <mailto:no@x>\r\n", NO_LIST),
        (b"List-Post: <mailto:list@x.test?subject=x>\r\n\r\n", ListFields((), LIST)),
        (b"List-Post: NO\r\n\r\n", NO_LIST),
        (b"Mail-Followup-To: Ada <ada@x.test>\r\n\r\n", ListFields((ADA,), None)),
        (b"\xff\x00\r\n", NO_LIST),
    ],
)
def test_what_a_list_says_of_answers_is_read(raw: bytes, expected: ListFields) -> None:
    """From the header only; rubbish says nothing."""
    assert expected == list_fields(raw)


def test_answers_to_a_list_go_where_its_members_want_them() -> None:
    """A Reply-To that the list put there leads to the author; everybody follows the list."""
    said = Original(
        subject="Q",
        sent_from=ADA,
        reply_to=[LIST],
        to=[LIST],
        cc=[],
        message_id="1@x",
        in_reply_to=None,
        references=[],
        lists=ListFields((LIST,), LIST),
    )
    assert (ADA,) == answer_to(said, ["grace@x.test"], everyone=False).to
    assert (LIST,) == answer_to(said, ["grace@x.test"], everyone=True).to

import pytest

from courrier.mail.parse import parse
from courrier.mail.writing.compose import compose
from courrier.mail.writing.outgoing import InvalidField, InvalidListUri, MailingList, Unwritable
from support.outgoing_mail import outgoing

ONE_CLICK = MailingList(
    id="news.example.org",
    name="Nouvelles d'été",
    unsubscribe=("mailto:out@example.org?subject=out", "https://example.org/u/1"),
    one_click=True,
)


def test_a_message_to_many_says_how_to_leave() -> None:
    """RFC 2369, 2919 and 8058, as Gmail and Yahoo ask of senders to many."""
    raw = compose(outgoing(mailing_list=ONE_CLICK))
    read = parse(raw)

    assert read.list_id == "Nouvelles d'été <news.example.org>"
    assert read.list_unsubscribe == (
        "<mailto:out@example.org?subject=out>, <https://example.org/u/1>"
    )
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw
    assert b"\r\nPrecedence: bulk\r\n" in raw
    assert b"NDR" not in raw


def test_each_place_of_a_list_has_its_field() -> None:
    """RFC 2369 section 3, and RFC 2919 section 2 without a name."""
    raw = compose(
        outgoing(
            mailing_list=MailingList(
                id="a.example",
                help=("https://a.example/help",),
                subscribe=("mailto:a-join@a.example",),
                post=("mailto:a@a.example",),
                owner=("mailto:ann@a.example",),
                archive=("http://a.example/",),
                feedback_id=("spring", "42", "news", "example"),
            )
        )
    )

    assert (
        b"\r\nList-Id: <a.example>"
        b"\r\nList-Subscribe: <mailto:a-join@a.example>"
        b"\r\nList-Help: <https://a.example/help>"
        b"\r\nList-Post: <mailto:a@a.example>"
        b"\r\nList-Owner: <mailto:ann@a.example>"
        b"\r\nList-Archive: <http://a.example/>"
        b"\r\nFeedback-ID: spring:42:news:example\r\n"
    ) in raw


def test_a_long_address_to_leave_is_not_broken() -> None:
    """It is opaque: one blank in it and nobody can leave."""
    uri = "https://example.org/u/" + "x" * 800
    raw = compose(outgoing(mailing_list=MailingList(unsubscribe=(uri,))))

    assert f"<{uri}>".encode() in raw
    assert max(map(len, raw.split(b"\r\n"))) <= 998


@pytest.mark.parametrize(
    ("about", "refusal"),
    [
        (MailingList(id="news"), InvalidField),
        (MailingList(id="a.b>\r\nBcc: c"), InvalidField),
        (MailingList(unsubscribe=("ftp://a.example",)), InvalidListUri),
        (MailingList(unsubscribe=("javascript:alert(1)",)), InvalidListUri),
        (MailingList(unsubscribe=("https://a.example/a b",)), InvalidListUri),
        (MailingList(unsubscribe=("https://a.example/>\r\nBcc: c",)), InvalidListUri),
        (MailingList(unsubscribe=("https://a.example/,b",)), InvalidListUri),
        (MailingList(unsubscribe=("https://é.example/",)), InvalidListUri),
        (MailingList(unsubscribe=("https://a.example/" + "x" * 900,)), InvalidListUri),
        (MailingList(unsubscribe=("https://a.example/",) * 11), InvalidListUri),
        (MailingList(one_click=True), InvalidListUri),
        (MailingList(unsubscribe=("mailto:a@b.example",), one_click=True), InvalidListUri),
        (MailingList(unsubscribe=("http://a.example/",), one_click=True), InvalidListUri),
        (MailingList(feedback_id=("a", "b", "c", "d", "e")), InvalidField),
        (MailingList(feedback_id=("a\r\nb",)), InvalidField),
    ],
)
def test_a_way_out_that_would_not_work_is_refused(
    about: MailingList, refusal: type[Unwritable]
) -> None:
    """Before the message reaches thousands who cannot leave."""
    with pytest.raises(refusal):
        compose(outgoing(mailing_list=about))


def test_a_name_of_a_list_cannot_begin_a_field() -> None:
    """It is a person's words."""
    about = MailingList(id="a.example", name="News\r\nBcc: eve@example.org")

    assert parse(compose(outgoing(mailing_list=about))).bcc == ()

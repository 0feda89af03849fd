from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courrier.mail.message import Mailbox
from courrier.mail.parse import attachment_bytes, parse
from courrier.mail.writing.compose import compose
from courrier.mail.writing.quoting import (
    Language,
    forwarded,
    forwarded_html,
    introduction,
    quote,
    quote_html,
)
from courrier.mail.writing.replying import MAX_REFERENCES_CHARS, capped, enclosed, reply_references
from support.outgoing_mail import addresses, mailboxes, outgoing

ANN = Mailbox("Ann", "ann@example.org")
DATE = datetime(2026, 1, 12, 23, 11, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")
ORIGINAL = parse(
    compose(
        outgoing(
            date=DATE,
            subject="Plan",
            cc=(Mailbox("Bö", "bo@example.org"),),
            text="One\n\n> two\n",
            html="<p>One</p><script>x()</script>",
        )
    )
)


def test_references_keep_the_root_and_the_parent() -> None:
    """The middle is what a thread can do without."""
    ids = tuple(f"{number}.{'x' * 60}@example.org" for number in range(100))

    kept = capped(ids)
    assert kept[0] == ids[0]
    assert kept[-1] == ids[-1]
    assert sum(len(each) + 3 for each in kept) <= MAX_REFERENCES_CHARS + 3


@pytest.mark.parametrize(
    ("references", "in_reply_to", "own", "written"),
    [
        (["1@a", "2@a"], "2@a", "3@a", ("1@a", "2@a", "3@a")),
        ([], "2@a", "3@a", ("2@a", "3@a")),
        ([], None, "3@a", ("3@a",)),
        (["1@a"], None, None, ("1@a",)),
        ([], None, None, ()),
        (["1@a", "3@a", "2@a"], None, "3@a", ("1@a", "2@a", "3@a")),
    ],
)
def test_an_answer_names_the_thread_and_its_parent(
    references: list[str], in_reply_to: str | None, own: str | None, written: tuple[str, ...]
) -> None:
    """RFC 5322 section 3.6.4: the parent last, also of a loop."""
    assert reply_references(references, in_reply_to, own) == written


@given(st.lists(addresses, max_size=300))
def test_references_stay_small(ids: list[str]) -> None:
    """Some relays refuse a header of four kilobytes."""
    raw = compose(outgoing(references=tuple(ids)))

    assert len(raw) < 4_000


@pytest.mark.parametrize(
    ("author", "date", "language", "line"),
    [
        (ANN, DATE, "en", "On Tue, 13 Jan 2026 at 00:11, Ann <ann@example.org> wrote:"),
        (ANN, DATE, "fr", "Le mar. 13 janv. 2026 à 00:11, Ann <ann@example.org> a écrit\u00a0:"),
        (Mailbox(None, "a@b.example"), None, "en", "a@b.example wrote:"),
        (ANN, None, "fr", "Ann <ann@example.org> a écrit\u00a0:"),
        (None, None, "en", "Somebody wrote:"),
        (None, DATE, "en", "On Tue, 13 Jan 2026 at 00:11, somebody wrote:"),
        (Mailbox("A\r\n> b", "a@b.example"), None, "en", "A > b <a@b.example> wrote:"),
    ],
)
def test_a_quotation_is_introduced(
    author: Mailbox | None, date: datetime | None, language: Language, line: str
) -> None:
    """In the language and by the clock of whoever answers, on one line."""
    assert introduction(author, date, zone=PARIS, language=language) == line


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("month", range(1, 13))
def test_an_answer_of_ours_is_told_from_what_it_quotes(month: int, language: Language) -> None:
    """By our own reader, as by others."""
    line = introduction(ANN, DATE.replace(month=month), zone=PARIS, language=language)
    raw = compose(outgoing(text="Thanks, all clear.\n\n" + quote(ORIGINAL.text, line)))

    assert parse(raw).reply_text.strip() == "Thanks, all clear."


@given(mailboxes)
def test_whoever_is_quoted_the_answer_is_found(author: Mailbox) -> None:
    """Any name of any script may stand in the introduction."""
    line = introduction(author, DATE, zone=UTC, language="en")
    raw = compose(outgoing(text="Thanks, all clear.\n\n" + quote("One\n", line)))

    assert parse(raw).reply_text.strip() == "Thanks, all clear."


def test_quoting_marks_each_line() -> None:
    """RFC 3676 section 4.5: marks of nested quotations stand together."""
    assert quote("a\n\n> b\n", "Ann wrote:") == "Ann wrote:\n> a\n>\n>> b\n"


def test_quoted_html_is_a_citation() -> None:
    """That programs fold, and that a text made from it marks line by line."""
    assert ORIGINAL.html is not None
    cited = quote_html(ORIGINAL.html, "A <b> wrote:")
    raw = compose(outgoing(text=None, html="<p>Thanks</p>" + cited))

    assert "A &lt;b&gt; wrote:" in cited
    assert '<blockquote type="cite"' in cited
    assert "script" not in cited
    assert parse(raw).text == "Thanks\n\nA <b> wrote:\n\n> One\n"


def test_a_forward_says_whose_words_follow() -> None:
    """The fields that a reader would see, and the text as it was."""
    assert forwarded(ORIGINAL, zone=UTC, language="en") == (
        "---------- Forwarded message ----------\n"
        "From: Ann <ann@example.org>\n"
        "Date: Mon, 12 Jan 2026 at 23:11\n"
        "Subject: Plan\n"
        "To: bob@example.org\n"
        "Cc: Bö <bo@example.org>\n"
        "\n"
        "One\n\n> two\n"
    )


def test_a_forward_in_html_says_the_same() -> None:
    """In French here, and with nothing that the original could slip into it."""
    zone = timezone(timedelta(hours=-5))
    shown = forwarded_html(ORIGINAL, "<p>One</p>", zone=zone, language="fr")

    assert "---------- Message transféré ----------<br>" in shown
    assert "<br><b>De\u00a0: </b>Ann &lt;ann@example.org&gt;<br>" in shown
    assert "<br><b>Date\u00a0: </b>lun. 12 janv. 2026 à 18:11<br>" in shown
    assert "<br><b>Objet\u00a0: </b>Plan<br>" in shown
    assert shown.endswith("<div><p>One</p></div>\n")


def test_a_forward_of_a_bare_message_leaves_out_what_it_does_not_say() -> None:
    """Rather than empty lines."""
    assert forwarded(parse(b"\r\nHello"), zone=UTC, language="en") == (
        "---------- Forwarded message ----------\n\nHello\n"
    )


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        ("Re: Plan 1/2", "Re Plan 1 2.eml"),
        ("../../etc/passwd", "etc passwd.eml"),
        ("Grüße\r\nX: y", "Grüße X y.eml"),
        ("...", "message.eml"),
        ("", "message.eml"),
        (None, "message.eml"),
        ("x" * 200, "x" * 80 + ".eml"),
    ],
)
def test_an_enclosed_original_opens_as_a_message(subject: str | None, name: str) -> None:
    """Under a name that every system can store."""
    original = compose(outgoing())
    raw = compose(outgoing(attachments=(enclosed(original, subject),)))
    read = parse(raw)

    assert [(each.filename, each.content_type) for each in read.attachments] == [
        (name, "message/rfc822")
    ]
    assert attachment_bytes(raw, 0) == original

import pytest

from courrier.mail.headers.addresses import match_key, parse_addresses
from courrier.mail.headers.dates import read_date
from courrier.mail.headers.ids import message_id, message_ids
from courrier.mail.headers.words import field_text
from courrier.mail.message import Mailbox


@pytest.mark.parametrize(
    ("value", "mailboxes"),
    [
        (b"a@b.example", [(None, "a@b.example")]),
        (b'"Doe, Jane" <j@b.example>', [("Doe, Jane", "j@b.example")]),
        (b"a@b.example (Ann (the first))", [("Ann (the first)", "a@b.example")]),
        (b'"john doe"@b.example', [(None, '"john doe"@b.example')]),
        (b"Ann ann@b.example", [("Ann", "ann@b.example")]),
        (b"undisclosed-recipients:;", []),
        (b"G: a@b.example, <c@d.example>; e@f.example", [
            (None, "a@b.example"), (None, "c@d.example"), (None, "e@f.example"),
        ]),
        (b"<a@[IPv6:::1]>", [(None, "a@[IPv6:::1]")]),
        (b"Ann <ann@b.example", [("Ann", "ann@b.example")]),
        (b"nobody", [(None, "nobody")]),
        (b"", []),
    ],
)  # fmt: skip
def test_mailboxes_are_found_in_every_shape(
    value: bytes, mailboxes: list[tuple[str | None, str]]
) -> None:
    """RFC 5322 with its obsolete forms, and what senders make of it."""
    assert list(parse_addresses(value)) == [Mailbox(*each) for each in mailboxes]


def test_addresses_of_one_mailbox_have_one_key() -> None:
    """Case, Unicode form and the two spellings of a domain make no difference."""
    spellings = ["Ann@Bücher.example", "ann@xn--bcher-kva.example", "ANN@bu\u0308cher.EXAMPLE."]

    assert len({match_key(each) for each in spellings}) == 1


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        (b"<a@b>", ("a@b",)),
        (b"<a@b><c@d> <a@b>", ("a@b", "c@d")),
        (b"a@b c@d", ("a@b", "c@d")),
        (b"(x <y@z>) <a@b>", ("a@b",)),
        (b"<some words here>", ()),
        (b"Message of 1 Jan from <ann@b.example>", ()),
        (b"", ()),
    ],
)
def test_ids_are_taken_and_rubbish_is_left(value: bytes, ids: tuple[str, ...]) -> None:
    """Words, comments and people's addresses join no thread."""
    assert message_ids(value) == ids


def test_a_message_id_without_brackets_is_taken_as_it_stands() -> None:
    """Some systems write none, and still refer to it."""
    assert message_id(b" abc (comment) ") == "abc"
    assert message_id(b"<>") is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Mon, 12 Jan 2026 10:11:12 +0100", "2026-01-12T09:11:12+00:00"),
        ("12 Jan 26 10:11 EST", "2026-01-12T15:11:00+00:00"),
        ("Mon Jan 12 10:11:12 2026", "2026-01-12T10:11:12+00:00"),
        ("2026-01-12T10:11:12Z", "2026-01-12T10:11:12+00:00"),
        ("Mon, 12 Jan 2026 23:59:60 -0000 (x)", "2026-01-12T23:59:59+00:00"),
        ("Mon, 32 Jan 2026 10:11:12 +0100", None),
        ("1 Jan 0001 00:00:00 +1400", None),
        ("soon", None),
    ],
)
def test_dates_old_and_new_are_moments(text: str, moment: str | None) -> None:
    """RFC 5322 section 4.3; no valid date is no date."""
    read = read_date(text)

    assert (read.isoformat() if read else None) == moment


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"=?utf-8?q?caf=C3?= =?utf-8?q?=A9?=", "café"),
        (b"=?utf-8?Q?a_b?= =?iso-8859-1?q?=E9?= c", "a bé c"),
        (b"=?utf-8?B?w6k?=", "é"),
        (b"=?nope?q?=C3=A9?=", "é"),
        (b"x=?utf-8?q?y?=z", "xyz"),
        (b"=?utf-8*en?q?a?=", "a"),
        (b"=?utf-8?q?open", "=?utf-8?q?open"),
        ("Grüße".encode("latin-1"), "Grüße"),
    ],
)
def test_encoded_words_are_decoded_as_well_as_can_be(value: bytes, text: str) -> None:
    """RFC 2047, kept or broken."""
    assert field_text(value) == text

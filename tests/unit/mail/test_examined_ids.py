"""Message-ID, In-Reply-To and References as programs of all decades write them."""

import pytest

from courrier.mail.parse import parse
from courrier.mail.to_json import to_json


@pytest.mark.parametrize(
    ("header", "name", "expected"),
    [
        (b"Message-ID: <a.b@c.example>", "message_id", "a.b@c.example"),
        (b"Message-Id:<a.b@c.example>", "message_id", "a.b@c.example"),
        (
            b"MESSAGE-ID: <a.b@c.example> (added by postmaster@x.example)",
            "message_id",
            "a.b@c.example",
        ),
        (b"Message-ID:\r\n <a.b@c.example>", "message_id", "a.b@c.example"),
        (b"Message-ID: a.b@c.example", "message_id", "a.b@c.example"),
        (b"Message-ID: <>", "message_id", None),
        (b"Message-ID:", "message_id", None),
        (b"Message-ID: <123456>", "message_id", "123456"),
        (b"Message-ID: (comment) <x@y.example>", "message_id", "x@y.example"),
        (b"Message-ID: <x@y.example", "message_id", "x@y.example"),
        (b"Message-ID: x@y.example>", "message_id", "x@y.example"),
        (b"Message-ID: <x\r\n @y.example>", "message_id", "x@y.example"),
        (
            b"Message-ID: <Pine.LNX.4.10.9905231200.A123-100000@host.example>",
            "message_id",
            "Pine.LNX.4.10.9905231200.A123-100000@host.example",
        ),
        (
            b"Message-ID: <000001bd$1a2b3c40$0100007f@mypc>",
            "message_id",
            "000001bd$1a2b3c40$0100007f@mypc",
        ),
        (
            b"Message-ID: <3.0.5.32.19980101.00a0b100@pop.example>",
            "message_id",
            "3.0.5.32.19980101.00a0b100@pop.example",
        ),
        (
            b"Message-ID: <9505011200.AA01234@host.example>",
            "message_id",
            "9505011200.AA01234@host.example",
        ),
        (b"Message-ID: <\t<nested@id.example>>", "message_id", "nested@id.example"),
        (b"Message-ID: <m2$@x>\r\nMessage-ID: <second@x>", "message_id", "m2$@x"),
        (b"Message-ID: <[ABC]@host.example>", "message_id", "[ABC]@host.example"),
        (
            b"Message-ID: <OF1A2B3C.4D5E-ON85256@LocalDomain>",
            "message_id",
            "OF1A2B3C.4D5E-ON85256@LocalDomain",
        ),
        (b"In-Reply-To: <a@b.example>", "in_reply_to", "a@b.example"),
        (
            (
                b'In-Reply-To: Your message of "Mon, 1 May 1995 10:00:00 PDT." '
                b"<9505011700.AA1@host.example>"
            ),
            "in_reply_to",
            "9505011700.AA1@host.example",
        ),
        (
            (
                b"In-Reply-To: Joe Bloggs's message of Mon, 01 May 1995 10:00:00 -0700\r\n"
                b"References: <q@w.example>"
            ),
            "in_reply_to",
            None,
        ),
        (
            (
                b"In-Reply-To: Joe Bloggs's message of Mon, 01 May 1995 10:00:00 -0700\r\n"
                b"References: <q@w.example>"
            ),
            "references",
            ["q@w.example"],
        ),
        (
            (
                b'In-Reply-To: <9505011700.AA1@host.example> from "Joe Bloggs" at May 1, '
                b"95 10:00:00 am"
            ),
            "in_reply_to",
            "9505011700.AA1@host.example",
        ),
        (
            (
                b'In-Reply-To: Message from Joe Bloggs <joe@example.com> of "Mon, 01 May '
                b'1995 10:00:00 PDT." <real@host.example>'
            ),
            "in_reply_to",
            "real@host.example",
        ),
        (
            (
                b'In-Reply-To: Message from joe@example.com of "Mon, 01 May 1995 10:00:00 '
                b'PDT." <real@host.example>'
            ),
            "in_reply_to",
            "real@host.example",
        ),
        (b"In-Reply-To: a@b.example", "in_reply_to", "a@b.example"),
        (b"In-Reply-To: <a@b.example> <c@d.example>", "in_reply_to", "a@b.example"),
        (
            (
                b"In-Reply-To: <a@b.example>; from joe@example.com on Mon, May 01, 1995 at "
                b"10:00:00AM -0700"
            ),
            "in_reply_to",
            "a@b.example",
        ),
        (b'In-Reply-To: "Joe\'s message of 1 May"', "in_reply_to", None),
        (b"In-Reply-To: <>", "in_reply_to", None),
        (b"References: <a@b.example> <c@d.example>", "references", ["a@b.example", "c@d.example"]),
        (b"References: <a@b.example><c@d.example>", "references", ["a@b.example", "c@d.example"]),
        (b"References: <a@b.example>,<c@d.example>", "references", ["a@b.example", "c@d.example"]),
        (b"References: <a@b.example>, <c@d.example>", "references", ["a@b.example", "c@d.example"]),
        (
            b"References: <a@b.example>\r\n\t<c@d.example>\r\n <e@f.example>",
            "references",
            ["a@b.example", "c@d.example", "e@f.example"],
        ),
        (b"References: a@b.example c@d.example", "references", ["a@b.example", "c@d.example"]),
        (
            b"References: <a@b.example> (hello there) <c@d.example>",
            "references",
            ["a@b.example", "c@d.example"],
        ),
        (b"References: Your message of Monday <a@b.example>", "references", ["a@b.example"]),
        (
            b"References: <a@b.example> c@d.example <e@f.example>",
            "references",
            ["a@b.example", "c@d.example", "e@f.example"],
        ),
        (b"References:", "references", []),
        (
            b"References: <aaa@b.exa\r\n mple> <c@d.example>",
            "references",
            ["aaa@b.example", "c@d.example"],
        ),
        (
            b'References: <a@b.example> "quoted rubbish" <c@d.example>',
            "references",
            ["a@b.example", "c@d.example"],
        ),
    ],
)
def test_ids_are_told_from_what_stands_around_them(
    header: bytes, name: str, expected: str | list[str] | None
) -> None:
    """Written down from the standards before our reading of them was looked at."""
    read = to_json(parse(header + b"\r\n\r\nbody\r\n", with_html=False))

    assert expected == read[name]

import time

import pytest

from courrier.mail.headers.ids import message_id, message_ids
from courrier.mail.limits import MAX_IDS


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        ("<1@b.example>", ["1@b.example"]),
        ("<1@b.example> <2@b.example>", ["1@b.example", "2@b.example"]),
        ("<1@b.example><2@b.example>", ["1@b.example", "2@b.example"]),
        ("<1@b.example>,<2@b.example>", ["1@b.example", "2@b.example"]),
        ("<1@b.example>; <2@b.example>", ["1@b.example", "2@b.example"]),
        ("<1@b.example>\t<2@b.example>  <1@b.example>", ["1@b.example", "2@b.example"]),
        ("< 1@b.example >", ["1@b.example"]),
        ("<1@b. example>", ["1@b.example"]),
        ("<1@b.example> (a reply to <x@y.example>)", ["1@b.example"]),
        ("(x) <1@b.example>", ["1@b.example"]),
        ('<"1 2"@b.example>', ['"12"@b.example']),
        ('<"1@2"@b.example>', ['"1@2"@b.example']),
        ("<1@[192.0.2.1]>", ["1@[192.0.2.1]"]),
        ("<1$2%x=y@b.example>", ["1$2%x=y@b.example"]),
        ("<CAF+a_b=c-d@mail.b.example>", ["CAF+a_b=c-d@mail.b.example"]),
        ("<20260112101112.GA1234>", ["20260112101112.GA1234"]),
        ("1@b.example", ["1@b.example"]),
        ("1@b.example 2@b.example", ["1@b.example", "2@b.example"]),
        ("1@b.example, <2@b.example>", ["1@b.example", "2@b.example"]),
        ("<1@b.example", ["1@b.example"]),
        ("1@b.example>", ["1@b.example"]),
        ("<<1@b.example>>", ["1@b.example"]),
        ("&lt;1@b.example&gt;", ["1@b.example"]),
        ("<1@b.example> <2@b.exam", ["1@b.example", "2@b.exam"]),
        ("Your message of Mon, 12 Jan 2026 <1@b.example>", ["1@b.example"]),
        ("Message from Ann <ann@b.example> of 12 Jan", []),
        ('"Ann" <ann@b.example>\'s message of "Mon" <1@b.example>', ["1@b.example"]),
        ("=?utf-8?q?=3C1=40b=2Eexample=3E?=", ["1@b.example"]),
        ("<ü1@b.example>", ["ü1@b.example"]),
        ("<>", []),
        ("<@>", []),
        ("", []),
    ],
)
def test_ids_are_found_in_what_programs_write(value: str, ids: list[str]) -> None:
    """RFC 5322 section 3.6.4, its obsolete forms, and lists of all kinds."""
    assert ids == list(message_ids(value.encode()))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("<1@b.example>", "1@b.example"),
        (" 1@b.example ", "1@b.example"),
        ("<1@b.example> (added by the gateway)", "1@b.example"),
        ("(comment) <1@b.example>", "1@b.example"),
        ("<1@b.example> <2@b.example>", "1@b.example"),
        ("<1 @ b.example>", "1@b.example"),
        ("<1@b.example", "1@b.example"),
        ("1@b.example>", "1@b.example"),
        ("<<1@b.example>>", "1@b.example"),
        ("<no-at-sign>", "no-at-sign"),
        ("no-at-sign", "no-at-sign"),
        ('"1@b.example"', "1@b.example"),
        ("=?us-ascii?Q?=3C1=40b=2Eexample=3E?=", "1@b.example"),
        ("<[1@b.example]>", "[1@b.example]"),
        ("<(x)1@b.example>", "(x)1@b.example"),
        ("<>", None),
        ("", None),
    ],
)
def test_a_message_has_the_id_that_others_refer_to(value: str, expected: str | None) -> None:
    """Also where the brackets are missing, doubled or encoded."""
    assert expected == message_id(value.encode())


@pytest.mark.parametrize("piece", ["<", "(", '"', "<a", "(\\", "a@", "<a b c> ", "<a@b>", "\\"])
def test_no_field_of_ids_is_slow(piece: str) -> None:
    """As long as a field may be."""
    started = time.process_time()

    read = message_ids((piece * (256 * 1024 // len(piece))).encode())

    assert time.process_time() - started < 2
    assert len(read) <= MAX_IDS

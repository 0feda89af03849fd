"""Bytes from an IMAP server become values: every listed fault of the library is gone."""

import time
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courrier.fetcher.adapters.imap import naming, replies, utf7, wire
from courrier.fetcher.adapters.imap.grammar import (
    DEEPEST,
    Value,
    code,
    internal_date,
    internal_day,
    values,
)
from courrier.fetcher.adapters.imap.wire import Hostile, Response, ResponseReader
from courrier.fetcher.domain.received import Fetched


def read(data: bytes) -> list[Response]:
    """All responses in these bytes."""
    return ResponseReader().feed(data)


def one(data: bytes) -> Response:
    """The one response in these bytes."""
    (response,) = read(data)
    return response


CONVERSATION = (
    b"* 1 FETCH (UID 7 BODY[] {12}\r\n* a {3}\r\n)* b FLAGS (\\Seen))\r\n"
    b'* LIST () "/" {5}\r\na* b"\r\n'
    b"* OK still {3}\r\n"
    b"+ go\r\n"
    b"A1 OK done\r\n"
)


@given(st.lists(st.integers(0, len(CONVERSATION)), max_size=12))
def test_responses_do_not_depend_on_how_bytes_arrive(places: list[int]) -> None:
    """A line, a literal or its count may be cut anywhere by the network."""
    reader = ResponseReader()
    cuts = [0, *sorted(places), len(CONVERSATION)]

    found = [
        response
        for start, end in pairwise(cuts)
        for response in reader.feed(CONVERSATION[start:end])
    ]

    assert read(CONVERSATION) == found
    assert 5 == len(found)


@given(st.binary(max_size=400), st.lists(st.integers(0, 400), max_size=8))
def test_any_bytes_mean_the_same_however_they_arrive(data: bytes, places: list[int]) -> None:
    """Responses, or a refusal: in one piece or in many."""
    cuts = [0, *sorted(place for place in places if place <= len(data)), len(data)]

    def in_pieces() -> list[Response]:
        reader = ResponseReader()
        fed = (reader.feed(data[start:end]) for start, end in pairwise(cuts))
        return [response for some in fed for response in some]

    try:
        whole = read(data)
    except Hostile:
        with pytest.raises(Hostile):
            in_pieces()
        return
    assert whole == in_pieces()


def test_reading_takes_time_linear_in_the_bytes() -> None:
    """The library looks at all earlier lines again after each literal."""

    def seconds(messages: int) -> float:
        data = b"".join(
            b"* %d FETCH (UID %d BODY[] {20}\r\n%b)\r\n" % (n, n, b"x" * 20)
            for n in range(messages)
        )
        reader, began = ResponseReader(), time.process_time()
        for start in range(0, len(data), 1000):
            reader.feed(data[start : start + 1000])
        return time.process_time() - began

    few = min(seconds(4000) for _ in range(3))
    many = min(seconds(16_000) for _ in range(3))

    assert many < 10 * few, "four times the bytes, sixteen times the work: it is quadratic"


def test_a_thousand_lines_at_once_are_a_thousand_responses() -> None:
    """The library calls itself once a line and breaks at about a thousand."""
    lines = b"".join(b"* %d FETCH (UID %d)\r\n" % (n, n) for n in range(5000))

    assert 5000 == len(read(lines))


def test_stars_within_data_stay() -> None:
    """The library deletes ``* `` wherever it stands in a line."""
    (folder,) = naming.listing(read(b'* LIST () "/" "a* b"\r\n')).folders

    assert "a* b" == folder.name


def test_literals_are_taken_as_they_are() -> None:
    """What looks like protocol inside a literal is content."""
    raw = b"A1 OK done\r\n* 2 EXISTS\r\n)("
    data = b"* 3 FETCH (UID 9 FLAGS (\\Seen $x) BODY[] {%d}\r\n%b)\r\n" % (len(raw), raw)

    (message,) = replies.fetched(read(data))

    assert (9, raw, ("\\Seen", "$x")) == (message.uid, message.raw, message.flags)


@pytest.mark.parametrize("end", [b")", b" MODSEQ (7))"])
def test_a_message_is_the_same_whatever_stands_about_it(end: bytes) -> None:
    """What nearly all servers send is read in one step, and means what the grammar says."""
    head = b'* 3 FETCH (UID 9 FLAGS (\\Seen \\Recent $x) INTERNALDATE " 2-Mar-2026 12:00:00 +0100"'

    (message,) = replies.fetched(read(head + b" BODY[] {3}\r\nabc" + end + b"\r\n"))

    noon = datetime(2026, 3, 2, 11, tzinfo=UTC)
    assert Fetched(9, b"abc", ("\\Seen", "$x"), noon) == message


def test_an_empty_literal_is_an_empty_string() -> None:
    """``{0}`` has no bytes and no end."""
    (message,) = replies.fetched([one(b"* 3 FETCH (UID 9 BODY[] {0}\r\n)\r\n")])

    assert b"" == message.raw


def test_free_text_has_no_literals() -> None:
    """A server may end a sentence in braces; what follows is the next response."""
    assert 2 == len(read(b"* OK try again {5}\r\nA1 OK done\r\n"))


@pytest.mark.parametrize(
    "data",
    [
        b"* 1 FETCH (BODY[] {9999999999}\r\n",
        b"* 1 FETCH (BODY[] {99999999999999999999}\r\n",
        b"* OK " + b"x" * (wire.LINE_LIMIT + 1),
    ],
)
def test_lines_and_literals_have_limits(data: bytes) -> None:
    """A server cannot fill our memory."""
    with pytest.raises(Hostile):
        read(data)


def test_lists_have_a_depth() -> None:
    """Nor our stack."""
    with pytest.raises(Hostile):
        values(one(b"* X " + b"(" * (DEEPEST + 1) + b"\r\n"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"* A b", (b"*", b"A", b"b")),
        (b'* "q \\" \\\\ (" NIL "NIL"', (b"*", b'q " \\ (', None, b"NIL")),
        (b"* (a (b) ()) c", (b"*", (b"a", (b"b",), ()), b"c")),
        (b"* BODY[HEADER.FIELDS (TO)]<0> x", (b"*", b"BODY[HEADER.FIELDS (TO)]<0>", b"x")),
        (b"* (a (b", (b"*", (b"a", (b"b",)))),
        (b"* a) b", (b"*", b"a", b"b")),
    ],
)
def test_values_of_a_line(text: bytes, expected: Value) -> None:
    """Atoms, strings, NIL and lists (RFC 9051 section 4); what is broken is read in part."""
    assert expected == values(Response((text,)))


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """No server can raise what nobody expects."""
    try:
        responses = read(data + b"\r\n")
        for response in responses:
            values(response)
        naming.listing(responses)
        replies.fetched(responses)
        replies.listed(responses)
        replies.found_uids(responses)
        replies.open_folder("x", responses)
    except Hostile:
        return


def test_answers_about_other_messages_are_left_out() -> None:
    """Flags changed by somebody else come without UID, or without a body."""
    data = (
        b"* 1 FETCH (FLAGS (\\Seen))\r\n"
        b"* 2 FETCH (UID 5 FLAGS ())\r\n"
        b"* 3 FETCH (UID 6 BODY[] NIL)\r\n"
    )

    assert [] == replies.fetched(read(data))


def test_recent_is_no_flag_of_the_message() -> None:
    """It would differ between two fetchers of the same message."""
    (message,) = replies.fetched([one(b"* 1 FETCH (UID 5 FLAGS (\\Recent) BODY[] x)\r\n")])

    assert () == message.flags


def test_examine_and_search_answers() -> None:
    """What a folder tells of itself."""
    data = (
        b"* 3 EXISTS\r\n* OK [UIDVALIDITY 77] UIDs valid\r\n* OK [UIDNEXT 10] next\r\n"
        b"* SEARCH 1 2 x 9\r\n* SEARCH\r\n"
    )
    opened = replies.open_folder("INBOX", read(data))

    assert (77, 3, 10) == (opened.uidvalidity, opened.exists, opened.uidnext)
    assert [1, 2, 9] == replies.found_uids(read(data))
    assert (b"UIDNEXT", b"10") == code(b"* OK [UIDNEXT 10] next")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b" 2-Mar-2026 12:00:00 +0000", datetime(2026, 3, 2, 12, tzinfo=UTC)),
        (
            b"02-mar-2026 12:00:00 -0530",
            datetime(2026, 3, 2, 12, tzinfo=timezone(-timedelta(hours=5, minutes=30))),
        ),
        (b"31-Feb-2026 12:00:00 +0000", None),
        (b"01-Jan-0001 00:00:00 +0900", None),
        (b"yesterday", None),
    ],
)
def test_internal_dates(text: bytes, expected: datetime | None) -> None:
    """INTERNALDATE with the server's zone; nonsense is no date."""
    assert expected == internal_date(text)


def test_days_are_english() -> None:
    """SEARCH knows one spelling of months."""
    assert "1-Feb-2026" == internal_day(date(2026, 2, 1))


@pytest.mark.parametrize(
    ("name", "wire_name"),
    [
        ("INBOX", b"INBOX"),
        ("R&D", b"R&-D"),
        ("Entwürfe", b"Entw&APw-rfe"),
        ("台北/日本語", b"&U,BTFw-/&ZeVnLIqe-"),
        ("a\r\nb", b"a&AA0ACg-b"),
        ("😀", b"&2D3eAA-"),
    ],
)
def test_folder_names_in_modified_utf_7(name: str, wire_name: bytes) -> None:
    """RFC 3501 section 5.1.3; a line end in a name never reaches a command."""
    assert wire_name == utf7.encode(name)
    assert name == utf7.decode(wire_name)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_name_survives_the_wire(name: str) -> None:
    """Encode, then decode: the same name."""
    assert name == utf7.decode(utf7.encode(name))


@given(st.binary(max_size=30))
def test_any_bytes_are_a_name(wire_name: bytes) -> None:
    """Old servers have names in no encoding at all: they can be listed and opened."""
    assert isinstance(utf7.decode(wire_name).encode(), bytes)

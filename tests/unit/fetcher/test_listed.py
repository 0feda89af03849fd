"""What a server says of messages before they are fetched, in whatever form it says it."""

from datetime import UTC, datetime

import pytest

from courrier.fetcher.adapters.imap import replies
from courrier.fetcher.adapters.imap.wire import ResponseReader
from courrier.fetcher.domain.batches import Listed

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "line",
    [
        b'* 1 FETCH (UID 7 RFC822.SIZE 900 INTERNALDATE " 2-Mar-2026 12:00:00 +0000")',
        b'* 1 FETCH (RFC822.SIZE 900 INTERNALDATE "02-Mar-2026 12:00:00 +0000" UID 7)',
        b'* 1 fetch (uid 7 rfc822.size 900 internaldate "02-Mar-2026 13:00:00 +0100")',
        b"* 1 FETCH (UID 7 RFC822.SIZE 900 INTERNALDATE {26}\r\n02-Mar-2026 12:00:00 +0000)",
    ],
)
def test_every_order_and_form_is_read_alike(line: bytes) -> None:
    """The usual one by a short cut."""
    responses = ResponseReader().feed(line + b"\r\n")

    assert {7: Listed(7, 900, NOON)} == replies.listed(responses)


@pytest.mark.parametrize("uid", [b"0", b"9999999999"])
def test_what_is_no_uid_is_left_out(uid: bytes) -> None:
    """RFC 9051: a UID is 1 to 2^32 - 1."""
    line = b'* 1 FETCH (UID %b RFC822.SIZE 900 INTERNALDATE "02-Mar-2026 12:00:00 +0000")\r\n'

    assert {} == replies.listed(ResponseReader().feed(line % uid))

"""Blind copies stay blind."""

import pytest

from courrier.gateway.domain.blind_copies import without_bcc


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"To: a\r\nBcc: b\r\nSubject: c\r\n\r\nBcc: d", b"To: a\r\nSubject: c\r\n\r\nBcc: d"),
        (b"BCC : b,\r\n c,\r\n\td\r\nTo: a\r\n\r\n", b"To: a\r\n\r\n"),
        (b"To: a\nResent-Bcc: b\n\nx", b"To: a\n\nx"),
        (b"Bcc: b\r\n\r\nx", b"\r\nx"),
        (b"Bcc: b", b""),
        (b"X-Bcc: b\r\n\r\n", b"X-Bcc: b\r\n\r\n"),
        (b"", b""),
    ],
)
def test_the_field_goes_and_nothing_else(raw: bytes, expected: bytes) -> None:
    """Folded, in any case, with either line end; the body is left alone."""
    assert expected == without_bcc(raw)

"""What servers tell afterwards is read from every kind of report that they write."""

import pytest

from courrier.mail.delivery_reports import delivery_report
from support.builders import raw_message
from support.delivery_notices import prose, report

ID = "1@x.test"


@pytest.mark.parametrize(
    ("raw", "fate", "code", "words", "is_hard"),
    [
        (report(ID, "failed"), "bounced", 550, "5.1.1 no such user", True),
        (report(ID, "delayed"), "delayed", 451, "no answer from host", False),
        (report(ID, "delivered"), "delivered", 250, "2.0.0 OK", False),
        (prose(ID), "bounced", None, "5.1.1", True),
    ],
)
def test_a_report_says_what_became_of_whom(
    raw: bytes, fate: str, code: int | None, words: str, *, is_hard: bool
) -> None:
    """Structured, of success too, and in a server's own words."""
    found = delivery_report(raw)

    assert found is not None
    assert (ID, fate, is_hard) == (found.message_id, found.fate, found.is_hard)
    (told,) = found.recipients
    assert ("ada@example.test", fate, code) == (told.address, told.fate, told.code)
    assert words in told.text


def test_other_mail_is_no_report() -> None:
    """Nor is one that names no message."""
    assert delivery_report(raw_message()) is None
    assert delivery_report(report("x", "delivered").replace(b"Message-ID: <x>\r\n", b"")) is None
    assert delivery_report(b"") is None

"""Which mail says in its header that no machine may answer it."""

from courrier.mail.parse import summarise

ROWS = (
    ("Return-Path: <>", "empty-return-path"),
    ("Return-Path:", "empty-return-path"),
    ("Return-Path: <ada@example.org>", None),
    ("Precedence: bulk", "precedence"),
    ("Precedence: List", "precedence"),
    ("Precedence: junk", "precedence"),
    ("Precedence: first-class", None),
    ("List-Id: News <news.example.org>", "list"),
    ("List-Unsubscribe: <https://example.org/out>", "list"),
    ("Mailing-List: list users@example.org", "list"),
    ("Feedback-ID: 1:2:3:mailer", "bulk"),
    ("X-Auto-Response-Suppress: All", "suppressed"),
    ("X-Auto-Response-Suppress: OOF, AutoReply", "suppressed"),
    ("X-Auto-Response-Suppress: DR", None),
    ("X-Mailer: Thunderbird", None),
)


def test_lists_bulk_mail_and_who_asks_for_silence_are_not_answered() -> None:
    """By what stands in the header, whoever wrote the message."""
    messages = [
        f"{line}\r\nFrom: ada@example.org\r\nSubject: Hello\r\n\r\nHello\r\n".encode()
        for line, _ in ROWS
    ]

    found = [summarise(raw).unanswerable for raw in messages]

    assert [why for _, why in ROWS] == found

from courrier.mail.parse import summarise
from courrier.mail.reports.complaints import Complaint, read_complaint

REPORT = b"""From: complaints@isp.example
Subject: FW: Offer
Content-Type: multipart/report; report-type=feedback-report; boundary=b

--b

This is an email abuse report.
--b
Content-Type: message/feedback-report

Feedback-Type: Abuse
User-Agent: Isp-Loop/1.0
Version: 1
%b
--b
Content-Type: message/rfc822

From: ann@sales.example
To: bob@isp.example
Message-ID: <offer.1@sales.example>

Hello
--b--
"""


def test_a_complaint_says_who_complained_about_which_message() -> None:
    """RFC 5965 section 3.2: the report's own fields come first."""
    raw = REPORT % b"Original-Rcpt-To: <rob@isp.example>\nOriginal-Rcpt-To: bo@isp.example\n"

    assert Complaint(
        "abuse",
        ("rob@isp.example", "bo@isp.example"),
        "offer.1@sales.example",
        "Isp-Loop/1.0",
    ) == read_complaint(raw)
    assert "feedback-report" == summarise(raw).auto_reply_kind


def test_the_only_recipient_of_the_message_is_the_one_who_complained() -> None:
    """Providers that hide the complainer often leave the To of the message."""
    complaint = read_complaint(REPORT % b"")

    assert complaint is not None
    assert ("bob@isp.example",) == complaint.recipients


def test_other_mail_holds_no_complaint() -> None:
    """A text about abuse is none."""
    assert read_complaint(b"Subject: abuse\n\nFeedback-Type: abuse\n") is None

"""Reports that mail servers send about a message, each as its kind of server writes it."""

STATUS = """Reporting-MTA: dns; mx.y.test

Final-Recipient: rfc822; {address}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {diagnostic}
"""
REPORT = """From: Mail Delivery System <MAILER-DAEMON@mx.y.test>
To: grace@example.test
Subject: {subject}
Message-ID: <{status}.{action}@mx.y.test>
Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary=b
MIME-Version: 1.0

--b

This is the mail system at mx.y.test.

--b
Content-Type: message/delivery-status

{fields}
--b
Content-Type: message/rfc822

Message-ID: <{message_id}>
From: grace@example.test
To: {address}
Subject: Offer

Hello
--b--
"""
PROSE = """Return-Path: <>
From: MAILER-DAEMON@mx.z.test
To: grace@example.test
Subject: failure notice

Hi. This is the qmail-send program at mx.z.test.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<ada@example.test>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Message-ID: <{message_id}>
From: grace@example.test
To: ada@example.test
Subject: Offer

Hello
"""


def report(message_id: str, action: str, *, address: str = "ada@example.test") -> bytes:
    """Return a structured report: ``failed``, ``delayed`` or ``delivered``."""
    status, diagnostic, subject = {
        "failed": ("5.1.1", "550 5.1.1 no such user", "Undelivered Mail Returned to Sender"),
        "delayed": ("4.4.1", "451 4.4.1 no answer from host", "Delayed Mail (still being retried)"),
        "delivered": ("2.0.0", "250 2.0.0 OK", "Successful Mail Delivery Report"),
    }[action]
    told = {"address": address, "action": action, "status": status, "diagnostic": diagnostic}
    text = REPORT.format(
        fields=STATUS.format(**told), message_id=message_id, subject=subject, **told
    )
    return text.replace("\n", "\r\n").encode()


def prose(message_id: str) -> bytes:
    """Return a failure in the words of a server that writes no structured report."""
    return PROSE.format(message_id=message_id).replace("\n", "\r\n").encode()

"""The demo's mail server as a mail program sees it: TLS, push, and the same after a restart."""

import imaplib
import os
import smtplib
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest

from courrier.local.demo.certificates import ensure_certificates
from courrier.local.demo.filling import fill_once
from courrier.local.demo.people import COMPANY, MAILBOX
from courrier.local.ports import HOST, accepts, choose

from .started_system import until

pytestmark = pytest.mark.integration

PASSWORD = "demo-secret"
CUSTOMER = next(person.address for person in COMPANY.person if person.answers)
SOCKET_TIMEOUT_S = 10.0
PUSH_S = 2.0


@dataclass(slots=True)
class DemoMail:
    """The server in a directory, started and stopped at will."""

    directory: Path
    imap_port: int
    smtp_port: int
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def tls(self) -> ssl.SSLContext:
        """Trust the demo's own authority and nobody else."""
        return ssl.create_default_context(cafile=ensure_certificates(self.directory).ca)

    def start(self) -> None:
        """Return once both protocols are served."""
        settings = {
            "COURRIER_DEMO_DIR": str(self.directory),
            "COURRIER_DEMO_PASSWORD": PASSWORD,
            "COURRIER_DEMO_IMAP_PORT": str(self.imap_port),
            "COURRIER_DEMO_SMTP_PORT": str(self.smtp_port),
        }
        command = [sys.executable, "-m", "courrier.local.demo"]
        self.process = subprocess.Popen(command, env={**os.environ, **settings})
        until(lambda: accepts(self.smtp_port))
        assert self.process.poll() is None, "another server of this machine took the port"

    def kill(self) -> None:
        """End it the hard way."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(5)

    def mailbox(self, address: str = MAILBOX) -> imaplib.IMAP4_SSL:
        """Log in."""
        client = imaplib.IMAP4_SSL(
            HOST, self.imap_port, ssl_context=self.tls, timeout=SOCKET_TIMEOUT_S
        )
        client.login(address, PASSWORD)
        return client

    def send(self, recipient: str, subject: str) -> None:
        """Send a message as the company."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = MAILBOX, recipient, subject
        message["Message-ID"] = f"<{time.monotonic_ns()}@halcyon.example>"
        message.set_content("Hello")
        with smtplib.SMTP_SSL(
            HOST, self.smtp_port, context=self.tls, timeout=SOCKET_TIMEOUT_S
        ) as client:
            client.login(MAILBOX, PASSWORD)
            client.send_message(message)


@pytest.fixture
def mail(tmp_path: Path) -> Iterator[DemoMail]:
    """A filled server."""
    fill_once(tmp_path)
    ensure_certificates(tmp_path)
    ports = choose(("imap", "smtp"), {})
    server = DemoMail(tmp_path, ports["imap"], ports["smtp"])
    server.start()
    yield server
    server.kill()


def uids(client: imaplib.IMAP4_SSL, criterion: str = "ALL") -> list[int]:
    """Return the UIDs of a search."""
    _, found = client.uid("SEARCH", criterion)
    return [int(word) for word in (found[0] or b"").split()]


def test_the_mailbox_is_filled(mail: DemoMail) -> None:
    """Some of it unread; what the company answered is in Sent."""
    client = mail.mailbox()
    _, (count,) = client.select("INBOX")
    unread = uids(client, "UNSEEN")
    _, (sent,) = client.select("Sent")

    assert int(count or 0) >= 40
    assert 5 <= len(unread) <= 25
    assert int(sent) >= 10  # type: ignore[arg-type]  # typeshed: bytes or None


def test_a_message_comes_as_it_was_sent(mail: DemoMail) -> None:
    """Byte for byte, with its own header layout."""
    raw = b"From: a@b.example\r\nX-Odd:   spaced\r\nSubject: x\r\n\r\nFrom here\r\n\xe9\xff\r\n"
    client = mail.mailbox()
    client.append("INBOX", "", "", raw)
    client.select("INBOX")

    _, answer = client.uid("FETCH", str(uids(client)[-1]), "(BODY.PEEK[])")

    assert raw in answer[0]


def test_new_mail_is_pushed(mail: DemoMail) -> None:
    """IDLE (RFC 2177): within two seconds of delivery."""
    client = mail.mailbox(CUSTOMER)
    client.select("INBOX")
    client.send(b"x IDLE\r\n")
    assert client.readline().startswith(b"+")
    began = time.monotonic()

    mail.send(CUSTOMER, "News")

    assert client.readline() == b"* 1 EXISTS\r\n"
    assert time.monotonic() - began < PUSH_S


def test_a_kill_loses_nothing_and_repeats_no_uid(mail: DemoMail) -> None:
    """UIDVALIDITY, messages and flags are the same; the UID of a deleted message stays used."""
    client = mail.mailbox()
    client.select("INBOX")
    before, (_, (validity,)) = uids(client), client.response("UIDVALIDITY")
    client.uid("STORE", str(before[0]), "+FLAGS", "(\\Flagged)")
    client.uid("STORE", str(before[-1]), "+FLAGS", "(\\Deleted)")
    client.expunge()
    mail.kill()
    mail.start()

    mail.send(MAILBOX, "After the crash")
    again = mail.mailbox()
    again.select("INBOX")

    assert again.response("UIDVALIDITY")[1] == [validity]
    assert uids(again)[:-1] == before[:-1]
    assert uids(again)[-1] > before[-1]
    assert uids(again, "FLAGGED") == before[:1]


def test_a_reply_reaches_the_customer_who_answers(mail: DemoMail) -> None:
    """The first minute of the demo, by protocol."""
    company = mail.mailbox()
    company.select("INBOX")
    count = len(uids(company))

    mail.send(CUSTOMER, "Your question")

    customer = mail.mailbox(CUSTOMER)
    customer.select("INBOX")
    assert len(uids(customer)) == 1

    def answered() -> bool:
        company.noop()
        return len(uids(company)) == count + 1

    until(answered)


def test_mail_to_the_outside_world_is_refused(mail: DemoMail) -> None:
    """Nothing typed into the demo leaves the machine."""
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        mail.send("somebody@example.org", "Oops")


def test_nobody_sends_or_reads_without_the_password(mail: DemoMail) -> None:
    """Other users of the machine are strangers."""
    with smtplib.SMTP_SSL(HOST, mail.smtp_port, context=mail.tls) as client:
        client.ehlo()
        assert client.mail(MAILBOX)[0] == 530
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login(MAILBOX, "wrong")
    imap = imaplib.IMAP4_SSL(HOST, mail.imap_port, ssl_context=mail.tls)
    with pytest.raises(imaplib.IMAP4.error):
        imap.login(MAILBOX, "wrong")


def test_two_hundred_messages_are_no_trouble(mail: DemoMail) -> None:
    """Delivered, listed and fetched in seconds."""
    began = time.monotonic()
    with smtplib.SMTP_SSL(HOST, mail.smtp_port, context=mail.tls) as client:
        client.login(MAILBOX, PASSWORD)
        for number in range(200):
            text = f"Message-ID: <{number}@x>\r\nAuto-Submitted: auto-generated\r\n\r\nHello\r\n"
            client.sendmail(MAILBOX, [CUSTOMER], text)
    customer = mail.mailbox(CUSTOMER)
    customer.select("INBOX")
    _, answer = customer.uid("FETCH", "1:*", "(FLAGS BODY.PEEK[])")

    assert len([part for part in answer if isinstance(part, tuple)]) == 200
    assert time.monotonic() - began < 20

"""A rich message of ours, sent by SMTP and kept by Dovecot, is what it was meant to be."""

import re
import smtplib
from functools import cache

import dkim
import pytest

from courrier.mail.message import Mailbox
from courrier.mail.parse import parse
from courrier.mail.writing.compose import compose
from courrier.mail.writing.dkim import sign
from courrier.mail.writing.dkim_keys import SigningKey, dns_value, new_private_key, read_key
from courrier.mail.writing.outgoing import MailingList, OutgoingAttachment, OutgoingCalendar
from support.imap_accounts import ImapServer
from support.outgoing_mail import outgoing
from support.smtp_sink import SmtpSink

pytestmark = pytest.mark.integration

TEXT = "Grüße aus Köln\n\n.\n..\nFrom here on:\n-- \nZoë 🎉\n"
RICH = outgoing(
    from_=Mailbox("Zoë Müller, GmbH", "zoe@example.org"),
    to=(Mailbox("用户", "user@example.org"), Mailbox('O"Neil', "neil@example.org")),
    subject="Réunion du 12: 会议 🎉, " + "et la suite " * 8,
    text=TEXT,
    html='<p>Grüße <img src="cid:logo@example.org"></p>',
    calendar=OutgoingCalendar("BEGIN:VCALENDAR\nMETHOD:REQUEST\nEND:VCALENDAR\n"),
    attachments=(
        OutgoingAttachment("logo.png", "image/png", b"\x89PNG", "logo@example.org", inline=True),
        OutgoingAttachment("Übersicht für das große Jahr.pdf", "application/pdf", bytes(300)),
        OutgoingAttachment("Plan.eml", "message/rfc822", compose(outgoing(subject="Plan"))),
    ),
    mailing_list=MailingList(
        id="news.example.org", unsubscribe=("https://example.org/u",), one_click=True
    ),
)
STRUCTURE = """
(((text plain (charset utf-8) quoted-printable)
((text html (charset utf-8) quoted-printable)
(image png (name logo.png) <logo@example.org> base64 (inline (filename logo.png)))
 related (type text/html boundary B))
(text calendar (method REQUEST charset utf-8) 7bit)
 alternative (boundary B))
(application pdf (name =?utf-8?B?w5xiZXJzaWNodCBmw7xyIGRhcyBncm/Dn2UgSmFoci5wZGY=?=) base64
 (attachment (filename* utf-8''%C3%9Cbersicht%20f%C3%BCr%20das%20gro%C3%9Fe%20Jahr.pdf)))
(message rfc822 (name Plan.eml) 7bit (E) (text plain (charset utf-8) 7bit)
 (attachment (filename Plan.eml)))
 mixed (boundary B))
"""


@cache
def keys() -> tuple[SigningKey, ...]:
    """One of each kind."""
    return tuple(
        read_key("example.org", kind, new_private_key(kind)) for kind in ("ed25519", "rsa")
    )


def shape(structure: str) -> str:
    """A BODYSTRUCTURE without quotes, boundaries, sizes, the envelope and what is not said."""
    shorter = structure.partition("BODYSTRUCTURE ")[2].removesuffix(")").replace('"', "")
    for pattern, instead in (
        (r"=_[0-9a-f]{32}", "B"),
        (r"\(Mon, .* <1@example.org>\)", "(E)"),
        (r" (?:NIL|\d+)(?= |\))", ""),
    ):
        shorter = re.sub(pattern, instead, shorter)
    return shorter


@pytest.fixture
def kept(smtp_sink: SmtpSink) -> bytes:
    """The message as the last server got it."""
    raw = sign(compose(RICH), keys(), now=1_768_212_672)
    with smtplib.SMTP(smtp_sink.host, smtp_sink.port, timeout=10) as client:
        client.sendmail("zoe@example.org", ["user@example.org"], raw)
    assert smtp_sink.accepted[0].content == raw
    return smtp_sink.accepted[0].content


def test_a_server_sees_the_parts_that_were_meant(kept: bytes, dovecot: ImapServer) -> None:
    """Types, names, ids, dispositions and encodings, by Dovecot's own MIME parser."""
    account = dovecot.new_user()
    account.append("INBOX", kept)
    with account.log_in() as connection:
        connection.select("INBOX")
        _, data = connection.fetch("1", "(BODYSTRUCTURE)")
    line = data[0]
    assert isinstance(line, bytes)

    assert STRUCTURE.replace("\n", "") == shape(line.decode())


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("SUBJECT", "Réunion du 12: 会议 🎉, et la suite et la"),
        ("FROM", "Zoë Müller, GmbH"),
        ("TO", "用户"),
        ("BODY", "Grüße aus Köln"),
        ("BODY", "Zoë 🎉"),
        ("BODY", "From here on"),
    ],
)
def test_a_server_finds_the_words(kept: bytes, dovecot: ImapServer, key: str, words: str) -> None:
    """It decodes fields and bodies to search them, as mail programs do to show them."""
    account = dovecot.new_user()
    account.append("INBOX", kept)
    with account.log_in() as connection:
        connection.select("INBOX")
        connection.literal = words.encode()  # type: ignore[assignment]  # typeshed: str
        _, found = connection.search("UTF-8", key)

    assert found == [b"1"]


def test_what_arrives_is_what_was_signed(kept: bytes, dovecot: ImapServer) -> None:
    """Byte for byte through two servers: both signatures hold, and every word reads back."""
    account = dovecot.new_user()
    account.append("INBOX", kept)
    stored = account.messages()[0]
    records = {f"{key.selector}._domainkey.example.org.": dns_value(key) for key in keys()}

    def answer(name: bytes, timeout: int = 5) -> bytes:
        return records[name.decode()].encode()

    assert [dkim.DKIM(stored).verify(n, dnsfunc=answer) for n in (0, 1)] == [True, True]
    assert parse(stored).text == TEXT
    assert parse(stored).to == RICH.to

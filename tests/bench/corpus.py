"""Realistic mail in any number, the same for the same seed, for benches and load tests.

Sizes run from 1 to some 225 KB, 15 KiB on average; about seven in ten have an HTML alternative.
There are threads, eight languages in their charsets, attachments, lists, automatic answers,
bounces, and about one message in a hundred is damaged.
"""

import base64
import binascii
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.header import Header
from email.utils import format_datetime

from bench.corpus_text import LANGUAGES, Language

START = datetime(2025, 1, 6, 8, tzinfo=UTC)
_OPEN_THREADS = 500
_BLOB_BYTES = 170_000
_LINE = 57


@dataclass(slots=True)
class _Thread:
    subject: str
    language: Language
    ids: list[str] = field(default_factory=list)


def people(count: int, *, domains: int = 200) -> list[str]:
    """Distinct addresses of made-up people at made-up companies."""
    firsts = ("ann", "bob", "carla", "dmitri", "eva", "farid", "grete", "hana", "ivo", "jun")
    return [
        f"{firsts[number % len(firsts)]}.{number}@company{number % domains}.example"
        for number in range(count)
    ]


def messages(
    n: int,
    seed: int,
    *,
    senders: Sequence[str] = (),
    recipients: Sequence[str] = ("sales@courrier.example",),
    start: datetime = START,
) -> Iterator[bytes]:
    """Yield `n` raw messages with CRLF and distinct Message-IDs.

    Args:
        n: how many.
        seed: equal seeds and arguments give equal bytes.
        senders: whom the mail is from; 2,000 made-up people if none are given.
        recipients: whom it is to.
        start: the first Date; each message is up to two minutes after the one before.
    """
    writer = _Writer(random.Random(seed), seed, tuple(senders) or tuple(people(2_000)), recipients)
    moment = start
    for number in range(n):
        moment += timedelta(seconds=writer.chance.randrange(1, 120))
        yield writer.message(number, moment)


class _Writer:
    def __init__(
        self, chance: random.Random, seed: int, senders: Sequence[str], recipients: Sequence[str]
    ) -> None:
        self.chance = chance
        self.seed = seed
        self.senders = senders
        self.recipients = recipients
        self.threads: list[_Thread] = []
        blob = base64.b64encode(chance.randbytes(_BLOB_BYTES)).decode("ascii")
        self.blob = [blob[at : at + 76] for at in range(0, len(blob), 76)]

    def message(self, number: int, moment: datetime) -> bytes:
        kind = self.chance.random()
        thread, is_reply = self._thread()
        message_id = f"{number}.{self.seed}.{self.chance.getrandbits(48):012x}@mail.example"
        head = self._head(thread, message_id, moment, is_reply=is_reply)
        if kind < 0.04:
            head.append("Auto-Submitted: auto-replied")
        elif kind < 0.20:
            head += self._list_fields(number)
        thread.ids.append(message_id)
        body = self._bounce(number) if kind > 0.985 else self._body(thread, number, is_reply)
        raw = ("\r\n".join(head) + "\r\n").encode("utf-8") + body
        return self._damaged(raw) if 0.97 < kind < 0.98 else raw

    def _thread(self) -> tuple[_Thread, bool]:
        if self.threads and self.chance.random() < 0.45:
            return self.chance.choice(self.threads), True
        language = self.chance.choices(LANGUAGES, [each.share for each in LANGUAGES])[0]
        thread = _Thread(self._subject(language), language)
        if len(self.threads) < _OPEN_THREADS:
            self.threads.append(thread)
        else:
            self.threads[self.chance.randrange(_OPEN_THREADS)] = thread
        return thread, False

    def _subject(self, language: Language) -> str:
        words = self.chance.choices(language.words, k=self.chance.randrange(2, 8))
        return f"{language.glue.join(words)} {self.chance.randrange(10_000)}"

    def _head(
        self, thread: _Thread, message_id: str, moment: datetime, *, is_reply: bool
    ) -> list[str]:
        address = self.chance.choice(self.senders)
        name = self.chance.choice(thread.language.names)
        subject = f"{thread.language.reply} {thread.subject}" if is_reply else thread.subject
        head = [
            f"Return-Path: <{address}>",
            f"Received: from mx{len(name)}.example (mx{len(name)}.example [192.0.2.{len(name)}])",
            f"\tby in.courrier.example with ESMTPS id {message_id[:12]}",
            f"\tfor <{self.recipients[0]}>; {format_datetime(moment)}",
            "Authentication-Results: in.courrier.example; spf=pass; dkim=pass; dmarc=pass",
            f"From: {_encoded(name, thread.language)} <{address}>",
            f"To: {', '.join(self._recipients())}",
            f"Subject: {_encoded(subject, thread.language)}",
            f"Date: {format_datetime(moment)}",
            f"Message-ID: <{message_id}>",
            "MIME-Version: 1.0",
            "X-Mailer: Corpus 1.0",
        ]
        if is_reply and thread.ids:
            head.append(f"In-Reply-To: <{thread.ids[-1]}>")
            head.append("References: " + "\r\n ".join(f"<{each}>" for each in thread.ids[-12:]))
        return head

    def _recipients(self) -> list[str]:
        count = min(len(self.recipients), self.chance.choice((1, 1, 1, 2, 3)))
        return self.chance.sample(list(self.recipients), count)

    def _list_fields(self, number: int) -> list[str]:
        name = f"list{number % 40}"
        return [
            f"List-Id: News of {name} <{name}.lists.example>",
            f"List-Unsubscribe: <https://lists.example/u/{number}>, <mailto:u@lists.example>",
            "Precedence: bulk",
        ]

    def _body(self, thread: _Thread, number: int, is_reply: bool) -> bytes:  # noqa: FBT001
        size = min(
            16_000 if thread.language.share > 8 else 5_000,
            int(self.chance.lognormvariate(7.1, 0.9)) + 200,
        )
        text = self._text(thread.language, size)
        quoted = self._text(thread.language, size // 3) if is_reply else ""
        plain = text + thread.language.quoted(quoted)
        body = self._plain(plain, thread.language)
        if self.chance.random() < 0.7:
            page = self._page(text, quoted)
            html = _part("text/html", "utf-8", page.encode("utf-8"), "quoted-printable")
            body = _multipart("alternative", [body, html], f"alt{number}")
        if self.chance.random() < 0.12:
            files = [self._file(number, each) for each in range(self.chance.choice((1, 1, 1, 2)))]
            body = _multipart("mixed", [body, *files], f"mix{number}")
        return body

    def _text(self, language: Language, size: int) -> str:
        paragraphs: list[str] = []
        length = 0
        while length < size:
            words = self.chance.choices(language.words, k=self.chance.randrange(8, 60))
            lines = [language.glue.join(words[at : at + 10]) for at in range(0, len(words), 10)]
            paragraph = "\r\n".join(lines) + ".\r\n"
            paragraphs.append(paragraph)
            length += len(paragraph)
        return "\r\n".join(paragraphs)

    def _page(self, text: str, quoted: str) -> str:
        cell = 'style="font-family:Arial,sans-serif;font-size:14px;color:#333333;padding:8px 12px"'
        rows = "\r\n".join(
            f"<tr><td {cell}><p>{paragraph}</p></td></tr>" for paragraph in text.split("\r\n\r\n")
        )
        links = "".join(
            f'<a href="https://shop.example/p/{self.chance.getrandbits(32)}?utm=mail">'
            f'<img src="https://cdn.example/{each}.png" width="120" alt="Picture {each}"></a>\r\n'
            for each in range(self.chance.randrange(30))
        )
        earlier = f'<blockquote type="cite">{quoted}</blockquote>' if quoted else ""
        return (
            "<!DOCTYPE html><html><head><title>Mail</title><style>td{margin:0}</style></head>"
            f'<body bgcolor="#ffffff"><table width="600" cellpadding="0">{rows}</table>\r\n'
            f"{links}{earlier}</body></html>\r\n"
        )

    def _plain(self, text: str, language: Language) -> bytes:
        charset = self.chance.choice(language.charsets)
        content = text.encode(charset, "replace")
        encoding = "7bit" if content.isascii() else self.chance.choice(("base64", "8bit"))
        if charset in {"utf-8", "iso-8859-1"} and encoding != "7bit":
            encoding = "quoted-printable"
        return _part("text/plain", charset, content, encoding)

    def _file(self, number: int, index: int) -> bytes:
        lines = min(len(self.blob) - 1, int(self.chance.lognormvariate(5.7, 0.9)) + 5, 1_250)
        start = self.chance.randrange(len(self.blob) - lines)
        unique = base64.b64encode(f"{number:09d}-{index:02d}".encode()).decode("ascii")
        name = self.chance.choice(("report.pdf", "Angebot.pdf", "photo.jpg", "contrat.docx"))
        head = (
            f'Content-Type: application/octet-stream; name="{name}"\r\n'
            "Content-Transfer-Encoding: base64\r\n"
            f'Content-Disposition: attachment; filename="{name}"\r\n\r\n'
        )
        return (head + "\r\n".join([unique, *self.blob[start : start + lines]]) + "\r\n").encode()

    def _bounce(self, number: int) -> bytes:
        prose = b"Content-Type: text/plain\r\n\r\nYour message could not be delivered.\r\n"
        report = (
            "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
            f"Final-Recipient: rfc822; gone{number}@company.example\r\nAction: failed\r\n"
            "Status: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 No such user\r\n"
        ).encode("ascii")
        original = (
            "Content-Type: message/rfc822\r\n\r\nFrom: sales@courrier.example\r\n"
            f"Subject: Offer\r\nMessage-ID: <out{number}@courrier.example>\r\n\r\nHello\r\n"
        ).encode("ascii")
        kind = "report; report-type=delivery-status"
        return _multipart(kind, [prose, report, original], f"rep{number}")

    def _damaged(self, raw: bytes) -> bytes:
        """Cut short, with bare LF, with stray bytes, or with its boundaries misspelt."""
        way = self.chance.randrange(4)
        if way == 0:
            return raw[: max(1_000, len(raw) // 2)]
        if way == 1:
            return raw.replace(b"\r\n", b"\n")
        if way == 2:
            return raw.replace(b"e", b"\xe9\x00", 40)
        return raw.replace(b"boundary=", b"boundry=")


def _encoded(text: str, language: Language) -> str:
    if text.isascii():
        return text
    return Header(text, language.header_charset, maxlinelen=70).encode(linesep="\r\n")


def _part(content_type: str, charset: str, content: bytes, encoding: str) -> bytes:
    if encoding == "base64":
        body = base64.encodebytes(content).replace(b"\n", b"\r\n")
    elif encoding == "quoted-printable":
        body = _quoted_printable(content)
    else:
        body = content
    head = (
        f'Content-Type: {content_type}; charset="{charset}"\r\n'
        f"Content-Transfer-Encoding: {encoding}\r\n\r\n"
    )
    return head.encode("ascii") + body


def _quoted_printable(content: bytes) -> bytes:

    return binascii.b2a_qp(content.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")


def _multipart(kind: str, parts: list[bytes], name: str) -> bytes:
    subtype, _, parameters = kind.partition(";")
    extra = f";{parameters}" if parameters else ""
    boundary = f"----=_Part_{name}"
    head = f'Content-Type: multipart/{subtype}{extra}; boundary="{boundary}"\r\n\r\n'
    delimiter = f"--{boundary}".encode("ascii")
    body = b"".join(delimiter + b"\r\n" + part + b"\r\n" for part in parts)
    return head.encode("ascii") + body + delimiter + b"--\r\n"

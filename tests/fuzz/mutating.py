"""Damage as the world does it: messages cut, spliced, doubled and salted with what parsers fear."""

import random
from collections.abc import Callable, Sequence
from pathlib import Path

CORPUS = Path(__file__).parents[1] / "corpus"
LONGEST = 64 * 1024
MOST_STEPS = 6

FRAGMENTS = (
    b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"\x00", b"\xff", b"\xed\xa0\x80", b"\x1b$B", b" ", b"\t",
    b"From ", b">From ", b"From: ", b"To: ", b"Subject: ", b"Date: ", b"References: ",
    b"Content-Type: ", b"Content-Type: text/html\r\n", b"Content-Type: message/rfc822\r\n",
    b"Content-Type: multipart/mixed; boundary=b\r\n", b"multipart/alternative",
    b"multipart/report", b"multipart/digest", b"message/delivery-status",
    b"message/feedback-report", b"application/ms-tnef", b'x\x9f>"', b"text/calendar",
    b"application/pkcs7-mime", b"Content-Transfer-Encoding: base64\r\n",
    b"Content-Transfer-Encoding: quoted-printable\r\n",
    b"Content-Transfer-Encoding: x-uuencode\r\n", b"Content-Disposition: attachment; filename=",
    b"filename*0*=utf-8''%", b"filename*1=", b'name="=?utf-8?q?', b"charset=", b"charset=utf-7",
    b"charset=utf-16", b"charset=hz-gb-2312", b"charset=iso-2022-jp", b"charset=unknown-8bit",
    b"--", b"--b\r\n", b"--b--\r\n", b'boundary=""', b"=?utf-8?b?", b"=?x?q?=41?=", b"?=",
    b"?=?=", b"<a@b>", b"<", b">", b"(", b")", b'"', b"\\", b",", b";", b":", b"@", b"[", b"]",
    b"undisclosed:;", b"+2AA-", b"YQ==", b"=C3", b"=", b"=\r\n", b"begin 644 a.txt\n", b"`\nend\n",
    b"&#xD800;", b"&amp", b"<p style='color:red;background:url(//x)'>", b"<blockquote type=cite>",
    b"<!--", b"-->", b"<![CDATA[", b"<svg><style>", b"<math><mtext>", b"</p>", b"<table><td>",
    b"<a href='java\tscript:", b"<img src=x onerror=y>", b"<div class=gmail_quote>", b"<br><hr>",
    b"display:none", b"<title>", b"MAILER-DAEMON", b"5.1.1", b"550 5.1.1 <a@b>: ",
    b"Final-Recipient: rfc822; ", b"Action: failed\r\n", b"Status: 5.1.1\r\n",
    b"Diagnostic-Code: smtp; ", b"Auto-Submitted: auto-replied\r\n", b"On 1 Jan 2025 a@b wrote:",
    b"> x", b"-- \n", b"-----Original Message-----", b"Von: ", b"Sent from my ",
    b"1 Jan 99 24:61:61 +9999", b"Mon, 32 Foo 20", b"\xef\xbb\xbf",
)  # fmt: skip

Step = Callable[[bytearray, random.Random], None]


def seeds() -> list[bytes]:
    """All messages of the corpus, in the order of their names."""
    return [path.read_bytes() for path in sorted(CORPUS.glob("*.eml"))]


def mutated(raw: bytes, others: Sequence[bytes], chance: random.Random) -> bytes:
    """Return the message damaged in up to ``MOST_STEPS`` ways; the same for the same chance."""
    message = bytearray(raw[:LONGEST])
    for _ in range(chance.randint(1, MOST_STEPS)):
        if chance.random() < 0.15:
            _splice(message, chance.choice(others), chance)
        else:
            chance.choice(_STEPS)(message, chance)
    return bytes(message[:LONGEST])


def _insert(message: bytearray, chance: random.Random) -> None:
    at = chance.randint(0, len(message))
    message[at:at] = chance.choice(FRAGMENTS)


def _replace_in_place(message: bytearray, chance: random.Random) -> None:
    fragment = chance.choice(FRAGMENTS)
    at = chance.randint(0, len(message))
    message[at : at + len(fragment)] = fragment


def _insert_line(message: bytearray, chance: random.Random) -> None:
    at = message.find(b"\n", chance.randint(0, len(message))) + 1
    message[at:at] = chance.choice(FRAGMENTS) + chance.choice(FRAGMENTS) + b"\r\n"


def _flip(message: bytearray, chance: random.Random) -> None:
    if message:
        message[chance.randrange(len(message))] = chance.randrange(256)


def _cut(message: bytearray, chance: random.Random) -> None:
    at = chance.randint(0, len(message))
    del message[at : at + chance.choice((1, 2, 5, 40, 400))]


def _truncate(message: bytearray, chance: random.Random) -> None:
    del message[chance.randint(len(message) // 2, len(message)) :]


def _double(message: bytearray, chance: random.Random) -> None:
    at = chance.randint(0, len(message))
    piece = bytes(message[at : at + chance.choice((1, 8, 80, 800))])
    message[at:at] = piece * chance.choice((1, 1, 2, 30))


def _swap_line_ends(message: bytearray, chance: random.Random) -> None:
    message[:] = message.replace(b"\r\n", chance.choice((b"\n", b"\r", b"\r\r\n", b"\n\r\n")))


def _splice(message: bytearray, other: bytes, chance: random.Random) -> None:
    at, start = chance.randint(0, len(message)), chance.randint(0, len(other))
    message[at:at] = other[start : start + chance.choice((20, 200, 2000))]


_STEPS: tuple[Step, ...] = (
    _insert, _insert, _insert_line, _insert_line, _replace_in_place, _flip, _cut, _truncate,
    _double, _swap_line_ends,
)  # fmt: skip

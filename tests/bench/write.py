"""``courrier bench write``: messages a second, on one core, from values to the bytes that leave.

One ordinary message of text and HTML, some 8 KB, in French: quoted-printable, encoded words. The
limit of the ratio is the standard library's ``EmailMessage``, which makes the same parts. Beside
it: its older classes, our DKIM signatures and dkimpy's, and a template's style sheet inlined.
Rounds alternate, so that a drifting machine touches all alike; the medians are compared.
"""

import email.policy
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime, formataddr
from statistics import median

import dkim

from bench.result import Result, cpu_s
from courrier.mail.message import Mailbox
from courrier.mail.writing.compose import compose
from courrier.mail.writing.css_inlining import inline_css
from courrier.mail.writing.dkim import sign
from courrier.mail.writing.dkim_keys import new_private_key, read_key
from courrier.mail.writing.outgoing import OutgoingMessage

ROUNDS = 5
SENTENCE = "Bonjour à tous, voici le plan de la semaine ; merci de le relire avant jeudi soir. "
TEXT = "\n\n".join([SENTENCE] * 20)
HTML = "".join(f'<p style="margin:0 0 1em">{SENTENCE}</p>\n' for _ in range(40))
TEMPLATE = f"<style>p{{margin:0 0 1em}} @media print{{p{{margin:0}}}}</style>{HTML}"
MESSAGE = OutgoingMessage(
    message_id="0123456789abcdef0123456789abcdef.signature@example.org",
    date=datetime(2026, 1, 12, 10, 11, 12, tzinfo=UTC),
    boundary_seed="0123456789abcdef0123456789abcdef",
    from_=Mailbox("Zoë Müller", "zoe@example.org"),
    to=(Mailbox("Bob", "bob@example.net"),),
    subject="Réunion de la semaine",
    text=TEXT,
    html=HTML,
    in_reply_to="1@example.net",
    references=("0@example.net", "1@example.net"),
)
RSA_PEM = new_private_key("rsa")
RSA = read_key("example.org", "r", RSA_PEM)
ED25519 = read_key("example.org", "e", new_private_key("ed25519"))
RAW = compose(MESSAGE)


def run(count: int) -> Result:
    """Time all writers ``count`` times over the same message."""
    taken: dict[str, list[float]] = {name: [] for name in WRITERS}
    for _ in range(ROUNDS):
        for name, write in WRITERS.items():
            # dkimpy takes milliseconds each time.
            times = max(1, count // (100 if "dkimpy" in name else 1) // ROUNDS)
            taken[name].append(_seconds(write, times) / times)
    seconds = {name: median(each) for name, each in taken.items()}
    ours, limit = 1 / seconds["courrier"], 1 / seconds["email, EmailMessage"]
    return Result(
        bench="write",
        n=count,
        value=ours,
        unit="messages/s",
        limit=limit,
        ratio=ours / limit,
        cpu_s=cpu_s(),
        detail={
            "kib": round(len(RAW) / 1024, 1),
            "us_per_message": {name: round(1e6 * each, 1) for name, each in seconds.items()},
        },
    )


def _by_email_message() -> bytes:
    message = EmailMessage(policy=email.policy.SMTP)
    _set_fields(message)
    message.set_content(TEXT)
    message.add_alternative(HTML, subtype="html")
    return message.as_bytes()


def _by_mime_classes() -> bytes:
    message = MIMEMultipart("alternative")
    _set_fields(message)
    message.attach(MIMEText(TEXT, "plain", "utf-8"))
    message.attach(MIMEText(HTML, "html", "utf-8"))
    return message.as_bytes()


def _set_fields(message: EmailMessage | MIMEMultipart) -> None:
    message["From"] = formataddr((MESSAGE.from_.name, MESSAGE.from_.address))
    message["To"] = ", ".join(formataddr((each.name, each.address)) for each in MESSAGE.to)
    message["Date"] = format_datetime(MESSAGE.date)
    message["Subject"] = MESSAGE.subject
    message["Message-ID"] = f"<{MESSAGE.message_id}>"
    message["In-Reply-To"] = f"<{MESSAGE.in_reply_to}>"
    message["References"] = " ".join(f"<{each}>" for each in MESSAGE.references)


WRITERS: dict[str, Callable[[], object]] = {
    "courrier": lambda: compose(MESSAGE),
    "email, EmailMessage": _by_email_message,
    "email, MIMEMultipart": _by_mime_classes,
    "signed, Ed25519": lambda: sign(RAW, [ED25519], now=1),
    "signed, RSA 2048": lambda: sign(RAW, [RSA], now=1),
    "signed, both": lambda: sign(RAW, [ED25519, RSA], now=1),
    "signed by dkimpy, RSA 2048": lambda: dkim.sign(RAW, b"r", b"example.org", RSA_PEM.encode()),
    "style sheet inlined": lambda: inline_css(TEMPLATE),
}


def _seconds(write: Callable[[], object], times: int) -> float:
    started = time.process_time()
    for _ in range(times):
        write()
    return time.process_time() - started

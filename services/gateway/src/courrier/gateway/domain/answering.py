"""The texts that an answer or a forward begins with: what is written, signature, what is cited."""

import html
import re
from collections.abc import Collection
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from email.policy import compat32
from urllib.parse import unquote

from courrier.events.base import Mailbox
from courrier.mail.headers.addresses import parse_addresses
from courrier.mail.html.text import html_to_text

HEADER_BYTES = 64 * 1024
MOST_HTML_CHARS = 150_000
"""Longer HTML is cited as its text: a draft has to stay one that can be kept."""
MOST_TEXT_CHARS = 100_000
_CID = re.compile(r"""\bsrc=["']cid:([^"']{1,500})["']""", re.IGNORECASE)
_MAILTO = re.compile(r"<mailto:([^<>?\s]{3,320})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Texts:
    """A text in two forms; ``html`` None: it has only one."""

    text: str = ""
    html: str | None = None


@dataclass(frozen=True, slots=True)
class ListFields:
    """What a mailing list says of answers: where its members want them, and its own address."""

    followup_to: tuple[Mailbox, ...] = ()
    list_post: Mailbox | None = None


NO_LIST = ListFields()


def list_fields(raw: bytes) -> ListFields:
    """Return what the header says; nothing where it says nothing that can be read."""
    head, _, _ = raw[:HEADER_BYTES].replace(b"\r\n", b"\n").partition(b"\n\n")
    fields = BytesHeaderParser(policy=compat32).parsebytes(head + b"\n\n")
    followup = str(fields.get("Mail-Followup-To", "")).encode("utf-8", "replace")
    post = _MAILTO.search(str(fields.get("List-Post", "")))
    return ListFields(
        tuple(Mailbox(name=b.name or None, address=b.address) for b in parse_addresses(followup)),
        Mailbox(address=unquote(post[1])) if post else None,
    )


def written(text: str | None, markup: str | None) -> Texts:
    """Return what somebody wrote in both forms; a text alone stays a text alone."""
    if markup is None:
        return Texts(text or "")
    return Texts(html_to_text(markup) if text is None else text, markup)


def laid_out(
    own: Texts, signature: str | None, cited: Texts | None, *, above: bool = True
) -> Texts:
    """Return the whole: with HTML if any part of it has some.

    ``above``: what is written stands above what is cited, with the signature under it.
    """
    signed = Texts(html_to_text(signature).strip(), signature) if signature else None
    writing = [each for each in (own, signed) if each is not None]
    parts = [*writing, *filter(None, [cited])] if above else [*filter(None, [cited]), *writing]
    with_html = any(part.html is not None for part in parts)
    text = "\n\n".join(part.text.strip("\n") for part in parts)
    if not with_html:
        return Texts(text)
    return Texts(text, "\n".join(_markup(part) for part in parts))


def shown_images(markup: str | None) -> Collection[str]:
    """Return the content ids of the images that HTML shows."""
    return {unquote(html.unescape(match)) for match in _CID.findall(markup or "")}


def _markup(part: Texts) -> str:
    if part.html is not None:
        return part.html
    lines = html.escape(part.text.strip("\n")).split("\n")
    return f"<p>{'<br>'.join(lines)}</p>"

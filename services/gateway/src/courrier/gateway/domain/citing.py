"""The e-mail that is answered or passed on, as it is cited in the writer's language and time."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from courrier.events.base import Mailbox
from courrier.mail.message import Mailbox as MailMailbox
from courrier.mail.message import Summary
from courrier.mail.writing.quoting import (
    Language,
    forwarded,
    forwarded_html,
    introduction,
    quote,
    quote_html,
)

from .answering import MOST_HTML_CHARS, MOST_TEXT_CHARS, Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """What stands in the original; ``html`` is safe, or None."""

    author: Mailbox | None
    date: datetime | None
    subject: str | None
    to: tuple[Mailbox, ...]
    cc: tuple[Mailbox, ...]
    text: str
    html: str | None


def as_quotation(cited: Cited, zone: tzinfo, language: str) -> Texts:
    """Return the original marked as quoted, under a line that says who wrote it and when."""
    introduced = introduction(
        _box(cited.author), cited.date, zone=zone, language=_language(language)
    )
    text = quote(cited.text[:MOST_TEXT_CHARS], introduced)
    safe = _safe(cited)
    return Texts(text, quote_html(safe, introduced) if safe is not None else None)


def as_forward(cited: Cited, zone: tzinfo, language: str) -> Texts:
    """Return the original with its head, as what is passed on."""
    summary, tongue = _summary(cited), _language(language)
    text = forwarded(summary, zone=zone, language=tongue)
    safe = _safe(cited)
    if safe is None:
        return Texts(text)
    return Texts(text, forwarded_html(summary, safe, zone=zone, language=tongue))


def _safe(cited: Cited) -> str | None:
    """Return the HTML if it is short enough to be cited."""
    fits = cited.html is not None and len(cited.html) <= MOST_HTML_CHARS
    return cited.html if fits else None


def _language(language: str) -> Language:
    return "fr" if language == "fr" else "en"


def _box(box: Mailbox | None) -> MailMailbox | None:
    return MailMailbox(box.name, box.address) if box else None


def _boxes(boxes: tuple[Mailbox, ...]) -> tuple[MailMailbox, ...]:
    return tuple(MailMailbox(box.name, box.address) for box in boxes)


def _summary(cited: Cited) -> Summary:
    return Summary(
        message_id=None,
        in_reply_to=None,
        references=(),
        date=cited.date,
        from_=_box(cited.author),
        sender=None,
        reply_to=(),
        to=_boxes(cited.to),
        cc=_boxes(cited.cc),
        bcc=(),
        subject=cited.subject,
        text=cited.text[:MOST_TEXT_CHARS],
        has_html=cited.html is not None,
        attachments=(),
        auto_reply=False,
        auto_reply_kind=None,
        unanswerable=None,
        bounce=None,
        list_id=None,
        list_unsubscribe=None,
        authentication_results=None,
        warnings=(),
    )

"""The original in an answer or a forward: said by whom and when, marked line by line, or cited."""

import html
from datetime import datetime, tzinfo
from typing import Literal

from courrier.mail.message import Mailbox, Summary
from courrier.mail.writing.field_writing import one_line

Language = Literal["en", "fr"]

_DAYS = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "fr": ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."),
}
_MONTHS = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "fr": (
        "janv.", "févr.", "mars", "avr.", "mai", "juin",
        "juil.", "août", "sept.", "oct.", "nov.", "déc.",
    ),
}  # fmt: skip
# A colon has a no-break space before it in French, as Gmail writes it too.
_WROTE = {
    "en": ("On {date}, {name} wrote:", "{name} wrote:", "somebody"),
    "fr": ("Le {date}, {name} a écrit\u00a0:", "{name} a écrit\u00a0:", "quelqu\u2019un"),
}
_FORWARDED = {
    "en": ("Forwarded message", ("From", "Date", "Subject", "To", "Cc"), ": "),
    "fr": ("Message transféré", ("De", "Date", "Objet", "À", "Cc"), "\u00a0: "),
}
_CITE = "margin:0 0 0 .8ex;border-left:1px solid #ccc;padding-left:1ex"
_MAX_NAMED = 100


def introduction(
    author: Mailbox | None, date: datetime | None, *, zone: tzinfo, language: Language
) -> str:
    """The line before a quotation, as people's mail programs write and recognise it.

    Args:
        author: of the original.
        date: of the original, aware.
        zone: that of whoever answers, in which the date is told.
        language: that of whoever answers.
    """
    dated, undated, nobody = _WROTE[language]
    if date is None:
        return undated.format(name=_name(author) if author is not None else nobody.capitalize())
    name = _name(author) if author is not None else nobody
    return dated.format(date=_told(date, zone, language), name=name)


def quote(text: str, introduced: str) -> str:
    """The introduction line, then the text with each line marked as quoted (RFC 3676 4.5).

    Args:
        text: the original's text; blank lines at its end are left out.
        introduced: who wrote it and when, in the writer's language.
    """
    lines = text.rstrip().split("\n")
    quoted = "\n".join(
        f">{line}" if line.startswith(">") else f"> {line}".rstrip() for line in lines
    )
    return f"{introduced}\n{quoted}\n"


def quote_html(safe: str, introduced: str) -> str:
    """The introduction, then the HTML as a citation that mail programs fold and colour.

    Args:
        safe: HTML out of `parse`; images in it by `cid:` have to be enclosed once more.
        introduced: text, not HTML.
    """
    return (
        f"<div>{html.escape(introduced)}</div>\n"
        f'<blockquote type="cite" style="{_CITE}">{safe}</blockquote>\n'
    )


def forwarded(message: Summary, *, zone: tzinfo, language: Language) -> str:
    """The original's head and text, to stand under what whoever forwards it says."""
    head = [f"{word}{said}\n" for word, said in _head(message, zone, language)]
    return f"{_rule(language)}\n{''.join(head)}\n{message.text.rstrip()}\n"


def forwarded_html(message: Summary, safe: str, *, zone: tzinfo, language: Language) -> str:
    """The same as HTML; `safe` as for `quote_html`."""
    head = [
        f"<br><b>{word}</b>{html.escape(said)}" for word, said in _head(message, zone, language)
    ]
    return f"<div>{_rule(language)}{''.join(head)}</div>\n<br>\n<div>{safe}</div>\n"


def _rule(language: Language) -> str:
    return f"---------- {_FORWARDED[language][0]} ----------"


def _head(message: Summary, zone: tzinfo, language: Language) -> list[tuple[str, str]]:
    """Word with its colon, and value, of each line that says anything."""
    said = (
        _name(message.from_) if message.from_ is not None else "",
        _told(message.date, zone, language) if message.date is not None else "",
        one_line(message.subject or ""),
        _names(message.to),
        _names(message.cc),
    )
    _, words, colon = _FORWARDED[language]
    return [(word + colon, value) for word, value in zip(words, said, strict=True) if value]


def _names(mailboxes: tuple[Mailbox, ...]) -> str:
    more = ", …" if len(mailboxes) > _MAX_NAMED else ""
    return ", ".join(map(_name, mailboxes[:_MAX_NAMED])) + more


def _name(mailbox: Mailbox) -> str:
    address = one_line(mailbox.address)
    return f"{one_line(mailbox.name)} <{address}>" if mailbox.name else address


def _told(date: datetime, zone: tzinfo, language: Language) -> str:
    """`Mon, 12 Jan 2026 at 10:11` or `lun. 12 janv. 2026 à 10:11`, on every machine."""
    local = date.astimezone(zone)
    day, month = _DAYS[language][local.weekday()], _MONTHS[language][local.month - 1]
    clock = f"{local.hour:02d}:{local.minute:02d}"
    if language == "fr":
        return f"{day} {local.day} {month} {local.year} à {clock}"
    return f"{day}, {local.day} {month} {local.year} at {clock}"

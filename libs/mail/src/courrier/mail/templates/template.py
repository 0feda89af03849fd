"""A whole template: subject, HTML and text, filled in together."""

from dataclasses import dataclass

from courrier.mail.html.text import html_to_text

from .filling import Filled, Values, fill_html, fill_line, fill_text, html_placeholders
from .placeholders import Placeholder, placeholders


@dataclass(frozen=True, slots=True)
class Template:
    """What somebody wrote; ``text`` None: it follows from the HTML, if there is any."""

    subject: str = ""
    html: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class FilledTemplate:
    """A template with its values; the HTML is not sanitised."""

    subject: str
    html: str | None
    text: str
    unresolved: tuple[Placeholder, ...] = ()


def asked_by(template: Template, known_types: frozenset[str]) -> tuple[Placeholder, ...]:
    """Return what a template asks for, each once, in order: subject, HTML, text."""
    return tuple(
        dict.fromkeys(
            (
                *placeholders(template.subject, known_types),
                *html_placeholders(template.html or "", known_types),
                *placeholders(template.text or "", known_types),
            )
        )
    )


def fill(template: Template, values: Values) -> FilledTemplate:
    """Return the template with its values."""
    subject = fill_line(template.subject, values)
    page = None if template.html is None else fill_html(template.html, values)
    text = _text(template, page, values)
    parts = [part for part in (subject, page, text) if part is not None]
    missing = dict.fromkeys(each for part in parts for each in part.unresolved)
    html = None if page is None else page.text
    return FilledTemplate(subject.text, html, text.text, tuple(missing))


def _text(template: Template, page: Filled | None, values: Values) -> Filled:
    if template.text is None and page is not None:
        return Filled(html_to_text(page.text))
    return fill_text(template.text or "", values)

"""Fill in: plainly in text, in one line in a subject, escaped for where it stands in HTML.

A value never becomes markup, a further header field, or another placeholder: what is filled in is
not read again. Time and size follow from those of the template and the values.
"""

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from .contexts import Place, places
from .placeholders import PATTERN, Placeholder, placeholder_of

LINE_CHARS = 2000
_BREAKS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_PLAIN_SCHEMES = ("http:", "https:", "mailto:")
_URLS = frozenset({"href", "src"})

Escape = Callable[[str, int], str]
"""How a value is written, given where in its stretch of text the placeholder stands."""


@dataclass(frozen=True, slots=True)
class Values:
    """What placeholders stand for, by their keys.

    A key that is absent cannot be filled in; an empty value can, with nothing or the fallback.
    ``markup`` is HTML that may stand between tags as it is, beside its plain form in ``plain``.
    """

    plain: Mapping[str, str] = field(default_factory=dict)
    markup: Mapping[str, str] = field(default_factory=dict)
    known_types: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Filled:
    """A text with its values; ``unresolved`` are placeholders that stand in it as written."""

    text: str
    unresolved: tuple[Placeholder, ...] = ()


def fill_text(template: str, values: Values) -> Filled:
    """Return a plain text with its values as they are."""
    return _Filling(values).done(lambda filling: filling.stretch(template, _as_it_is))


def fill_line(template: str, values: Values) -> Filled:
    """Return a subject: one line, whatever the values are."""
    filled = fill_text(template, values)
    line = " ".join(_BREAKS.sub(" ", filled.text).split())
    return Filled(line[:LINE_CHARS], filled.unresolved)


def fill_html(template: str, values: Values) -> Filled:
    """Return HTML with its values escaped for their places; nothing is filled into styles."""
    return _Filling(values).done(lambda filling: filling.page(template))


def html_placeholders(template: str, known_types: frozenset[str]) -> tuple[Placeholder, ...]:
    """Return the placeholders of HTML, in order."""
    nothing = Values(known_types=known_types)
    filling = _Filling(nothing, keeps_all=True)
    filling.page(template)
    return tuple(filling.unresolved)


class _Filling:
    def __init__(self, values: Values, *, keeps_all: bool = False) -> None:
        self._values = values
        self._keeps_all = keeps_all
        self.unresolved: list[Placeholder] = []

    def done(self, fill: Callable[["_Filling"], str]) -> Filled:
        text = fill(self)
        return Filled(text, tuple(dict.fromkeys(self.unresolved)))

    def page(self, template: str) -> str:
        out: list[str] = []
        at = 0
        for place in places(template):
            inside = template[place.start : place.end]
            out += (template[at : place.start], self._place(inside, place))
            at = place.end
        return "".join((*out, template[at:]))

    def _place(self, inside: str, place: Place) -> str:
        if "{" not in inside:
            return inside
        if place.context == "text":
            return self.stretch(inside, _between_tags, is_html=True)
        escape = _as_url if place.attribute in _URLS else _in_one_line
        write = _unquoted(escape) if place.context == "bare" else _quoted(escape)
        return self.stretch(inside, write, is_html=True, takes_markup=False)

    def stretch(
        self, text: str, write: Escape, *, is_html: bool = False, takes_markup: bool = True
    ) -> str:
        def put(found: re.Match[str]) -> str:
            placeholder = placeholder_of(found, self._values.known_types)
            if placeholder is None:
                return found[0]
            if is_html and takes_markup and placeholder.key in self._values.markup:
                return self._values.markup[placeholder.key]
            value = self._value(placeholder, is_html=is_html)
            return found[0] if value is None else write(value, found.start())

        return PATTERN.sub(put, text)

    def _value(self, placeholder: Placeholder, *, is_html: bool) -> str | None:
        """Return what to write; None, noted, where there is nothing to write."""
        value = None if self._keeps_all else self._values.plain.get(placeholder.key)
        if not value and placeholder.fallback is not None and not self._keeps_all:
            return html.unescape(placeholder.fallback) if is_html else placeholder.fallback
        if value is None:
            self.unresolved.append(placeholder)
        return value


def _as_it_is(value: str, _at: int) -> str:
    return value


def _between_tags(value: str, _at: int) -> str:
    return _LINE_BREAK.sub("<br>", html.escape(value))


def _in_one_line(value: str, _at: int) -> str:
    return _BREAKS.sub(" ", value)


def _as_url(value: str, at: int) -> str:
    """A whole address where it begins one, of a plain scheme; else a part of one."""
    line = _BREAKS.sub("", value).strip()
    if at:
        return quote(line, safe="@")
    scheme = _SCHEME.match(line)
    if scheme is None:
        return f"https://{quote(line, safe='/?&=#%:@+,;~')}" if line else ""
    return line if scheme[0].lower() in _PLAIN_SCHEMES else "#"


def _quoted(escape: Escape) -> Escape:
    return lambda value, at: html.escape(escape(value, at))


def _unquoted(escape: Escape) -> Escape:
    """Every character that is no letter or digit as a reference: none can end the value."""
    return lambda value, at: "".join(
        each if each.isalnum() else f"&#{ord(each)};" for each in escape(value, at)
    )

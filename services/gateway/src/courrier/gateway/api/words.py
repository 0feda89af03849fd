"""Every text of pages and explanations in the reader's language, by gettext's rules.

English is written in templates and modules as ``_("…")``; other languages are ``.po`` files in
``catalogues/``, read once. A text without a translation is shown in English.
"""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

DEFAULT = "en"
LANGUAGES = ("en", "fr")
LONGEST_HEADER = 200
"""Characters of ``Accept-Language`` that are looked at."""

_RANGE = re.compile(r"\s*([a-zA-Z]{2,3})(?:-[a-zA-Z0-9-]+)?\s*(?:;\s*q=([0-9.]+))?\s*\Z")
_LINE = re.compile(r'(?:(msgid|msgid_plural|msgstr(?:\[\d\])?)\s+)?(".*")\Z')


@dataclass(frozen=True, slots=True)
class Words:
    """One language; ``texts`` are its translations (several where a number decides) by English."""

    language: str
    texts: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def text(self, message: str) -> str:
        """Return the text in this language."""
        return self.texts.get(message, (message,))[0] or message

    def count(self, one: str, many: str, number: int) -> str:
        """Return the form for this number; French says one to nothing, English does not."""
        found = self.texts.get(one)
        if found is None:
            return one if number == 1 else many
        return found[min(1 if number > 1 else 0, len(found) - 1)]


def noted(message: str) -> str:
    """Mark a text that is translated where it is shown."""
    return message


@cache
def words_in(language: str) -> Words:
    """Return the words of a language; an unknown one is English."""
    if language == DEFAULT or language not in LANGUAGES:
        return Words(DEFAULT)
    text = files("courrier.gateway.api").joinpath("catalogues", f"{language}.po").read_text("utf-8")
    return Words(language, dict(entries(text)))


def preferred(accept_language: str) -> str:
    """Return the language of ours that a browser likes best (RFC 9110 section 12.5.4)."""
    wanted = (_RANGE.match(each) for each in accept_language[:LONGEST_HEADER].split(","))
    liked = [(_quality(match[2]), match[1].lower()) for match in wanted if match]
    liked.sort(key=lambda each: -each[0])
    return next((name for quality, name in liked if quality > 0 and name in LANGUAGES), DEFAULT)


def entries(catalogue: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each text of a ``.po`` file with its translations; the header is left out."""
    for block in catalogue.split("\n\n"):
        message, translations = _entry(block)
        if message:
            yield message, translations


def _entry(block: str) -> tuple[str, tuple[str, ...]]:
    found: dict[str, str] = {}
    keyword = ""
    for match in filter(None, map(_LINE.match, block.splitlines())):
        keyword = match[1] or keyword
        found[keyword] = found.get(keyword, "") + str(ast.literal_eval(match[2]))
    translations = [text for name, text in found.items() if name.startswith("msgstr")]
    return found.get("msgid", ""), tuple(translations)


def _quality(text: str | None) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0

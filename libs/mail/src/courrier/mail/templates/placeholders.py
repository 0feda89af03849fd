"""What stands in braces and means something; all other braces are text.

``{Type.field}``, ``{Type.link.field}``, ``{trackingUrl:<id>}`` and the words of ``WORDS``; each may
end in ``|`` and a text to use where the value is empty or missing: ``{Person.firstName|you}``. A
type is one capitalised word; fields are written ``firstName`` or ``first_name``, which is the same.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

WORDS = frozenset({"today", "now", "currentYear", "optOutUrl", "optOutLink", "queueItemId"})
MASS_MAIL = frozenset({"optOutUrl", "optOutLink", "queueItemId", "trackingUrl"})
"""Words that have a meaning in mass mail only."""
FALLBACK_CHARS = 200

PATTERN = re.compile(
    r"\{(?:(?P<word>[a-z]{3,11}[A-Za-z]{0,8})"
    r"|trackingUrl:(?P<tracking>[A-Za-z0-9_-]{1,80})"
    r"|(?P<root>[A-Za-z][A-Za-z]{0,30})\.(?P<first>[A-Za-z_][A-Za-z0-9_]{0,60})"
    r"(?:\.(?P<second>[A-Za-z_][A-Za-z0-9_]{0,60}))?)"
    r"(?:\|(?P<fallback>[^{}<>\r\n]{0,200}))?\}"
)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One placeholder: ``text`` as written, ``key`` as values are looked up.

    Keys are ``Contact.first_name``, ``Case.account.name``, ``today``, ``trackingUrl:<id>``.
    """

    text: str
    key: str
    fallback: str | None = None

    @property
    def root(self) -> str:
        """The type, or the word."""
        return re.split(r"[.:]", self.key, maxsplit=1)[0]

    @property
    def path(self) -> tuple[str, ...]:
        """The field, or link and field, below the type; empty for a word."""
        return tuple(self.key.split(".")[1:]) if ":" not in self.key else ()


def placeholder_of(found: re.Match[str], known_types: frozenset[str]) -> Placeholder | None:
    """Return the placeholder in a match of ``PATTERN``; None for braces that are text.

    A type that is not among ``known_types`` counts if it is capitalised, or would be one of them:
    somebody meant it.
    """
    text, fallback = found[0], found["fallback"]
    if found["word"]:
        return Placeholder(text, found["word"], fallback) if found["word"] in WORDS else None
    if found["tracking"]:
        return Placeholder(text, f"trackingUrl:{found['tracking']}", fallback)
    root = found["root"]
    if not root[0].isupper() and root[0].upper() + root[1:] not in known_types:
        return None
    names = (field_name(each) for each in (found["first"], found["second"]) if each)
    return Placeholder(text, ".".join((root, *names)), fallback)


def placeholders(text: str, known_types: frozenset[str]) -> Iterator[Placeholder]:
    """Yield the placeholders of a plain text, in order, each time that they stand there."""
    for found in PATTERN.finditer(text):
        if placeholder := placeholder_of(found, known_types):
            yield placeholder


def field_name(name: str) -> str:
    """Return a field's name as keys have it: ``firstName`` is ``first_name``."""
    return _HUMP.sub("_", name).lower()

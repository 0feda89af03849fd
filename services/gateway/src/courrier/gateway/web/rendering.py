"""Templates into pages: escaped, translated, and under a policy that lets nothing foreign in."""

import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from courrier.events.families.crm import RECORD_TYPES
from courrier.gateway.api.words import Words, noted, words_in

from . import moments
from .assets import asset_url

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "Cookie, Accept-Language",
}
TINTS = 6
"""Colours of avatars in the style sheet."""


def page(words: Words, template: str, values: Mapping[str, Any], status: int = 200) -> HTMLResponse:
    """Return a page in this language."""
    text = environment(words.language).get_template(template).render(values)
    return HTMLResponse(text, status, HEADERS)


@cache
def environment(language: str) -> Environment:
    """Return the templates' environment in a language: undefined names are errors."""
    words = words_in(language)
    found = Environment(
        loader=PackageLoader("courrier.gateway.web"),
        extensions=["jinja2.ext.i18n"],
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.install_gettext_callables(words.text, words.count, newstyle=True)  # type: ignore[attr-defined]  # the extension adds it
    found.filters |= {
        "short": lambda moment: moments.short(moment, datetime.now(UTC), words),
        "full": partial(moments.full, words=words),
        "iso": moments.iso,
        "initials": initials,
        "tint": tint,
        "size": size,
        "who": who,
    }
    found.globals |= {
        "asset": asset_url,
        "language": language,
        "record_types": RECORD_TYPES,
        "kinds": KINDS,
    }
    return found


KINDS: Mapping[str, str] = {
    "account": noted("Account"),
    "contact": noted("Contact"),
    "lead": noted("Lead"),
    "opportunity": noted("Opportunity"),
    "case": noted("Case"),
    "task": noted("Task"),
    "user": noted("Colleague"),
}
"""What people call each type of record, and one another."""


def who(box: Mapping[str, Any] | None) -> str:
    """Return the name to show for a sender or recipient: who is behind it, else what it says."""
    if box is None:
        return ""
    person = box.get("person")
    return str((person and person["name"]) or box["name"] or box["address"])


def initials(name: str) -> str:
    """Return one or two letters for an avatar."""
    words = [word for word in name.replace("@", " ").split() if word[0].isalnum()]
    chosen = words if len(words) < 2 else [words[0], words[-1]]
    return "".join(word[0] for word in chosen).upper() or "?"


def tint(text: str) -> int:
    """Return the number of a colour, the same for the same text."""
    return zlib.crc32(text.casefold().encode()) % TINTS


def size(count: int) -> str:
    """Return a number of bytes as people read it."""
    if count < 1000:
        return f"{count} B"
    if count < 1_000_000:
        return f"{count / 1000:.0f} kB"
    return f"{count / 1_000_000:.1f} MB"

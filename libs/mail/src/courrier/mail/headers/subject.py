"""The base subject: what stays of a Subject when replies, forwards and lists have had their way."""

import re
import unicodedata
from functools import lru_cache

from courrier.mail.headers.subject_prefixes import FORWARD, REPLY


def _prefix(words: tuple[str, ...]) -> re.Pattern[str]:
    """A prefix: one of the words, perhaps a count or a list's tag, and a colon.

    `Re: `, `Re : `, `Re[2]: `, `Re(2): `, `Re^2: `, `RE-2: `, `Re 2: `, `Antw.: `, `Re [list]: `.
    """
    choice = "|".join(map(re.escape, words))
    count = r"(?: ?\[\d{1,4}\]| ?\(\d{1,4}\)|[\^*-]\d{1,4}| ?\d{1,3})?"
    return re.compile(
        rf" ?(?:{choice})\.?{count}(?: ?\[[^\[\]]{{0,200}}\])? ?[:\uff1a\ufe55] ?", re.IGNORECASE
    )


_ANY = _prefix((*REPLY, *FORWARD))
_REPLY = _prefix(REPLY)
_FORWARD = _prefix(FORWARD)
_BLOB = re.compile(r" ?\[[^\[\]]{0,200}\] ?(?=[^ ])")
_SPAM_MARK = re.compile(
    r" ?(?:\*{2,10} ?spam ?\*{2,10}|\{[^{}]{0,40}\?\}) ?(?=[^ ])", re.IGNORECASE
)
_TRAILER = re.compile(r" ?\((?:fwd?|forwarded)\) ?\Z", re.IGNORECASE)
_FORWARD_WRAP = re.compile(
    r" ?\[fwd?:\s*([^\[\]]*(?:\[[^\[\]]*\][^\[\]]*){0,5})\] ?\Z", re.IGNORECASE
)
# Marks of direction and width that clients put around what they add.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]+")
_MAX_CHARS = 2_000
_MAX_PREFIXES = 50


@lru_cache(maxsize=4096)
def base_subject(subject: str) -> str:
    """RFC 5256 section 2.1 with localised prefixes: case-folded, NFC, blanks collapsed.

    `[list]` tags go, unless nothing else is there. Empty if the subject says nothing of its own,
    which joins no thread.
    """
    text = _plain(subject)
    for _ in range(_MAX_PREFIXES):
        shorter = _stripped_once(text)
        if shorter == text:
            break
        text = shorter
    return text.strip().casefold()


def is_reply(subject: str) -> bool:
    """Whether the first prefix, behind a list's tag, is an answer's in any language."""
    return _leads(_REPLY, subject)


def is_forward(subject: str) -> bool:
    """Whether the first prefix, behind a list's tag, is a forward's in any language."""
    return _leads(_FORWARD, subject)


def _leads(prefix: re.Pattern[str], subject: str) -> bool:
    text = _plain(subject)
    blob = _BLOB.match(text)
    return prefix.match(text, blob.end() if blob is not None else 0) is not None


def _plain(subject: str) -> str:
    text = subject[:_MAX_CHARS]
    if not text.isascii():
        text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
    return " ".join(text.split())


def _stripped_once(text: str) -> str:
    if text.endswith((")", ") ")):
        text = _TRAILER.sub("", text)
    wrapped = _FORWARD_WRAP.match(text)
    if wrapped is not None:
        return wrapped.group(1)
    for leader in (_ANY, _BLOB, _SPAM_MARK):
        found = leader.match(text)
        if found is not None:
            return text[found.end() :]
    return text

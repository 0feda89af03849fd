"""The base subject: what stays of a Subject when replies, forwards and lists have had their way."""
# ruff: noqa: RUF001 (phrases stand as mail clients write them, one client a line)

import re
import unicodedata
from functools import lru_cache

# RFC 5256 section 2.1 knows Re, Fw and Fwd; the others are what localised clients write.
_PREFIX = re.compile(
    r"\s*(?:re|aw|antw|antwort|sv|vs|rv|rif|r|res|ref|réf|rép|odp|ynt|atb|bls|vá|szv|ha|ats|отв|ответ"
    r"|fw|fwd|wg|tr|i|enc|doorst|vb|pd|tov|továbbítás|fs|vl|rw|rm|továb|yml|ilt|pренаправ|пересл|hа|на"
    r"|回复|答复|回覆|转发|轉寄|返信|転送|回信|답장|전달|trả lời|chuyển tiếp|balas|terusan)"
    r"(?:\s*\[\d{1,4}\]|\s*\(\d{1,4}\)|\^\d{1,4}|\d{1,3})?\s*[:：]\s*",
    re.IGNORECASE,
)
_BLOB = re.compile(r"\s*\[[^\[\]]{0,200}\]\s*(?=\S)")
_TRAILER = re.compile(r"\s*\((?:fwd|fw)\)\s*\Z", re.IGNORECASE)
_FORWARD_WRAP = re.compile(r"\[fwd:\s*(.*)\]\Z", re.IGNORECASE | re.DOTALL)
_MAX_CHARS = 2_000
_MAX_PREFIXES = 50


@lru_cache(maxsize=4096)
def base_subject(subject: str) -> str:
    """RFC 5256 section 2.1 with localised prefixes: case-folded, NFC, blanks collapsed.

    `[list]` tags go, unless nothing else is there. Empty if the subject says nothing of its own,
    which joins no thread.
    """
    text = " ".join(unicodedata.normalize("NFC", subject[:_MAX_CHARS]).split())
    for _ in range(_MAX_PREFIXES):
        shorter = _stripped_once(text)
        if shorter == text:
            break
        text = shorter
    return text.casefold()


def _stripped_once(text: str) -> str:
    text = _TRAILER.sub("", text)
    wrapped = _FORWARD_WRAP.match(text)
    if wrapped is not None:
        return wrapped.group(1).strip()
    prefix = _PREFIX.match(text)
    if prefix is not None:
        return text[prefix.end() :]
    blob = _BLOB.match(text)
    return text[blob.end() :] if blob is not None else text

"""By what way a message came, as the servers on it wrote down (RFC 5321 section 4.4, RFC 8601).

Each server writes above what it found. So what stands above the first line that speaks of a host
outside was written by the receiving side, and by nobody else; below, anybody may have.
"""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Verdict = Literal["pass", "fail", "none"]

HEADER_BYTES = 64 * 1024
"""Bytes of a message that are looked at."""
MAX_STAMPS = 6
"""Fields of results that are kept."""

_FIELD = re.compile(
    rb"^(received|authentication-results)[ \t]*:((?:[^\r\n]*)(?:\r?\n[ \t][^\r\n]*)*)",
    re.IGNORECASE | re.MULTILINE,
)
_LINE = re.compile(rb"\n(?=[RrAa])")
"""Where a field of ours may begin; to try each byte of a head takes ten times as long."""
_COMMENT = re.compile(r"\([^()]*\)")
_ADDRESS = re.compile(r"\[(?:IPv6:)?([0-9a-fA-F.:]{3,45})\]", re.IGNORECASE)
_BY = re.compile(r"\bby\s", re.IGNORECASE)
_AUTHENTICATED = re.compile(r"\bwith\s+(?:UTF8)?(?:E?SMTPS?A|LMTPS?A)\b", re.IGNORECASE)
_RESULT = re.compile(r"\s*(dmarc|dkim|spf)\s*=\s*([a-z]+)", re.IGNORECASE)
_SIGNED_BY = re.compile(r"\bheader\.(?:d|i)\s*=\s*(?:[^\s;]*@)?([^\s;@]+)", re.IGNORECASE)
_SENT_BY = re.compile(r"\bsmtp\.mailfrom\s*=\s*(?:[^\s;]*@)?([^\s;@]+)", re.IGNORECASE)
_TOO_LONG = 4_000


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a server says of the From address; ``is_own``: it stands where only our side writes."""

    server: str
    is_own: bool
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Way:
    """``is_from_outside``: a host outside gave it to the receiving side without logging in."""

    is_from_outside: bool
    stamps: tuple[Stamp, ...] = ()


def way_of(raw: bytes, from_address: str | None) -> Way:
    """Return how a message came; never raises, whatever the bytes."""
    domain = (from_address or "").rpartition("@")[2].lower()
    outside: str | None = None
    stamps: list[Stamp] = []
    for name, value in _fields(raw):
        if name == b"received":
            if outside is None and _is_external(value):
                outside = value
        elif len(stamps) < MAX_STAMPS and (stamp := _stamp(value, domain, is_own=outside is None)):
            stamps.append(stamp)
    is_known = outside is not None and _AUTHENTICATED.search(outside) is not None
    if outside is None:  # without a host outside there is no line that ours would stand above
        stamps = [Stamp(each.server, False, each.verdict) for each in stamps]
    return Way(outside is not None and not is_known, tuple(stamps))


def verdict_of(stamps: Iterable[Stamp], trusted: frozenset[str]) -> tuple[Verdict, str | None]:
    """Return what trusted servers say of the From address, and which one.

    Trusted are those named (their owners remove what pretends to be theirs), else whoever wrote
    where only the receiving side writes. One that says it fails counts before one that passes it.
    """
    heard = [s for s in stamps if s.server in trusted] or [s for s in stamps if s.is_own]
    for verdict in ("fail", "pass"):
        for stamp in heard:
            if stamp.verdict == verdict:
                return stamp.verdict, stamp.server
    return "none", heard[0].server if heard else None


def _fields(raw: bytes) -> Iterable[tuple[bytes, str]]:
    head = raw[:HEADER_BYTES]
    end = _end_of(head)
    starts = (0, *[line.end() for line in _LINE.finditer(head, 0, end)])
    for match in filter(None, (_FIELD.match(head, start, end) for start in starts)):
        value = match.group(2)[:_TOO_LONG].decode("latin-1")
        yield match.group(1).lower(), " ".join(value.split())


def _end_of(head: bytes) -> int:
    """Return where the first empty line begins; all of ``head`` where there is none."""
    end = head.find(b"\n\r\n")
    end = len(head) if end < 0 else end
    shorter = head.find(b"\n\n", 0, end)
    return end if shorter < 0 else shorter


def _is_external(received: str) -> bool:
    """Whether a server took it from a host outside; one that says no address may be anywhere."""
    if not received.lower().startswith("from "):
        return False
    by = _BY.search(received)
    addresses = _ADDRESS.findall(received[: by.start()] if by else received)
    return any(map(_is_global, addresses)) if addresses else "localhost" not in received.lower()


@lru_cache(maxsize=4096)
def _is_global(text: str) -> bool:
    try:
        return ipaddress.ip_address(text).is_global
    except ValueError:
        return True


def _stamp(value: str, domain: str, *, is_own: bool) -> Stamp | None:
    plain = _COMMENT.sub(" ", value)
    head, *results = plain.split(";")
    words = head.split()
    if not words or "=" in words[0]:
        return None
    said = [_said(each, domain) for each in results]
    verdict: Verdict = "none"
    if "pass" in said:
        verdict = "pass"
    if "dmarc-fail" in said or (verdict == "none" and "fail" in said):
        verdict = "fail"
    return Stamp(words[0].lower(), is_own, verdict)


def _said(result: str, domain: str) -> str:
    """Return ``pass`` where it proves the domain, ``fail`` or ``dmarc-fail`` where it denies it."""
    found = _RESULT.match(result)
    if found is None:
        return ""
    method, outcome = found.group(1).lower(), found.group(2).lower()
    if outcome in {"fail", "softfail", "permerror"}:
        return "dmarc-fail" if method == "dmarc" else "fail"
    if outcome != "pass":
        return ""
    if method == "dmarc":
        return "pass"
    named = (_SIGNED_BY if method == "dkim" else _SENT_BY).search(result)
    return "pass" if named and _is_of(domain, named.group(1).lower().rstrip(".")) else ""


def _is_of(domain: str, owner: str) -> bool:
    """Whether a domain is the owner's; an owner of one label owns nothing."""
    return "." in owner and (domain == owner or domain.endswith(f".{owner}"))

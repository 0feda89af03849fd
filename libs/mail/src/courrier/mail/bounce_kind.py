"""Enhanced status codes (RFC 3463) in servers' answers, and whether an address is dead for good."""
# ruff: noqa: E501, RUF001 (phrases stand as mail clients write them, one client a line)

import re

from courrier.mail.message import BounceKind

# Not part of an IP address or a version number of four parts.
_ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?!\.?\d)")
_BASIC = re.compile(r"(?:^|[\s:;#<(-])([45]\d\d)(?=[\s;:-]|$)")

_DEAD = {"1.1", "1.2", "1.3", "1.4", "1.6", "1.10", "2.1", "4.4"}
"""RFC 3463 subject and detail: no such user, host or syntax, moved, disabled, no route to host."""

_DEAD_PROSE = re.compile(
    r"(?:user|recipient|address|mailbox|account|alias|addressee|receiver|name)(?:['\"]s)?[\s\w@.<>\"':-]{0,60}?"
    r"\b(?:unknown|not (?:found|exist|known|listed|recogni[sz]ed|a valid|valid)|(?:does|do|did) ?n[o']t exist"
    r"|doesn[’']t exist|no longer|invalid|disabled|inactive|deactivated|suspended|undeliverable|closed"
    r"|unavailable|has been (?:disabled|removed|closed)|not accepting (?:mail|messages))"
    r"|(?:unknown|invalid|no such|bad|non-?existent|inactive|disabled|unrouteable|unroutable) "
    r"(?:local )?(?:user|recipient|address|mailbox|account|alias|domain|host|person|destination)"
    r"|no (?:mailbox|user|account|such)\b.{0,30}\b(?:here|name|user|by that name)"
    r"|(?:host|domain)(?: name| or domain name)?[\s\w.\"'<>-]{0,60}?(?:not found|unknown|does not exist|nxdomain)"
    r"|couldn[’']t (?:find any host|be found)|could ?n[o’']t be found|wasn[’']t found|nullmx|null mx"
    r"|relay(?:ing)? not (?:possible|permitted): no such|recipient address rejected: access denied"
    r"|address rejected|not our customer|this address (?:no longer|does not) accept|does not accept (?:e-?)?mail"
    r"|has moved|unbekannt|inconnu|n[’']existe pas|no existe|non esiste|desconocid|nie istnieje|не существует",
    re.IGNORECASE,
)
_PASSING_PROSE = re.compile(
    r"quota|(?:mail)?box(?: is|')? ?full|full mailbox|over ?quota|exceed|storage|insufficient (?:system|disk)"
    r"|spam|junk|blocked|block ?list|blacklist|reputation|policy|dmarc|\bspf\b|dkim|authentic|virus|content"
    r"|too (?:large|big|many)|size|greylist|gr[ae]y-?list|try again|temporar|timed? ?out|timeout|deferred|delayed"
    r"|rate limit|throttl|refused|relay|denied|not permitted|unable to connect|could not connect|loop|expired",
    re.IGNORECASE,
)


def specific_status(field: str | None, *texts: str | None) -> str | None:
    """The most telling code: the Status field, or a code in the texts if that is generic or none.

    Args:
        field: the Status field's value, comments and all.
        texts: the server's answers, the nearest to the recipient first.
    """
    codes = [code for text in (field, *texts) if text for code in _codes(text)]
    telling = [code for code in codes if not code.endswith(".0.0")]
    return next(iter(telling or codes), None)


def kind_of(status: str | None, action: str | None, diagnostic: str | None) -> BounceKind:
    """Hard if the address will never work, soft if it may, unknown if nothing says."""
    if action == "delayed":
        return "soft"
    if status is not None and status.startswith("4"):
        return "soft"
    if status is not None and not status.endswith(".0.0"):
        return _kind_of_code(status, diagnostic or "")
    return _kind_of_prose(diagnostic or "", status)


def _codes(text: str) -> list[str]:
    return [
        f"{int(match[1])}.{int(match[2])}.{int(match[3])}" for match in _ENHANCED.finditer(text)
    ]


def _kind_of_code(status: str, diagnostic: str) -> BounceKind:
    if status[2:] in _DEAD:
        return "hard"
    # Exchange Online says 5.4.1 and Outlook.com 5.5.0 of addresses that do not exist.
    vague = status[2:] in {"4.1", "5.0", "4.310", "3.0", "7.1", "1.0", "4.6"}
    if vague and _DEAD_PROSE.search(diagnostic) and not _is_passing(diagnostic):
        return "hard"
    return "soft"


def _is_passing(diagnostic: str) -> bool:
    without_verdict = _DEAD_PROSE.sub(" ", diagnostic)
    return _PASSING_PROSE.search(without_verdict) is not None


def _kind_of_prose(diagnostic: str, status: str | None) -> BounceKind:
    if _DEAD_PROSE.search(diagnostic) and not _STRONG_PASSING.search(diagnostic):
        return "hard"
    if _PASSING_PROSE.search(diagnostic) or status is not None:
        return "soft"
    return "soft" if _BASIC.search(diagnostic) else "unknown"


_STRONG_PASSING = re.compile(
    r"quota|box(?: is|')? ?full|storage|spam|block ?list|blacklist|greylist|temporar|try again"
    r"|too large|timed out|\b4\d\d\b",
    re.IGNORECASE,
)

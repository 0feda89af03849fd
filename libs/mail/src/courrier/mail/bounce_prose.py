"""Delivery failures told in a mail server's own prose: who was not reached, and what was said.

The forms differ less than their number suggests: an address at the begin of a line or behind a
known phrase, and beside or below it the other server's answer.
"""
# ruff: noqa: E501, RUF001 (phrases stand as mail clients write them, one client a line)

import re

from courrier.mail.addresses import match_key
from courrier.mail.bounce_kind import specific_status
from courrier.mail.limits import MAX_PROSE_CHARS, MAX_REPORT_RECIPIENTS
from courrier.mail.message import BouncedRecipient

_ADDRESS = r"[^\s<>()\[\]\",;:@']{1,100}@[^\s<>()\[\]\",;:@']{1,200}[^\s<>()\[\]\",;:@'.]"
_SUBJECT = re.compile(
    r"undeliver(?:able|ed)|delivery (?:status notification|failure|report|has failed|problem|error|delayed)"
    r"|(?:mail|message) (?:delivery|system|could not|not deliver|undeliver|status)|failure notice|returned mail"
    r"|return(?:ed)? to sender|failed delivery|non[- ]?delivery|mail (?:failure|error)|could ?n[o']t be delivered"
    r"|delivery.{0,20}(?:failed|unsuccessful)|delayed|warning: (?:message|could not)|nondeliverable"
    r"|unzustellbar|zustell(?:ung|bericht)|nicht zugestellt|fehlgeschlagen|non remis|échec|non distribu"
    r"|no (?:se ha podido )?entreg|mancata consegna|non recapitat|niet (?:afgeleverd|bezorgd)|не доставлен|недоставлен"
    r"|niedostarcz|配信|配達不能|退信|系统退信",
    re.IGNORECASE,
)
_DAEMON = re.compile(
    r"mailer[-_. ]?daemon|postmaster|mail[-_. ]?(?:delivery|system)|\bmta\b|microsoft ?exchange|mailerdaemon|bounce",
    re.IGNORECASE,
)
_FAILURE = re.compile(
    r"could ?n[o'’]t be delivered|can(?:no|['’])t (?:be )?deliver|not (?:be )?deliver|undeliver|unable to deliver"
    r"|wasn[’']t (?:able to )?deliver|failed|did not reach|permanent (?:fatal )?error|returned to sender"
    r"|delivery.{0,30}(?:fail|delay|problem|error|unsuccess)|couldn[’']t deliver|not yet been delivered|has been delayed"
    r"|rejected|bounced|had (?:permanent|transient)|nicht zugestellt|konnte nicht|pas pu être|no se pudo|non è stato"
    r"|не (?:может быть|удалось|было) достав|無法|无法|配信できません|退回",
    re.IGNORECASE,
)
_DELAY = re.compile(
    r"delay|warning|still (?:being )?(?:re)?tr|will (?:continue|keep|be retried|retry)|not yet been delivered"
    r"|transient|verzögert",
    re.IGNORECASE,
)
# What follows is the returned message, whose addresses are not failed recipients.
_RETURNED = re.compile(
    r"^[ \t]*(?:-{2,80}[ \t]*)?(?:below this line is a copy|this is a copy of (?:the|your) message|original message\b"
    r"|returned (?:message|mail)|unsent message below|the original message (?:was|follows|headers)?"
    r"|original message headers|message header|copy of the message|undelivered message|received: |return-path: "
    r"|header of the original|included (?:is|below))",
    re.IGNORECASE | re.MULTILINE,
)
_RECIPIENT = re.compile(
    r"^[ \t]*(?:[-*\u2022][ \t]*)?(?:to:?[ \t]+|recipients?:?[ \t]*|rcpt to:?[ \t]*|could not (?:be )?deliver(?:ed)?(?: \w+){0,4} to:?[ \t]*"
    r"|address:?[ \t]*|user:?[ \t]*|failed recipient:?[ \t]*|e-?mail:?[ \t]*)?"
    r"[\"']?[^\n<@]{0,40}?<?(" + _ADDRESS + r")>?",
    re.IGNORECASE | re.MULTILINE,
)
_NAMED = re.compile(
    r"(?:message to|deliver(?:ed)? to|recipient(?: address)?s?:?|user|mailbox|address(?:es)?:?|rcpt to:?)\s*[<\"'(]*("
    + _ADDRESS
    + r")",
    re.IGNORECASE,
)
_MAX_DIAGNOSTIC = 1_000


def looks_like_bounce(subject: str, sender: str, *, empty_return_path: bool) -> bool:
    """Whether a message without a structured report may be one at all."""
    if _DAEMON.search(sender) or not sender:
        return True
    return bool(_SUBJECT.search(subject)) and empty_return_path


def prose_recipients(
    text: str, named: list[str], excluded: set[str]
) -> tuple[BouncedRecipient, ...] | None:
    """The recipients not reached; `None` if the text tells of no failure.

    Args:
        text: the body.
        named: addresses from X-Failed-Recipients, which need no search.
        excluded: match keys that are no recipient: the daemon's and the first sender's.
    """
    told = own_words(text)
    if _FAILURE.search(told) is None and _DELAY.search(told) is None and not named:
        return None
    action = "delayed" if _is_delay(told) else "failed"
    found: dict[str, BouncedRecipient] = {}
    for address, start in _candidates(told, named, excluded)[:MAX_REPORT_RECIPIENTS]:
        diagnostic = _diagnostic(told, address, start)
        recipient = BouncedRecipient(address, specific_status(None, diagnostic), action, diagnostic)
        known = found.get(match_key(address))
        if known is None or (known.status is None and recipient.status is not None):
            found[match_key(address)] = recipient
    return tuple(found.values())


def own_words(text: str) -> str:
    """The server's own words: the text before the returned message."""
    told = text[:MAX_PROSE_CHARS]
    returned = _RETURNED.search(told)
    return told[: returned.start()] if returned is not None and returned.start() > 0 else told


def _is_delay(told: str) -> bool:
    return _DELAY.search(told) is not None and not re.search(
        r"fail|permanent|could not be delivered|giv(?:e|ing|en) up|returned|unable to deliver",
        told,
        re.IGNORECASE,
    )


def _candidates(told: str, named: list[str], excluded: set[str]) -> list[tuple[str, int]]:
    if named:
        lowered = told.lower()
        return [(each, max(0, lowered.find(each.lower()))) for each in named]
    matches = list(_RECIPIENT.finditer(told)) + list(_NAMED.finditer(told))
    kept = [
        (match.group(1), match.end(1))
        for match in matches
        if match_key(match.group(1)) not in excluded and not _DAEMON.match(match.group(1))
    ]
    return sorted(kept, key=lambda each: each[1])


def _diagnostic(told: str, address: str, start: int) -> str | None:
    """What is said beside and below the address, up to the next address or a second empty line."""
    rest = told[start : start + 4 * _MAX_DIAGNOSTIC].removeprefix(address)
    lines: list[str] = []
    for line in rest.split("\n"):
        bare = line.strip(" \t>:*-<")
        if lines and (_starts_other(line, address) or (not bare and len(" ".join(lines)) > 20)):
            break
        if bare:
            lines.append(bare)
    return " ".join(" ".join(lines).split())[:_MAX_DIAGNOSTIC] or None


def _starts_other(line: str, address: str) -> bool:
    match = re.match(r"[ \t]*<?(" + _ADDRESS + r")>?:?[ \t]*", line)
    return match is not None and match.group(1).lower() != address.lower()

"""Which of the addresses in a server's words are those that it did not reach.

An address is judged by what stands before it on its line: nothing, or a label, or an SMTP command
mark a recipient; `from`, `contact` and the like mark anybody else.
"""
# ruff: noqa: E501, RUF001 (labels stand as servers write them)

import re
from dataclasses import dataclass

from courrier.mail.headers.addresses import match_key
from courrier.mail.limits import MAX_REPORT_RECIPIENTS

_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]"
ADDRESS = re.compile(
    r"(?<![A-Za-z0-9!#$%&'+/=?^_`{|}~.-])((?:"
    + _LOCAL
    + r"{1,120}|\"[^\"\s@]{1,64}\")@(?:\[[0-9A-Fa-f:.IPv]{3,60}\]|[A-Za-z0-9](?:[A-Za-z0-9._-]{0,250}[A-Za-z0-9])?))"
)
_WIDE_ADDRESS = re.compile(
    r"(?<![^\s<>()\[\]\",;:])([^\s<>()\[\]\",;:@]{1,120}@[^\s<>()\[\]\",;:@]{1,250}[^\s<>()\[\]\",;:@.])"
)
_MARKS = " \t<>\"'`*\u2022\u00b7|([{\u00bb\u201c\u2018\u00ab\u2013-"

_NOT_REACHED = re.compile(
    r"(?:rcpt to|(?:final|failed|original|bad|invalid|intended|envelope|unknown|actual|destination|affected)?[ _-]?(?:e-?mail )?(?:recipient|receiver|rcpt|addressee|mailbox|user|address|mailbox|account|destinatario|destinat[aá]rio|destinataire|empf[aä]nger|geadresseerde|adresat|получател\w*|адрес\w*|宛先|受信者|收件人|收信人|받는 ?사람|수신자)(?:s|n|\(s\))?(?: address(?:es)?| name| e-?mail| is| was)?)"
    r"[\s:=\uff1a;]{0,4}(?:\[?smtp:|rfc822;|internet:)?[\s<\"'(\[*]{0,4}$"
    r"|^\s{0,8}[<>|-]{0,4}\s{0,4}[45]\d\d[\s-](?:#?[45]\.\d{1,3}\.\d{1,3}[\s-])?[\s<\"'(]{0,4}$"
    r"|^\s{0,8}(?:undeliverable to|unknown (?:user|host|recipient|address)|user (?:unknown|mailbox exceeds allowed size)|delivery failed (?:\d+ attempts|to)|quota exceeded|failed|internet|smtp|rfc822|mail for|\w{1,20} error|to)[\s:;,-]{1,4}[\s<\"'(\[*]{0,4}$",
    re.IGNORECASE,
)
_PHRASE = re.compile(
    r"(?:message|mail|e-?mail|deliver\w*|delivery|sent|addressed|undeliverable|returned|fail\w*|reach\w*|bound|relay\w*)\b.{0,80}?\b(?:to|for|of|at)[\s:]{0,4}[\s<\"'(\[*]{0,4}$"
    r"|(?:recipients?|users?|mailbox|address|account|alias|person|reach|an|à|au?|para|naar|til|till|do|для|адрес|кому|destinataire|destinatario|empfänger|für|por|bij)[\s:]{0,4}[\s<\"'(\[*]{0,4}$",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"(?:\bfrom|sender|originator|sent by|reply(?:ing)?(?:[ -]?to)?(?: to)?|contact(?:ing)?|\bcall|mail from|return[ -](?:address|path)|\bby|postmaster|administrat(?:or|ion)|\bhelp(?:desk)?|support|assistance|write to|e-?mail(?: us)?(?: at)?|message[ -]?id|references|in-reply-to|\bid|subject|forwarded from|redirected from|originally to|\bour (?:e-?mail )?address(?: is)?|\bon behalf of|\bvia|questions|\bvon|absender|expéditeur|remitente|mittente|отправител\w*|\bот|https?://\S*|abuse|complaints?|originator|submitted by|if you (?:feel|think|believe).{0,40}|reporting-mta|was refused. the return address was|return address was)"
    r"[\s:=;,]{0,4}[\s<\"'(\[*]{0,4}(?:mailto:)?$",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"[>\"'\s]{0,4}[,;/][<\"'\s]{0,4}")
_EXPANDED = re.compile(r"(?:expanded|generated) from:?[\s<\"'(]{0,4}$", re.IGNORECASE)
_BEFORE_CHARS = 160
_ROBOT = re.compile(
    r"(?:mailer-?daemon|mailerdaemon|post-?master|mail-daemon|no-?reply|do-?not-?reply|abuse|helpdesk|microsoftexchange[0-9a-f]{32}|imceaex-[^@]{1,200})@",
    re.IGNORECASE,
)
_PROSE_AFTER = re.compile(
    r"[>\"')\]]{0,2},? (?:if|and|or|with|about|so|as|when|please|including|unless|quoting)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Found:
    """An address at a place of the text; `tier` 1 is surely a recipient, 3 perhaps."""

    address: str
    tier: int
    start: int
    end: int


def find_recipients(text: str, excluded: set[str], known: set[str]) -> list[Found]:
    """The addresses not reached, each at its first telling place, in the order of the text.

    Args:
        text: the server's words.
        excluded: match keys of those who are no recipients: the daemon, the first sender.
        known: match keys of the recipients of the returned message; empty if unknown.
    """
    judged = [each for each in _judged(text) if each.tier]
    kept = [each for each in judged if match_key(each.address) not in excluded]
    kept = kept or [each for each in judged if each.tier < 3 and match_key(each.address) in known]
    sure = [each for each in kept if each.tier == 1]
    if not sure:
        named = [each for each in kept if match_key(each.address) in known]
        told = [each for each in kept if each.tier == 2]
        sure = (
            named or told or (kept if len({match_key(each.address) for each in kept}) == 1 else [])
        )
    first: dict[str, Found] = {}
    for each in sure[: 8 * MAX_REPORT_RECIPIENTS]:
        first.setdefault(match_key(each.address), each)
    return list(first.values())[:MAX_REPORT_RECIPIENTS]


def _judged(text: str) -> list[Found]:
    found = _all(text, ADDRESS)
    if not any(each.tier for each in found) and not text.isascii():
        found += _all(text, _WIDE_ADDRESS)
    return found


def _all(text: str, pattern: re.Pattern[str]) -> list[Found]:
    found: list[Found] = []
    for match in pattern.finditer(text):
        address = match.group(1).lstrip("'*=`").rstrip("'")
        if address.startswith("@") or len(found) > 8 * MAX_REPORT_RECIPIENTS:
            continue
        tier = _tier(text, address, match.start(), match.end())
        if found and _SEPARATOR.fullmatch(text, found[-1].end, match.start()):
            tier = found[-1].tier
        found.append(Found(address, tier, match.start(), match.end()))
    return found


def _tier(text: str, address: str, start: int, end: int) -> int:
    line = max(text.rfind("\n", 0, start) + 1, start - _BEFORE_CHARS)
    before = text[line:start]
    after = text[end : end + 60]
    bracketed = before.endswith(("<", "[", '"', "'"))
    if _ROBOT.match(address) or ("." not in address.rpartition("@")[2] and not bracketed):
        return 0
    if _EXPANDED.search(before):
        return 3
    if _OTHERS.search(before) and not re.search(r"recipient|rcpt to", before[-40:], re.IGNORECASE):
        return 0
    if not before.strip(_MARKS) and (bracketed or _begins(text, line, after)):
        return 1
    if _NOT_REACHED.search(before):
        return 2 if re.search(r"^\s*to[:\s]", before, re.IGNORECASE) else 1
    return 2 if _PHRASE.search(before) else 3


def _begins(text: str, line: int, after: str) -> bool:
    """Whether an address at the begin of a line opens an entry, and no wrapped sentence."""
    if _PROSE_AFTER.match(after):
        return False
    above = text[max(0, line - 200) : line].rstrip(" \t")
    if not above or above.endswith(("\n\n", ":\n", "\n \n", "\r\n\r\n")):
        return True
    previous = above.rstrip("\n").rpartition("\n")[2]
    return not _OTHERS.search(previous) and not re.match(r"[ \t]*[.)]?[ \t]+[a-z]", after)

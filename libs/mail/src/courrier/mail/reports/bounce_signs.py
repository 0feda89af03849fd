"""Whether a message without a structured report is a bounce: what speaks for and against it.

Ordinary mail is turned away by its header. Otherwise the signs are added up: a mail server as the
sender, an empty return path, a subject, and the sentences that servers write.
"""
# ruff: noqa: E501 (subjects stand as servers write them)

import re
from dataclasses import dataclass
from functools import lru_cache
from string import ascii_lowercase

from courrier.mail.reports.automatic_subjects import is_answer, is_automatic_subject
from courrier.mail.reports.bounce_phrases import GENERAL, SERVERS
from courrier.mail.reports.bounce_text import normal
from courrier.mail.structure.fields import Fields, first
from courrier.mail.structure.mime import Entity

_WORD = re.compile(rb"[a-z]+")
_LETTERS = bytes(each if chr(each) in ascii_lowercase else 32 for each in bytes(range(256)).lower())
"""Letters in lower case, and blanks for all else."""
_DAEMON_WORDS = frozenset(
    b"mailer daemon mailerdaemon postmaster postmasters mdaemon mmdf uucp mta smtp delivery deliver mailrouter mailsystem microsoftexchange exchange administrator router mds isms autoanswer".split()
)
_DAEMON = re.compile(
    rb"mailer[-_. ]?daemon|post[-_. ]?master|mdaemon@|mail[-_. ]?(?:delivery|deliver|daemon|router|server@|system)|delivery[-_. ](?:sub)?system|system[-_ ]administrator|mail[-_ ]administrator"
    rb"|microsoft ?exchange|\bmta@|\bsmtpd?@|mmdf@|\buucp@|internet[-_ ]mail|smtp[-_ ]gateway|delivery[-_ ]?(?:status|notif|failure|report)|mailsystem"
)
_SUBJECT_WORDS = frozenset(
    b"undeliverable undelivered deliverable delivery mail message failure failed returned returning return non nondelivery ndn ndr dsn undeliver deliver deliverd delivered delayed delay warning nondeliverable unknown bounce bounced error rejected address mailbox quota over overquota unsuccessful problem notification transport mdaemon blocked unsolicited banned virus spam"
    b" unzustellbar unzustellbare zustellung zustellbar zugestellt fehlgeschlagen non chec echec retour impossible nachricht remis distribu entregar entrega devuelto mancata consegna recapitabile recapito nao falha devolvida devolvido afgeleverd bezorgd onbestelbaar niedostarczona zwrot uleverbar notice considered sorry".split()
)
_SUBJECT = re.compile(
    r"undeliver(?:able|ed)|not deliverable|delivery (?:status|notification|failure|report|has failed|failed|problem|error|delay|unsuccess|incomplete|not)|delivery.{0,30}(?:fail|delay|error)"
    r"|(?:mail|message)[- ](?:delivery|system|could not|couldn't|can ?not|not deliver|undeliver|status|not sent|delayed|failure|blocked|rejected)|failure notice|failure delivery|failed mail|returned (?:e-?)?mail|returned message|returning message"
    r"|return(?:ed)? to sender|failed delivery|non[- ]?delivery|\bndn\b|\bndr\b|\bdsn\b|mail (?:failure|error)|could ?n[o']t be delivered|could ?n'?t deliver|unable to deliver|can(?:no|')t (?:be )?deliver|cannot send|error sending"
    r"|delayed|warning: |nondeliverable|unknown (?:user|recipient|address)|user unknown|bounced?\b|mail error|error (?:in|with) (?:your )?mail|rejected|your (?:message|mail|e-?mail) to|address not found|mailbox (?:is )?full|over ?quota|quota exceeded|unsuccessful|problem|notification|message you sent|transport|mdaemon|unbekannt|failed|unsolicited|banned|virus|spam"
    r"|unzustellbar|nicht zustellbar|zustell|nicht zugestellt|fehlgeschlagen|non remis|échec|echec|non distribu|non délivr|retour|impossible|nicht gefunden|nachricht"
    r"|no (?:se ha podido )?entreg|no se puede entreg|error de entrega|devuelto|mancata consegna|non recapit|recapit|consegna|não entreg|nao entreg|não foi|falha|devolvid|niet (?:afgeleverd|bezorgd|bestelbaar)|onbestelbaar|kan niet|недостав|не достав|доставк|невозможно"
    r"|niedostarcz|nie dostarcz|nie można|zwrot|nedoruč|kézbesít|teslim|iletil|olevererbar|kan inte leverera|ikke lever|uleverbar|kan ikke|toimit|unlivr|nelivr|παράδοσ"
    r"|配信|配達|送信|エラー|不達|未達|退信|退回|送达|投递|送達|傳遞|无法|無法|失败|失敗|배달|전송|반송|수신",
    re.IGNORECASE,
)
_REFUSED = re.compile(r"(?<![\d.])(?:[45]\d\d[ -]|#?[45]\.\d\.\d{1,3}\b)")
# As Postfix and qmail begin what they say of each recipient, wherever their sentences are cut off.
_REFUSED_ADDRESS = re.compile(r"^ {0,4}<[^<>\s@]{1,200}@[^<>\s@]{1,200}>:(?: |$)", re.MULTILINE)
_CHALLENGE = (
    "confirm that you are", "verify that you are", "not a spammer", "click the link below to", "please confirm your", "awaiting moderator", "awaits moderator", "held for approval", "will be delivered once", "to release your message", "complete the verification",
    "aggregate report", "dmarc report", "report domain:", "quarantine digest", "quarantine summary", "messages in your quarantine", "this is a test message", "has been successfully delivered", "was successfully delivered to",
    "confirm subscription", "confirmation of your subscription", "subscribe request", "reply to this message to confirm",
)  # fmt: skip

_FIRST_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_LONG_TEXT = 5_000
_OPENING_CHARS = 400


def _by_first_word() -> dict[str, list[tuple[str, int, str | None]]]:
    """Every phrase under its first word, with that word's place in it and the server it is of."""
    found: dict[str, list[tuple[str, int, str | None]]] = {}
    servers = [(phrase, server) for server, phrases in SERVERS.items() for phrase in phrases]
    for phrase, server in [*servers, *((phrase, None) for phrase in GENERAL)]:
        word = _FIRST_WORD.search(phrase)
        if word is not None and phrase.isascii():
            found.setdefault(word.group(), []).append((phrase, word.start(), server))
    return found


_PHRASES = _by_first_word()
_WIDE_PHRASES = tuple(phrase for phrase in GENERAL if not phrase.isascii())


@dataclass(frozen=True, slots=True)
class Signs:
    """What the header says; each of these alone occurs on other mail too."""

    daemon: bool
    null_path: bool
    subject: bool
    report: bool
    named: bool

    @property
    def only_subject(self) -> bool:
        """Whether nothing but the subject speaks for a bounce."""
        return not (self.daemon or self.null_path or self.report or self.named)


@dataclass(frozen=True, slots=True)
class Verdict:
    """That a message is a bounce, how sure that is (in points), and whose sentence was known."""

    points: int
    server: str | None


def header_signs(root: Entity, subject: str) -> Signs | None:
    """`None` for ordinary mail: nothing in the header speaks for a bounce."""
    fields = root.fields
    report = root.content_type == "multipart/report"
    named = b"x-failed-recipients" in fields
    sender = first(fields, b"from") or b""
    daemon = _known_daemon(sender) if len(sender) <= _MAX_KNOWN else _is_daemon(sender)
    path = first(fields, b"return-path")
    null_path = path is not None and path.strip() in _NULL_PATHS
    value = first(fields, b"subject") or b""
    certain = report or named or daemon or null_path
    if not (certain or _robot(fields)) and _SUBJECT_WORDS.isdisjoint(
        value.translate(_LETTERS).split()
    ):
        return None
    suspicious = _SUBJECT.search(subject) is not None
    if not (certain or suspicious):
        return None
    return Signs(daemon, null_path, suspicious, report, named)


def _is_daemon(sender: bytes) -> bool:
    folded = sender.lower()
    if not folded or folded.endswith((b"<>", b"<@>")):
        return True
    return not _DAEMON_WORDS.isdisjoint(_WORD.findall(folded)) and bool(_DAEMON.search(folded))


_MAX_KNOWN = 160
# Most mail of a mailbox is from few people.
_known_daemon = lru_cache(maxsize=4096)(_is_daemon)
_NULL_PATHS = {b"<>", b"", b"< >", b"<MAILER-DAEMON>"}


def is_hopeless(signs: Signs, text: str) -> bool:
    """Whether only the subject speaks for a bounce, and the text opens with no server's sentence."""
    return signs.only_subject and _told_by(normal(text)[:_OPENING_CHARS])[0] is None


def judge(signs: Signs, fields: Fields, subject: str, text: str) -> Verdict | None:
    """The verdict on a message whose header is suspicious; `None`: it is no bounce.

    Args:
        signs: from `header_signs`.
        fields: the header.
        subject: decoded.
        text: the server's own words, or all of the text.
    """
    words = normal(text)
    if any(phrase in words for phrase in _CHALLENGE):
        return None
    server, general = _told_by(words)
    points = 3 * (server is not None) + general
    points += 2 * signs.daemon + 2 * signs.null_path + signs.subject + 2 * signs.report
    if not signs.subject:
        # In a language of which only the sentences are known.
        points += any(_told_by(normal(subject)))
    points += 4 * signs.named + (_REFUSED.search(text) is not None)
    points -= _against(fields, subject, words)
    certain = signs.daemon and signs.null_path and signs.subject
    general = general or (certain and _REFUSED_ADDRESS.search(text) is not None)
    known = server is not None or signs.named or (general and (signs.daemon or signs.null_path))
    return Verdict(points, server) if known and points >= 4 else None


def _told_by(words: str) -> tuple[str | None, bool]:
    """The server whose sentence a text holds, or whether it holds one of the general ones."""
    general = False
    for word in _FIRST_WORD.finditer(words):
        for phrase, offset, server in _PHRASES.get(word.group(), ()):
            if words.startswith(phrase, max(0, word.start() - offset)):
                if server is not None:
                    return server, False
                general = True
    if not general and not words.isascii():
        general = any(phrase in words for phrase in _WIDE_PHRASES)
    return None, general


def _robot(fields: Fields) -> bool:
    return b"auto-submitted" in fields or b"x-auto-response-suppress" in fields


def _against(fields: Fields, subject: str, words: str) -> int:
    """People answer and forward, lists and newsletters have their fields, vacations a subject."""
    points = 0
    if is_answer(subject):
        points += 4
    if b"list-unsubscribe" in fields or b"list-id" in fields or b"list-post" in fields:
        points += 3
    if is_automatic_subject(subject):
        points += 5
    if len(words) > _LONG_TEXT:
        points += 1
    return points

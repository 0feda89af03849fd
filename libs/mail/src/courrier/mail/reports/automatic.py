"""Whether a machine sent a message, and which kind of machine (RFC 3834, and older custom).

Fields of lists and of bulk mail say nothing about it: people write to lists, and read newsletters.
"""

import re
from functools import lru_cache

from courrier.mail.reports.automatic_subjects import ABSENCE_BODY, is_answer, is_automatic_subject
from courrier.mail.structure.fields import Fields, first
from courrier.mail.structure.mime import Entity
from courrier.mail.structure.parameters import read_parameters

_NOT_AUTOMATIC = {"no", "auto-forwarded", ""}
_NOT_SET = {b"no", b"false", b"0", b"off", b"none"}
_PRECEDENCE = {b"auto_reply", b"autoreply", b"auto_replied", b"auto_response"}

_PRECEDENCE_FIELDS = frozenset((b"precedence", b"x-precedence"))

_ANSWERING = re.compile(
    rb"^(?:x-(?:[a-z-]{0,30}-)?(?:auto-?(?:reply|replied|respond\w*|response|answer)(?:-from|-domain|-to)?"
    rb"|vacation(?:-\w+)?|away|out-of-office)|autoreply|autoresponder|x-responder|x-ooo)$",
    re.MULTILINE,
)
_GENERATED = re.compile(
    rb"^(?:x-auto-?generated|x-cron(?:-env)?|x-fc-machinegenerated|x-machine-generated"
    rb"|x-ms-exchange-generated-message-source|x-automatic-message|x-auto-?mail"
    rb"|x-auto-?message|x-system-generated|x-automated(?:-\w+)?)$",
    re.MULTILINE,
)
_HINTS = ("auto", "x-vacation", "x-away", "x-cron", "generated", "x-oo", "x-out", "respond")
_SUPPRESSED = re.compile(rb"\b(?:all|oof|autoreply)\b", re.IGNORECASE)
_OF_LISTS_AND_PEOPLE = frozenset(
    (b"list-unsubscribe", b"list-id", b"thread-index", b"x-ms-has-attach", b"x-originating-ip")
)
_PROGRAM_OF_PEOPLE = re.compile(
    rb"outlook|apple mail|iphone mail|ipad mail|thunderbird|lotus|notes|groupwise|zimbra|em ?client"
    rb"|the bat|evolution|k-9|mailbird|roundcube|airmail|spark|mutt|kmail|webmail",
    re.IGNORECASE,
)
_ANSWERING_MAILER = re.compile(rb"auto-?(?:reply|respon|answer)|vacation", re.IGNORECASE)
_RESPONDER_FIELDS = (b"delivered-to", b"x-post-messageclass")
_RESPONDER = re.compile(rb"(?:^|;)\s*autoresponder\s*$", re.IGNORECASE)
_NO_TYPES: set[str] = set()
_AGENT = b"mailbox rules agent"
_BODY_CHARS = 4_000


def automatic_kind(
    root: Entity, *, bounced: bool, subject: str | None, text: str = ""
) -> str | None:
    """`bounce`, `feedback-report`, `receipt`, `vacation`, `auto-generated`, or `None`: a person.

    Args:
        root: the message's parts.
        bounced: whether it was found to be a bounce.
        subject: of the message, decoded.
        text: its body, asked only where the header hints at a machine.
    """
    if bounced:
        return "bounce"
    report = _report_kind(root)
    if report is not None:
        return report
    fields = root.fields
    submitted = _submitted(fields)
    if submitted.startswith("auto-replied") or (subject and is_automatic_subject(subject)):
        return "vacation"
    by_name = _kind_by_names(fields)
    if by_name is not None:
        return by_name
    if submitted not in _NOT_AUTOMATIC or _is_suppressed(fields, subject):
        return "auto-generated"
    return "vacation" if _answers_without_path(fields, text) else None


def _submitted(fields: Fields) -> str:
    """The word of Auto-Submitted; the first that says something if it is written twice."""
    if b"auto-submitted" not in fields:
        return ""
    words = [read_parameters(each).word for each in fields.get(b"auto-submitted", ())]
    return next((word for word in words if word not in _NOT_AUTOMATIC), "")


def _report_kind(root: Entity) -> str | None:
    """RFC 6522 reports that are no bounce: complaints (RFC 5965), receipts, successes."""
    if root.content_type != "multipart/report":
        types = {child.content_type for child in root.children} if root.children else _NO_TYPES
        if "message/feedback-report" in types or b"x-hmxmroriginalrecipient" in root.fields:
            return "feedback-report"
        return "receipt" if "message/disposition-notification" in types else None
    kind = root.parameters.get("report-type", "").lower()
    types = {child.content_type for child in root.children}
    if kind == "feedback-report" or "message/feedback-report" in types:
        return "feedback-report"
    if kind == "disposition-notification" or "message/disposition-notification" in types:
        return "receipt"
    return "auto-generated"


def _kind_by_names(fields: Fields) -> str | None:
    """From fields that only machines write."""
    if not _PRECEDENCE_FIELDS.isdisjoint(fields) and _has_answering_precedence(fields):
        return "vacation"
    names = b"\n".join(fields)
    if _known_hint(names) if len(names) <= _CACHED_BYTES else _is_hint(names):
        if any(_is_set(fields, match.group()) for match in _ANSWERING.finditer(names)):
            return "vacation"
        found = [match.group() for match in _GENERATED.finditer(names)]
        if any(_is_set(fields, name) for name in found):
            return _kind_of_generated(fields)
    return _kind_by_values(fields)


def _is_hint(names: bytes) -> bool:
    """Whether one of the names may be a machine's."""
    return any(map(names.decode("latin-1").__contains__, _HINTS))


_CACHED_BYTES = 2_000
# A program writes the same fields into all its mail.
_known_hint = lru_cache(maxsize=1024)(_is_hint)


def _has_answering_precedence(fields: Fields) -> bool:
    values = [value for name in _PRECEDENCE_FIELDS for value in fields.get(name, ())]
    return any(each.strip().lower().replace(b"-", b"_") in _PRECEDENCE for each in values)


def _kind_of_generated(fields: Fields) -> str | None:
    """Exchange's rules answer; other programs say whether they replied or only forwarded."""
    source = first(fields, b"x-ms-exchange-generated-message-source") or b""
    generated = (first(fields, b"x-autogenerated") or b"").strip().lower()
    if generated in {b"forward", b"mirror", b"group"}:
        return None
    if generated == b"reply" or _AGENT in source.lower():
        return "vacation"
    return "auto-generated"


def _kind_by_values(fields: Fields) -> str | None:
    for name in _RESPONDER_FIELDS:
        if name in fields and _RESPONDER.search(fields[name][0]) is not None:
            return "vacation"
    mailer = first(fields, b"x-mailer")
    return "vacation" if mailer and _ANSWERING_MAILER.search(mailer) else None


def _is_set(fields: Fields, name: bytes) -> bool:
    value = first(fields, name)
    return value is not None and value.strip().lower() not in _NOT_SET


def _is_suppressed(fields: Fields, subject: str | None) -> bool:
    """Machines ask not to be answered; where nothing tells of a list or of a person it is one.

    Exchange writes the field on what people send to its groups, and CRMs on what they send for
    people; newsletters have it too, and are no answers.
    """
    value = first(fields, b"x-auto-response-suppress")
    if value is None or _SUPPRESSED.search(value) is None:
        return False
    if not _OF_LISTS_AND_PEOPLE.isdisjoint(fields) or (subject and is_answer(subject)):
        return False
    programs = (first(fields, b"x-mailer"), first(fields, b"user-agent"))
    return not any(each and _PROGRAM_OF_PEOPLE.search(each) for each in programs)


def _answers_without_path(fields: Fields, text: str) -> bool:
    path = first(fields, b"return-path")
    if path is None or path.strip() not in {b"<>", b""}:
        return False
    return ABSENCE_BODY.search(text[:_BODY_CHARS]) is not None

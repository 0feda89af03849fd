"""The machine-readable part of a delivery report (RFC 3464 section 2, RFC 6533)."""

import re

from courrier.mail.addresses import match_key
from courrier.mail.bounce_kind import specific_status
from courrier.mail.fields import Fields, first, read_header
from courrier.mail.limits import MAX_REPORT_RECIPIENTS
from courrier.mail.message import BouncedRecipient
from courrier.mail.words import field_text

_GROUP_END = re.compile(rb"(?:\r?\n[ \t]*){2,}|\r{2,}")
_XTEXT = re.compile(r"\+([0-9A-F]{2})")
_COMMENT = re.compile(r"\s*\([^()]*\)")
_FAILED = {"failed", "delayed"}
_TROUBLE = ("4", "5")


def failed_recipients(content: bytes, prose: str) -> tuple[BouncedRecipient, ...]:
    """The recipients not reached, each once; none if the report tells of success only.

    Args:
        content: the decoded message/delivery-status part.
        prose: the report's text for people, where a code is looked for if the fields have none.
    """
    found: dict[str, BouncedRecipient] = {}
    for group in _GROUP_END.split(content.strip(b"\r\n"), MAX_REPORT_RECIPIENTS):
        recipient = _recipient(read_header(group + b"\n\n", 0, len(group) + 2).fields, prose)
        if recipient is not None:
            found.setdefault(match_key(recipient.address), recipient)
    return tuple(found.values())


def _recipient(fields: Fields, prose: str) -> BouncedRecipient | None:
    address = _address(fields)
    if not address:
        return None
    status = _text(fields, b"status")
    action = (_COMMENT.sub("", _text(fields, b"action") or "").strip().lower()) or None
    if action not in _FAILED and not (action is None and (status or "5").startswith(_TROUBLE)):
        return None
    diagnostic = _diagnostic(fields)
    near = _around(prose, address)
    return BouncedRecipient(
        address=address,
        status=specific_status(status, diagnostic, near),
        action=action,
        diagnostic=diagnostic,
    )


def _address(fields: Fields) -> str:
    """The final recipient, or the original one if that is no address (RFC 3464 2.3.1, 2.3.2)."""
    final = _typed(_text(fields, b"final-recipient"))
    original = _typed(_text(fields, b"original-recipient"))
    if "@" not in final and "@" in original:
        return _XTEXT.sub(lambda code: chr(int(code.group(1), 16)), original)
    return final or original or _typed(_text(fields, b"x-actual-recipient"))


def _typed(value: str | None) -> str:
    """What stands behind the type: `rfc822; ann@example.org`."""
    text = (value or "").partition(";")[2] or (value or "")
    return _COMMENT.sub("", text).strip().strip("<>").strip()


def _diagnostic(fields: Fields) -> str | None:
    text = _text(fields, b"diagnostic-code")
    if text is None:
        return None
    kind, semicolon, rest = text.partition(";")
    return " ".join((rest if semicolon and " " not in kind.strip() else text).split()) or None


def _around(prose: str, address: str) -> str | None:
    at = prose.lower().find(address.lower())
    return prose[at : at + 600] if at >= 0 else None


def _text(fields: Fields, name: bytes) -> str | None:
    value = first(fields, name)
    return field_text(value) if value is not None else None

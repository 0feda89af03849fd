"""What a message to many says of itself: List- fields (RFC 2369, 2919, 8058) and Feedback-ID."""

import re

from courrier.mail.writing.field_writing import named, verbatim_field
from courrier.mail.writing.outgoing import InvalidField, InvalidListUri, MailingList

_MAX_URIS = 10
_URI = re.compile(r"(?:https?://|mailto:)[!#-+\--;=?-\[\]_a-z~]{1,880}\Z", re.IGNORECASE)
_ID = re.compile(r"[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63}){1,20}\Z")
_FEEDBACK = re.compile(r"[A-Za-z0-9._-]{0,100}\Z")
_MOST_FEEDBACK = 4


def list_fields(about: MailingList) -> list[bytes]:
    """The fields, each ended by CRLF.

    Raises:
        InvalidField: the id or a part of Feedback-ID has other characters than it may have.
        InvalidListUri: a URI is none, or `one_click` has no https URI to POST to.
    """
    fields: list[bytes] = []
    if about.id is not None:
        fields.append(_list_id(about.id, about.name))
    for name, uris in (
        ("List-Unsubscribe", about.unsubscribe),
        ("List-Subscribe", about.subscribe),
        ("List-Help", about.help),
        ("List-Post", about.post),
        ("List-Owner", about.owner),
        ("List-Archive", about.archive),
    ):
        if uris:
            fields.append(_uris(name, uris))
    if about.one_click:
        if not any(uri.lower().startswith("https://") for uri in about.unsubscribe):
            raise InvalidListUri("List-Unsubscribe-Post: needs an https URI in List-Unsubscribe")
        fields.append(b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n")
    if about.feedback_id:
        fields.append(_feedback_id(about.feedback_id))
    return fields


def _list_id(list_id: str, name: str | None) -> bytes:
    if _ID.match(list_id) is None:
        raise InvalidField(f"List-Id: {list_id[:200]!r} is not like news.example.org")
    return f"List-Id: {named(name, f'<{list_id}>', 'List-Id')}\r\n".encode("ascii")


def _uris(name: str, uris: tuple[str, ...]) -> bytes:
    for uri in uris:
        if _URI.match(uri) is None:
            text = "is no http, https or mailto URI in ASCII without blanks, quotes and commas"
            raise InvalidListUri(f"{name}: {uri[:200]!r} {text}")
    if len(uris) > _MAX_URIS:
        raise InvalidListUri(f"{name}: {_MAX_URIS} URIs at most")
    return (f"{name}: " + ",\r\n ".join(f"<{uri}>" for uri in uris) + "\r\n").encode("ascii")


def _feedback_id(parts: tuple[str, ...]) -> bytes:
    if len(parts) > _MOST_FEEDBACK or not all(map(_FEEDBACK.match, parts)):
        raise InvalidField("Feedback-ID: up to four parts of letters, digits, dots and hyphens")
    return verbatim_field("Feedback-ID", ":".join(parts))

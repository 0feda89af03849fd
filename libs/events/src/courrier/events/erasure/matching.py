"""Who is a party to a message, read from an event's JSON whatever its version."""

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

SINGLE = ("from", "sender", "recipient")
LISTS = ("reply_to", "to", "cc", "bcc")
PLAIN = ("envelope_to", "recipients", "email_addresses")
OWN = ("address",)

Body = Mapping[str, Any]


def comparable(address: str) -> str:
    """Return the form under which addresses are compared: case-folded, the domain as A-labels."""
    folded = unicodedata.normalize("NFC", address.strip()).casefold()
    local, at, domain = folded.rpartition("@")
    if not at or domain.isascii():
        return folded.rstrip(".")
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        return folded


def parties(body: Body) -> set[str]:
    """Return the addresses that an event names as somebody's, in comparable form."""
    return {comparable(address) for address in _addresses(body)}


def is_cut(body: Body) -> bool:
    """Tell whether a message has more recipients than its event lists."""
    listed = len(body.get("to") or ()) + len(body.get("cc") or ())
    return int(body.get("recipient_count") or 0) > listed


def digests_in(body: Body) -> set[str]:
    """Return the blobs that an event refers to: a message's bytes, a draft's texts and files."""
    draft = body.get("fields") or {}
    refs = [body.get("raw"), draft.get("text"), draft.get("html")]
    refs += [file.get("content") for file in draft.get("files") or ()]
    return {str(ref["digest"]) for ref in refs if isinstance(ref, dict) and "digest" in ref}


def copy_key(body: Body) -> tuple[str, str] | None:
    """Return what copies of a message in several mailboxes share: Message-ID and author."""
    message_id = body.get("message_id")
    author = next(iter(_of_mailbox(body.get("from"))), "")
    return (str(message_id), comparable(author)) if message_id else None


def _addresses(body: Body) -> Iterator[str]:
    for name in SINGLE:
        yield from _of_mailbox(body.get(name))
    for name in LISTS:
        for mailbox in body.get(name) or ():
            yield from _of_mailbox(mailbox)
    for name in PLAIN:
        yield from (str(address) for address in body.get(name) or ())
    for name in OWN:
        if isinstance(body.get(name), str):
            yield str(body[name])
    for outcome in body.get("outcomes") or ():
        yield from _of_mailbox(outcome)


def _of_mailbox(value: object) -> Iterator[str]:
    if isinstance(value, dict) and isinstance(value.get("address"), str):
        yield value["address"]

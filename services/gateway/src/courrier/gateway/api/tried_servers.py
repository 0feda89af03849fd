"""What a try of a mailbox, of a way out, or of both is answered with."""

from typing import Any

from courrier.events.commands.mailboxes import MailboxSeen

from .shapes import Moment, Shown

Json = dict[str, Any]

CERTIFICATE: Json = {
    "sha256": "5f" * 32,
    "subject": "CN=mail.example.org",
    "issuer": "CN=mail.example.org",
    "not_before": "2026-01-01T00:00:00Z",
    "not_after": "2027-01-01T00:00:00Z",
}
SMTP_TRIED: Json = {
    "ok": False,
    "step": "tls",
    "problem": "tls-self-signed",
    "text": "The certificate of smtp.example.org is signed by itself. If it is your own server, …",
    "capabilities": ["AUTH", "SIZE", "STARTTLS"],
    "certificate": CERTIFICATE,
}


class CertificateShown(Shown):
    """The certificate that the server showed; ``sha256`` is what an account may trust."""

    sha256: str
    subject: str
    issuer: str
    not_before: Moment
    not_after: Moment


class SmtpTriedShown(Shown):
    """How far it went and what is in the way; ``problem`` is null where all works.

    No message is sent: the server is asked whether it takes mail from the address.
    """

    ok: bool
    step: str
    problem: str | None
    text: str
    capabilities: list[str]
    certificate: CertificateShown | None


def mailbox_json(seen: MailboxSeen, language: str) -> Json:
    """Return what was found of a mailbox, in the caller's language."""
    shown = seen.model_dump(mode="json", exclude={"outcome", "texts"})
    return {"ok": seen.problem is None, "text": text_of(seen, language), **shown}


def smtp_json(seen: MailboxSeen, language: str) -> Json:
    """Return what was found of a way out: there are no folders."""
    shown = mailbox_json(seen, language)
    del shown["folders"]
    return shown


def both_json(mailbox: MailboxSeen | None, way_out: MailboxSeen | None, language: str) -> Json:
    """Return what was found of an account: what is in the way first, the way out beside it."""
    found = [seen for seen in (mailbox, way_out) if seen is not None]
    first = next((seen for seen in found if seen.problem is not None), found[0])
    shown = mailbox_json(first, language)
    if mailbox is not None:
        shown["folders"] = mailbox_json(mailbox, language)["folders"]
    return shown | {"smtp": smtp_json(way_out, language) if way_out else None}


def text_of(seen: MailboxSeen, language: str) -> str:
    """Return what was found in words."""
    return seen.texts.get(language) or seen.texts["en"]

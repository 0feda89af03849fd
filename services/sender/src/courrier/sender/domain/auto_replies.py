"""Decide whether a group account answers a mail by machine now, and what the answer says.

The linker has said that a person wrote it who may be answered; here is seen whether they were
answered lately, whether the account still answers, and whether its template can be filled in. The
answer names what it answers, asks other machines not to answer, and wants no report on itself.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from courrier.events.base import Mailbox, derived_id
from courrier.events.commands.sender import SendMessage
from courrier.events.families.configuration import TemplateFields
from courrier.events.families.drafts import WrittenFile
from courrier.events.families.email import AutoReplyPermitted
from courrier.events.families.settings import EmailAccountFields
from courrier.mail.templates.template import FilledTemplate
from courrier.mail.writing.replying import reply_subject

AUTHOR = "system"
LATEST = timedelta(days=2)
"""An answer that comes later than this is none: after a restore, or mail fetched for the past."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A mail that may be answered, and what is known about it and its sender now.

    ``last_answered`` is when the account answered this sender before; ``is_ours`` that the sender
    is one of our own accounts.
    """

    permitted: AutoReplyPermitted
    account: EmailAccountFields | None
    template: TemplateFields | None
    last_answered: datetime | None
    is_ours: bool


def obstacle(asked: Asked, now: datetime) -> str | None:
    """Return why the mail is not answered, None if it is to be."""
    group = asked.account.group if asked.account else None
    if asked.account is None or group is None or group.reply_template_id is None:
        return "account-does-not-answer"
    if asked.template is None or not asked.template.active:
        return "no-template"
    if asked.is_ours:
        return "own-address"
    if now - asked.permitted.date > LATEST:
        return "too-late"
    period = timedelta(seconds=group.reply_period_s)
    if asked.last_answered is not None and now - asked.last_answered < period:
        return "answered-lately"
    return None


def reply_id(permitted: AutoReplyPermitted) -> str:
    """Return the id of the answer to a mail: there is one at most."""
    return derived_id("auto-reply", permitted.account_id, permitted.email_id).hex


def answer(
    permitted: AutoReplyPermitted,
    account: EmailAccountFields,
    texts: FilledTemplate,
    files: tuple[WrittenFile, ...] = (),
) -> SendMessage:
    """Return the order to send the answer."""
    group = account.group
    own = group.reply_from_name if group else None
    back = (Mailbox(address=group.reply_to),) if group and group.reply_to else ()
    ids = (*permitted.references, permitted.message_id)
    return SendMessage(
        command_id=derived_id("auto-reply", permitted.account_id, permitted.email_id),
        email_id=reply_id(permitted),
        author_id=AUTHOR,
        account_id=account.account_id,
        sent_from=Mailbox(name=own or account.name, address=account.address),
        to=(permitted.recipient,),
        subject=_subject(permitted, texts.subject),
        text=texts.text,
        html=texts.html,
        in_reply_to=permitted.message_id,
        references=tuple(dict.fromkeys(each for each in ids if each)),
        reply_to=back,
        files=files,
        parent=permitted.case,
        return_path="",
        auto_submitted="auto-replied",
        actor="service:sender",
    )


def _subject(permitted: AutoReplyPermitted, written: str) -> str:
    subject = written or reply_subject(permitted.subject)
    mark = f"[#{permitted.case_number}]"
    if permitted.case_number is None or mark in subject:
        return subject
    return f"{mark} {subject}"

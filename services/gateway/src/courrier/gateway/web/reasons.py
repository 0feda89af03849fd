"""Why something is as it is, in words: the rule of a decision and what met it, as a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from courrier.gateway.domain.access import Person, may_read_record
from courrier.gateway.projections.email_views import EmailView

from .moments import parsed
from .words import Words, noted

Reason = Mapping[str, str | None]

SENTENCES: Mapping[str, str] = {
    "contact-address": noted("{value} ({field}) is an address of this contact."),
    "lead-address": noted("{value} ({field}) is an address of this lead."),
    "account-address": noted("{value} ({field}) is an address of this account."),
    "contact-address-of-several": noted(
        "{value} ({field}) is an address of this contact, and of other records too."
    ),
    "lead-address-of-several": noted(
        "{value} ({field}) is an address of this lead, and of other records too."
    ),
    "account-address-of-several": noted(
        "{value} ({field}) is an address of this account, and of other records too."
    ),
    "account-of-contact": noted("{value} ({field}) belongs to a contact of this account."),
    "account-of-contact-of-several": noted(
        "{value} ({field}) belongs to a contact of this account, and to other records too."
    ),
    "thread-parent": noted("The conversation was linked to it already."),
    "reply-written-here": noted("It is a reply that was written here."),
    "own-message-id": noted("It answers a message that was sent from here."),
    "same-subject": noted("It refers to an earlier message with the same subject."),
    "oldest-reference": noted("It refers to a message that begins a conversation."),
    "starts-thread": noted("It answers nothing: a new conversation."),
    "message-id-taken": noted("Its Message-ID belongs to another message, so it stands alone."),
    "author": noted("You wrote it here."),
    "handed-in": noted("It was handed in by hand."),
    "account-owner": noted("It came to your mailbox {value}."),
    "sent-folder": noted("It was in the Sent folder of your mailbox."),
    "own-address": noted("It was written from your address {value}."),
    "filter": noted("A filter put it here: {field} is “{value}”."),
    "account-folder": noted("Mail from the folder “{value}” of your mailbox is filed here."),
    "answered-before": noted("An answer to it was here already."),
    "by-hand": noted("Somebody linked it by hand."),
    "junk-folder": noted("The mail server put it into its junk folder."),
    "junk-mark": noted("The mail server marked it as junk."),
    "names-both": noted("A message named both conversations, so they are one."),
    "parent-of-answered": noted("It answers a message that is linked to it."),
    "parent-of-named": noted("It refers to a message that is linked to it."),
    "same-ancestor": noted("It refers to the same message as another one here."),
    "own-address-unproven": noted(
        "It bears your address {value}, but nothing proves that you wrote it."
    ),
    "ancestor-came": noted("An earlier message of the conversation arrived."),
    "ancestor-linked": noted("An earlier message of the conversation was linked."),
    "address-assigned": noted("The address {value} was given to a record."),
    "address-released": noted("The address {value} was taken from a record."),
    "records-merged": noted("The record was merged into another one."),
    "record-removed": noted("The record was removed."),
    "decided-at-once": noted("Another message came at the same moment."),
    "answered": noted("Somebody answered."),
    "absent": noted("Whom it was assigned to is away."),
}
OTHER_RULE = noted("By the rule “{rule}”.")
OTHER_RULE_MET = noted("By the rule “{rule}”: {field} is {value}.")

FIELDS: Mapping[str, str] = {
    "from": noted("From"),
    "sender": noted("Sender"),
    "reply_to": noted("Reply-To"),
    "to": noted("To"),
    "cc": noted("Cc"),
    "subject": noted("Subject"),
    "body": noted("Text"),
    "list_id": noted("List"),
    "size": noted("Size"),
    "has_attachment": noted("Has a file"),
}
DECISIONS: Mapping[str, str] = {
    "threaded": noted("Conversation"),
    "linked": noted("Linked to {name}"),
    "filed": noted("Filed into {name}"),
}
FOLDERS: Mapping[str, str] = {
    "inbox": noted("Inbox"),
    "sent": noted("Sent"),
    "archive": noted("Archive"),
    "trash": noted("Trash"),
    "junk": noted("Junk"),
    "important": noted("Important"),
    "snoozed": noted("Snoozed"),
    "all": noted("All mail"),
}


@dataclass(frozen=True, slots=True)
class Decision:
    """One line of 'why is this here?'."""

    at: datetime
    title: str
    because: str


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells reasons in one language; ``mailboxes`` are names by account id."""

    words: Words
    mailboxes: Mapping[str, str]

    def because(self, reason: Reason) -> str:
        """Return the sentence for a reason; an unknown rule is named."""
        rule = str(reason["rule"])
        field, value = reason["field"], reason["value"]
        unknown = OTHER_RULE_MET if field and value else OTHER_RULE
        shown = self.words.text(SENTENCES.get(rule, unknown))
        if field == "account_id" and value is not None:
            value = self.mailboxes.get(value, value)
        name = self.words.text(FIELDS.get(field, field)) if field else ""
        return shown.format(rule=rule, field=name, value=value or "")

    def decisions(self, view: EmailView, person: Person) -> list[Decision]:
        """Return what was decided about an e-mail, as far as this person may know."""
        found: list[tuple[Any, str, str, Reason]] = []
        if view.thread_reason and view.imported_at:
            found.append((view.imported_at, "threaded", "", view.thread_reason))
        found += [
            (link.at, "linked", link.name or link.id, link.reason)
            for link in view.links
            if may_read_record(person, link.access)
        ]
        mine = view.held_by(person)
        if mine:
            found.append((mine.at, "filed", self.folder(mine.folder), mine.reason))
        return [
            Decision(
                parsed(at),
                self.words.text(DECISIONS[kind]).format(name=name),
                self.because(reason),
            )
            for at, kind, name, reason in found
        ]

    def folder(self, name: str) -> str:
        """Return a folder's name."""
        return self.words.text(FOLDERS.get(name, name))

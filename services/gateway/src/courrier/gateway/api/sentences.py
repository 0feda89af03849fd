"""Sentences for what was decided about an e-mail: by each rule, and what came of it.

Placeholders: ``actor`` is who decided, ``name`` what the rule or the record is called now,
``field`` and ``value`` what met the rule. French stands in ``catalogues/fr.po``.
"""

from collections.abc import Mapping

from .words import noted

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
    "group-account": noted("It came to a team account: {value}."),
    "first-of-thread": noted("It is the first message of its conversation."),
    "case-number": noted("Its subject names the case {value}."),
    "case-of-its-own": noted("It is not the business of the case in its conversation."),
    "records-merged": noted("The record was merged into another one."),
    "record-removed": noted("The record was removed."),
    "read-anew": noted("The message was read again, by a better reader."),
    "decided-at-once": noted("Another message came at the same moment."),
    "answered": noted("Somebody answered."),
    "absent": noted("Whom it was assigned to is away."),
    "filter-named": noted("The filter “{name}” put it here: {field} is “{value}”."),
    "by-hand-of": noted("{actor} linked it by hand."),
    "by-hand-unlinked": noted("{actor} took it away by hand."),
    "undo": noted("{actor} undid what was decided before."),
    "own-wish": noted("{actor} did so."),
    "server": noted("It was done in the mailbox, with another mail program."),
    "due": noted("Its time had come."),
    "folder-removed": noted("The folder that it was in was removed."),
    "better-reader": noted("A newer Courrier reads the message better."),
    "administrator": noted("{actor}, an administrator, gave the reason: {value}"),
    "holder": noted("It came to them, too."),
    "written-by-person": noted("A person wrote it."),
    "split": noted("{actor} took it out of the conversation."),
    "merged": noted("{actor} put both conversations together."),
    "case-opened": noted("A case was opened for it."),
    "case-of-thread": noted("A case was opened for the conversation."),
    "is-linked": noted("It is linked to {name}."),
    "kept-by-hand": noted("Somebody said by hand what it is about, and no rule changes that."),
    "junk-links-nothing": noted("Junk is linked to nothing."),
    "only-by-hand": noted("{name} has no address: a conversation or a person links e-mails to it."),
    "record-without-address": noted("{name} has no e-mail address."),
    "no-address-in-common": noted("No address of {name} is in From, Reply-To, To or Cc."),
    "own-people": noted("{value} is an address of our own people, which leads to no record."),
    "another-came-first": noted(
        "{value} ({field}) leads to it with {score} points, but {winner} came first with {points}."
    ),
    "company-first": noted(
        "{value} ({field}) leads to it, but its company comes first: customers are companies here."
    ),
    "id-not-trusted": noted(
        "It names a message of {name}, but under another subject: anybody can write that."
    ),
    "kept-private": noted("Your mailbox is private: readers of {name} learn nothing of it."),
    "kept-as-trace": noted("Your mailbox shows a trace only: readers of {name} may ask you."),
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
    "joined": noted("Two conversations became one"),
    "split": noted("A conversation of its own"),
    "unlinked": noted("No longer linked to {name}"),
    "held": noted("{name} has it, too"),
    "read": noted("Marked read"),
    "unread": noted("Marked unread"),
    "important": noted("Marked important"),
    "unimportant": noted("No longer important"),
    "archived": noted("Archived"),
    "trashed": noted("Moved to the Trash"),
    "restored": noted("Brought back into {name}"),
    "given-up": noted("Deleted from the Trash"),
    "snoozed": noted("Snoozed"),
    "woken": noted("Back in {name}"),
    "reminder-set": noted("Reminder set"),
    "reminder-cleared": noted("Reminder cleared"),
    "reminder-fired": noted("Reminded"),
    "reread": noted("Read anew"),
    "opened": noted("Opened by an administrator"),
    "case-requested": noted("A case was asked for"),
    "not-linked": noted("Not linked to {name}"),
    "shown": noted("Who sees it there"),
}
SOMEBODY = noted("Somebody")
ANOTHER_RECORD = noted("another record")
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

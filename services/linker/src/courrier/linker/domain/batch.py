"""Decide a batch of messages in memory, each one seeing what was decided before it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from courrier.events import subjects
from courrier.events.base import Event, Evidence, Mailbox
from courrier.events.envelope import Recorded
from courrier.events.families.email import (
    SNIPPET_LIMIT,
    AutoReplyPermitted,
    CaseAnswered,
    EmailEvent,
    EmailImported,
    EmailShared,
    Holding,
    MessageSkipped,
)
from courrier.events.families.email_state import ReminderSet
from courrier.events.families.mailbox import MessageReceived
from courrier.events.families.outbound import MessageSent
from courrier.linker.domain.arrivals import Arrival, Message
from courrier.linker.domain.emails import Email, Held, Take, Unknown, decide
from courrier.linker.domain.filing import authentication_of, holder_key, holdings_of
from courrier.linker.domain.filtering import filed, keeps_out, met_at_mailbox
from courrier.linker.domain.filters import Met
from courrier.linker.domain.fitting import fitting
from courrier.linker.domain.group_mail import answered, group_mail, permitted
from courrier.linker.domain.junk import is_junk
from courrier.linker.domain.known import Known, KnownEmail
from courrier.linker.domain.matching import as_said, links_of
from courrier.linker.domain.threads import thread_of
from courrier.linker.domain.words import Words, keys_of_words
from courrier.mail.headers.origin import Verdict
from courrier.mail.replies.reply_text import reply_text

_SNIPPET_SOURCES = (3 * SNIPPET_LIMIT, 8 * SNIPPET_LIMIT)
"""Characters of text that are looked at for a snippet, more only if the fewer do not do."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A new fact about one e-mail, or one message kept out, and the event that caused it."""

    email_id: str
    fact: EmailEvent | MessageSkipped | AutoReplyPermitted | CaseAnswered | ReminderSet
    cause: Recorded[Event]

    @property
    def is_beside(self) -> bool:
        """Whether it stands on a subject of its own and comes with a fact about the e-mail."""
        return isinstance(self.fact, AutoReplyPermitted | CaseAnswered)

    @property
    def subject(self) -> str:
        """Where the fact stands."""
        match self.fact:
            case MessageSkipped(source_id=source_id):
                return subjects.skipped_message(source_id)
            case AutoReplyPermitted():
                return subjects.auto_reply(self.email_id)
            case CaseAnswered():
                return subjects.case_answer(self.email_id)
            case _:
                return subjects.email(self.email_id)


def decide_batch(
    arrivals: Iterable[Arrival], known: Known, *, contact_is_parent: bool = False
) -> list[Decision]:
    """Return the new facts in the order of the messages; none for what is known already.

    ``contact_is_parent``: customers are persons (B2C), so a contact does not stand for its account.
    """
    emails, threads = dict(known.emails), dict(known.threads)
    seen = replace(known, emails=emails, threads=threads)
    decisions = []
    refused = {key for key in known.erased.values() if key}
    for arrival in arrivals:
        if arrival.message_key in refused or _email_id(arrival, seen) in known.erased:
            continue
        is_recalled = arrival.source.id in known.recalled
        if arrival.source.id in known.skipped and not is_recalled:
            continue
        message, met = arrival.message, None
        if isinstance(message, MessageReceived):
            met = met_at_mailbox(message, known.rules, letting_in=is_recalled)
            if met and keeps_out(met):
                skipped = _skipped(arrival, message, met)
                decisions.append(Decision(arrival.source.id, skipped, arrival.source))
                continue
        imported = fitting(_imported(arrival, seen, met, contact_is_parent=contact_is_parent))
        for fact in decide(_state(imported.email_id, seen), Take(imported)):
            decisions.append(Decision(imported.email_id, fact, arrival.source))
            decisions += _started(arrival, fact, imported, seen)
            _note(fact, arrival, emails, threads)
    return decisions


def _started(
    arrival: Arrival, fact: EmailEvent, imported: EmailImported, known: Known
) -> list[Decision]:
    """Return what the message starts beside becoming an e-mail."""
    facts = (
        _reminder(arrival.message, imported.email_id),
        answered(arrival.message, imported, known) if isinstance(fact, EmailImported) else None,
        permitted(fact, imported) if isinstance(fact, EmailImported | EmailShared) else None,
    )
    return [Decision(imported.email_id, each, arrival.source) for each in facts if each]


def _reminder(message: Message, email_id: str) -> ReminderSet | None:
    """Return that the author is to be reminded, as they wanted it when they sent the message."""
    if not isinstance(message, MessageSent) or message.remind_at is None:
        return None
    return ReminderSet(email_id=email_id, person_id=message.author_id, at=message.remind_at)


def _skipped(arrival: Arrival, message: MessageReceived, met: Met) -> MessageSkipped:
    """Return that a filter keeps the message out: nothing of it but where it stood and the rule."""
    return MessageSkipped(
        source_id=arrival.source.id,
        source_sequence=arrival.source.sequence,
        account_id=message.account_id,
        folder=message.folder,
        uidvalidity=message.uidvalidity,
        uid=message.uid,
        message_key=arrival.message_key,
        recovery_s=met.filter.fields.recovery_delay_s,
        reason=Evidence(rule="filter", rule_id=met.filter.filter_id),
    )


def _holdings(arrival: Arrival, known: Known, met: Met | None) -> tuple[Holding, ...]:
    """Return who holds the message, each where filters and the account's settings file it."""
    holdings, message = holdings_of(arrival, known), arrival.message
    if not isinstance(message, MessageReceived):
        return holdings
    return tuple(filed(each, message, known.rules, met) for each in holdings)


def _email_id(arrival: Arrival, known: Known) -> str:
    holder = known.emails.get(arrival.email_id)
    own = isinstance(arrival.message, MessageSent)
    if not own and known.erased.get(arrival.email_id):
        # Another message under the Message-ID of an erased one, or it would have been refused.
        return arrival.other_id
    if own or holder is None or holder.fingerprint in ("", arrival.fingerprint):
        return arrival.email_id
    return arrival.other_id


def _state(email_id: str, known: Known) -> Email:
    found = known.emails.get(email_id)
    return Held(email_id, found.holders) if found else Unknown()


def _imported(
    arrival: Arrival, known: Known, met: Met | None, *, contact_is_parent: bool
) -> EmailImported:
    message = arrival.message
    email_id = _email_id(arrival, known)
    threading = thread_of(arrival, known, imposter=email_id != arrival.email_id)
    holdings = _holdings(arrival, known, met)
    words = _words(arrival, email_id)
    links = as_said(message, links_of(words, known, contact_is_parent=contact_is_parent))
    says = _says(message)
    authentication, server = _authentication(message, known)
    group = group_mail(arrival, holdings, links, known) if known.groups else None
    return EmailImported(
        email_id=email_id,
        source_id=arrival.source.id,
        source_sequence=arrival.source.sequence,
        status=_status(arrival, says, email_id),
        raw=message.raw,
        account_id=says.account_id,
        message_id=message.message_id,
        fingerprint=arrival.fingerprint,
        in_reply_to=message.in_reply_to,
        references=message.references,
        thread_id=threading.thread_id,
        thread_reason=threading.reason,
        subject=message.subject,
        sent_from=message.sent_from,
        reply_to=says.reply_to,
        to=message.to,
        cc=message.cc,
        date=arrival.date,
        snippet=says.snippet,
        attachment_count=message.attachment_count,
        auto_reply=says.auto_reply,
        replies_to=threading.replies_to,
        ancestors=arrival.words.ancestors,
        proven=tuple(sorted(arrival.words.proven)),
        authentication=authentication,
        authenticated_by=server,
        links=() if is_junk(holdings) else links,
        holdings=holdings,
        group=group,
    )


def _status(arrival: Arrival, says: "_Says", email_id: str) -> Literal["sent", "archived"]:
    from_here = says.from_here or (arrival.ours and email_id == arrival.email_id)
    return "sent" if from_here else "archived"


def _authentication(message: Message, known: Known) -> tuple[Verdict, str | None]:
    if isinstance(message, MessageReceived) and message.authentication:
        return authentication_of(message, known)
    return "none", None


@dataclass(frozen=True, slots=True)
class _Says:
    """What a received and a sent message tell in different words."""

    from_here: bool
    account_id: str | None
    snippet: str
    reply_to: tuple[Mailbox, ...] = ()
    auto_reply: bool = False


def _says(message: Message) -> _Says:
    if isinstance(message, MessageSent):
        return _Says(from_here=True, account_id=message.account_id, snippet=message.snippet)
    return _Says(
        from_here=False,
        account_id=None if message.holder_id else message.account_id,
        snippet=snippet_of(message.text),
        reply_to=message.reply_to,
        auto_reply=message.auto_reply,
    )


def snippet_of(text: str) -> str:
    """Return the beginning of what the author newly wrote: a list of quotations tells nothing."""
    snippet = ""
    for chars in _SNIPPET_SOURCES:
        snippet = " ".join(reply_text(text[:chars]).split())[:SNIPPET_LIMIT]
        if len(snippet) == SNIPPET_LIMIT or len(text) <= chars:
            break
    return snippet or " ".join(text[:chars].split())[:SNIPPET_LIMIT]


def _note(
    fact: EmailEvent, arrival: Arrival, emails: dict[str, KnownEmail], threads: dict[int, str]
) -> None:
    if isinstance(fact, EmailImported):
        emails[fact.email_id] = KnownEmail(
            fact.thread_id,
            arrival.subject_key,
            arrival.fingerprint,
            frozenset(map(holder_key, fact.holdings)),
            fact.date,
            next((link.record for link in fact.links if link.parent), None),
        )
        is_own = arrival.email_id == fact.email_id
        keys = arrival.thread_keys if is_own else keys_of_words(_words(arrival, fact.email_id))
        for key in keys:
            threads.setdefault(key, fact.thread_id)
    elif isinstance(fact, EmailShared):
        found = emails[fact.email_id]
        holders = found.holders | set(map(holder_key, fact.holdings))
        emails[fact.email_id] = replace(found, holders=holders)


def _words(arrival: Arrival, email_id: str) -> Words:
    """Return the message's words as those of the e-mail that it becomes."""
    words = arrival.words
    return words if words.email_id == email_id else replace(words, email_id=email_id)

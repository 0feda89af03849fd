"""A message that came or went, with every key under which decisions look things up.

Deriving the keys once, before any look-up, is what makes a batch cost a handful of queries.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from courrier.events.base import Event, Mailbox
from courrier.events.envelope import Recorded
from courrier.events.families.email import EmailImported, EmailReread
from courrier.events.families.mailbox import MessageReceived
from courrier.events.families.outbound import MessageSent
from courrier.events.identity import Identity, email_id_of, own_email_id
from courrier.linker.domain.identity import (
    fingerprint_of,
    imposter_id,
    subject_key_of,
)
from courrier.linker.domain.known import Known
from courrier.linker.domain.words import Party, Words, keys_of_words
from courrier.mail.headers.addresses import match_key
from courrier.mail.headers.subject import base_subject

REFERENCES_READ = 20
"""Newest ids of References that are looked up; the oldest one counts beside them."""
ADDRESSES_READ = 50
"""Addresses of one field that are looked up."""
ADDRESS_CHARS = 320
"""Longer ones are rubbish: 64 octets, ``@``, 255 octets (RFC 5321 section 4.5.3.1)."""

Message = MessageReceived | MessageSent


@dataclass(frozen=True, slots=True)
class Reference:
    """An id in In-Reply-To or References; ``signed``: we made it, so nobody guessed it."""

    field: str
    message_id: str
    email_id: str
    signed: bool


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message to decide about.

    ``email_id`` is its id unless a different message has it, then ``other_id`` is. ``ours``: sent
    from here, proven by its signed Message-ID. ``references`` begin with In-Reply-To, then those
    of References from the newest on. ``provisional_thread`` is where it belongs as long as none of
    them is known. ``words`` are those of ``email_id``, ``thread_keys`` theirs.
    ``message_key`` is what copies of it are recognised by once it was erased.
    """

    source: Recorded[Event]
    message: Message
    email_id: str
    identity: Identity
    ours: bool
    fingerprint: str
    message_key: str
    subject_key: str
    references: tuple[Reference, ...]
    root: Reference | None
    provisional_thread: str
    words: Words
    thread_keys: tuple[int, ...]

    @property
    def other_id(self) -> str:
        """What its id is if ``email_id`` is another message's: rarely asked, so made when it is."""
        named = self.message.message_id or self.email_id
        return imposter_id(named, self.fingerprint, self.identity)

    @property
    def date(self) -> datetime:
        """When it was written, else when the server got it, else when we did."""
        return self.words.date

    @property
    def written_by(self) -> str | None:
        """The From address as compared with others."""
        first = self.words.parties[0] if self.words.parties else None
        return first.address if first and first.field == "from" else None


@dataclass(frozen=True, slots=True)
class Keys:
    """All that a batch needs to know about, each key once."""

    email_ids: frozenset[str]
    thread_keys: frozenset[int]
    addresses: frozenset[str]
    account_ids: frozenset[str]
    message_keys: frozenset[str] = frozenset()
    source_ids: frozenset[str] = frozenset()


NO_KEYS = Keys(frozenset(), frozenset(), frozenset(), frozenset())


def arrival_of(source: Recorded[Event], identity: Identity) -> Arrival | None:
    """Return the message in an event; None for an event that brings none, or a notice of ours."""
    message = source.event
    if not isinstance(message, MessageReceived | MessageSent):
        return None
    if isinstance(message, MessageSent) and message.is_notice:
        return None
    email_id, ours = _identify(message, identity)
    references = _references(message, identity)
    root = _root(message, references, identity)
    fingerprint = fingerprint_of(message.sent_from, message.date, message.subject)
    words = _words(source, message, email_id, references, root)
    oldest = root.message_id if root else message.message_id or email_id
    return Arrival(
        source=source,
        message=message,
        email_id=email_id,
        identity=identity,
        ours=ours,
        fingerprint=fingerprint,
        message_key=identity.erased_message(message.message_id or message.raw.digest, fingerprint),
        subject_key=words.subject_key,
        references=references,
        root=root,
        provisional_thread=identity.thread_of(oldest, base_subject(message.subject or "")),
        words=words,
        thread_keys=tuple(keys_of_words(words)),
    )


def keys_of(arrivals: list[Arrival]) -> Keys:
    """Return everything that deciding about these messages asks for."""
    ids = {a.email_id for a in arrivals}
    ids |= {ancestor for a in arrivals for ancestor in a.words.ancestors}
    return Keys(
        email_ids=frozenset(ids),
        thread_keys=frozenset(key for a in arrivals for key in a.thread_keys),
        addresses=frozenset(party.address for a in arrivals for party in a.words.parties),
        account_ids=frozenset(a.message.account_id for a in arrivals),
        message_keys=frozenset(a.message_key for a in arrivals),
        source_ids=frozenset(a.source.id for a in arrivals),
    )


def others_of(arrivals: list[Arrival], known: Known) -> Keys:
    """Return the ids of messages whose Message-ID is another one's: looked up when they are met."""
    first: dict[str, str] = {}
    others = set()
    for each in arrivals:
        held = known.emails.get(each.email_id)
        mark = held.fingerprint if held else first.setdefault(each.email_id, each.fingerprint)
        if known.erased.get(each.email_id) or mark not in ("", each.fingerprint):
            others.add(each.other_id)
    return replace(NO_KEYS, email_ids=frozenset(others))


def replied_of(message: Message) -> str | None:
    """Return the e-mail that our user pressed 'reply' on, if that is how the message was made."""
    return message.replies_to if isinstance(message, MessageSent) else None


def _identify(message: Message, identity: Identity) -> tuple[str, bool]:
    if isinstance(message, MessageSent):
        return message.email_id, True
    if not message.message_id:
        return identity.email_of_bytes(message.raw.digest), False
    own = own_email_id(message.message_id, identity)
    return own or identity.email_of(message.message_id), own is not None


def _references(message: Message, identity: Identity) -> tuple[Reference, ...]:
    newest_first = reversed(message.references[-REFERENCES_READ:])
    named = [("references", each) for each in newest_first if each != message.in_reply_to]
    if message.in_reply_to:
        named.insert(0, ("in_reply_to", message.in_reply_to))
    if isinstance(message, MessageReceived) and message.reports_on:
        named.insert(0, ("reports_on", message.reports_on))  # bounces name it nowhere else
    return tuple(
        _reference(field, each, identity) for field, each in named if each != message.message_id
    )


def _reference(field: str, message_id: str, identity: Identity) -> Reference:
    own = own_email_id(message_id, identity)
    return Reference(field, message_id, own or identity.email_of(message_id), own is not None)


def _root(
    message: Message, references: tuple[Reference, ...], identity: Identity
) -> Reference | None:
    """Return the oldest ancestor that the message names; it need not be among those looked up."""
    if message.references and message.references[0] != message.message_id:
        oldest = message.references[0]
        return Reference("references", oldest, email_id_of(oldest, identity), signed=False)
    return references[0] if references else None


def _words(
    source: Recorded[Event],
    message: Message,
    email_id: str,
    references: tuple[Reference, ...],
    root: Reference | None,
) -> Words:
    replied = replied_of(message)
    received = message.received_at if isinstance(message, MessageReceived) else None
    named = [reference.email_id for reference in references]
    ancestors = dict.fromkeys([*([replied] if replied else []), *named])
    if root:
        ancestors.setdefault(root.email_id)
    ancestors.pop(email_id, None)
    signed = {reference.email_id for reference in references if reference.signed}
    return Words(
        email_id,
        subject_key_of(message.subject),
        message.date or received or source.time,
        tuple(parties_of(message)),
        tuple(ancestors),
        frozenset(signed | ({replied} if replied else set())) - {email_id},
    )


def words_of(event: EmailImported) -> Words:
    """Return what an e-mail on the log says of itself."""
    return Words(
        event.email_id,
        subject_key_of(event.subject),
        event.date,
        tuple(parties_of(event)),
        event.ancestors,
        frozenset(event.proven),
    )


def parties_of(message: Message | EmailImported | EmailReread) -> list[Party]:
    """Return whom a message names, in the order in which a record is looked for."""
    reply_to = () if isinstance(message, MessageSent) else message.reply_to
    fields: tuple[tuple[str, tuple[Mailbox, ...]], ...] = (
        ("from", (message.sent_from,) if message.sent_from else ()),
        ("reply_to", reply_to),
        ("to", message.to),
        ("cc", message.cc),
    )
    return [
        Party(field, match_key(mailbox.address))
        for field, mailboxes in fields
        for mailbox in mailboxes[:ADDRESSES_READ]
        if comparable(mailbox.address)
    ]


def comparable(address: str) -> bool:
    """Whether an address can be one: of a possible length, no controls, no lone surrogates.

    PostgreSQL takes neither U+0000 nor surrogates, and one message must not stop the others.
    """
    return 0 < len(address) <= ADDRESS_CHARS and address.isprintable()

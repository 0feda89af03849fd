"""What there is to erase, told by the log alone; pure, so that looking changes nothing.

A ``Search`` is shown every event, in passes, until it finds no more: an e-mail leads to the
messages it came from and these to their copies. What a half-done erasure left behind is found
whatever is searched for, since the tombstones tell.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from courrier.events.base import RecordRef
from courrier.events.erasure.matching import (
    Body,
    comparable,
    copy_key,
    digests_in,
    is_cut,
    parties,
)
from courrier.events.families import crm, email, mailbox, outbound, settings

PERSONS = ("contact", "lead")
"""Record types that are a person: erased whole, where others only lose the address."""
RECORD_STATES = (crm.RecordCreated.TYPE, crm.RecordChanged.TYPE)
"""Facts that say all of a record's fields."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One event as it stands in a stream; ``body`` is its JSON, empty if it is damaged."""

    stream: str
    sequence: int
    subject: str
    type: str
    id: str
    body: Body
    raw: bytes

    @property
    def last_token(self) -> str:
        """The aggregate's own id."""
        return self.subject.rpartition(".")[2]

    @property
    def email_id(self) -> str:
        """The e-mail (or conversation) of an event about one, whatever part of it that is of."""
        first, *rest = self.subject.split(".")[2:]
        return rest[0] if first == "thread" and rest else first


@dataclass(frozen=True, slots=True)
class Target:
    """An address, or an e-mail by its id."""

    text: str

    @property
    def is_address(self) -> bool:
        """Whether it is an address."""
        return "@" in self.text

    @property
    def key(self) -> str:
        """The target as it is compared."""
        return comparable(self.text) if self.is_address else self.text


@dataclass(frozen=True, slots=True)
class Plan:
    """What is left to erase. ``records`` are erased whole or (False) lose the address only.

    ``refusals`` are keys of erased messages that mailboxes would still take in. ``mentions``
    counts events of other people's mail in whose text the address stands; they stay.
    """

    emails: tuple[str, ...] = ()
    outbound: tuple[str, ...] = ()
    received: tuple[int, ...] = ()
    refusals: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    records: tuple[tuple[RecordRef, bool], ...] = ()
    blobs: tuple[str, ...] = ()
    sequences: dict[str, tuple[int, ...]] = field(default_factory=dict)
    mentions: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left to do."""
        return not any(self.counts.values())

    @property
    def counts(self) -> dict[str, int]:
        """How much of each kind."""
        return {
            "emails": len(self.emails),
            "outbound": len(self.outbound),
            "received": len(self.received),
            "refusals": len(self.refusals),
            "addresses": len(self.addresses),
            "records": len(self.records),
            "blobs": len(self.blobs),
            "events": sum(len(found) for found in self.sequences.values()),
        }


MESSAGES = (mailbox.MessageReceived.TYPE, mailbox.MessageReread.TYPE)
"""Events that hold what a message says."""


class Search:
    """Finds what holds a target; show it every event of ``STREAMS``, pass after pass."""

    STREAMS = ("SETTINGS", "EMAIL", "OUTBOUND", "MAILBOX", "CRM")

    def __init__(self, target: Target, *, with_records: bool = True) -> None:
        self._target = target
        self._with_records = with_records
        self.needle = target.key.encode() if target.is_address else b""
        """The address as it stands in bytes, in lower case."""
        self.ours: set[str] = set()
        """Whose address it is, if it is one of our own: ``user:<id>`` or ``account:<id>``."""
        self._emails: set[str] = set() if target.is_address else {target.text}
        self._sources: set[str] = set()
        self._copies: set[tuple[str, str]] = set()
        self._in_bytes: set[int] = set()
        self._sequences: dict[str, set[int]] = defaultdict(set)
        self._ids: dict[str, set[str]] = defaultdict(set)
        self._found_blobs: set[str] = set()
        self._kept_blobs: set[str] = set()
        self._keys: dict[str, bool] = {}
        self._addresses: set[str] = set()
        self._records: dict[str, tuple[RecordRef, bool]] = {}
        self._mentions: set[tuple[str, int]] = set()

    @property
    def size(self) -> int:
        """How much is known; a pass that does not change it was the last one."""
        found = sum(map(len, self._sequences.values()))
        return found + len(self._emails) + len(self._sources) + len(self._copies)

    def wants_bytes(self, seen: Seen) -> bool:
        """Tell whether only the message's bytes show all its recipients."""
        is_message = seen.type in MESSAGES and self._target.is_address
        return is_message and is_cut(seen.body) and not self._is_party(seen)

    def found_in_bytes(self, seen: Seen) -> None:
        """Take in that the message's bytes name the target."""
        self._in_bytes.add(seen.sequence)

    def begin_pass(self) -> None:
        """Forget what only the last pass over everything can tell."""
        self._kept_blobs.clear()
        self._mentions.clear()

    def show(self, seen: Seen) -> None:
        """Take in one event."""
        match seen.stream:
            case "SETTINGS":
                self._show_settings(seen)
            case "EMAIL":
                self._show_aggregate(seen, email.EmailErased.TYPE)
            case "OUTBOUND":
                self._show_aggregate(seen, outbound.OutboundErased.TYPE)
            case "MAILBOX":
                self._show_mailbox(seen)
            case _:
                self._show_crm(seen)

    def plan(self) -> Plan:
        """Return what is left to erase, as far as everything was shown."""
        return Plan(
            emails=tuple(sorted(self._ids["EMAIL"])),
            outbound=tuple(sorted(self._ids["OUTBOUND"])),
            received=tuple(sorted(self._sequences["MAILBOX"])),
            refusals=tuple(sorted(key for key, is_refused in self._keys.items() if not is_refused)),
            addresses=tuple(sorted(self._addresses)),
            records=tuple(self._records[key] for key in sorted(self._records)),
            blobs=tuple(sorted(self._found_blobs - self._kept_blobs)),
            sequences={s: tuple(sorted(found)) for s, found in self._sequences.items() if found},
            mentions=len(self._mentions),
        )

    def _is_party(self, seen: Seen) -> bool:
        if not self._target.is_address:
            return False
        written = seen.body.get("fields") if seen.stream == "OUTBOUND" else None
        return self._target.key in parties(seen.body) | parties(written or {})

    def _show_settings(self, seen: Seen) -> None:
        added = (settings.UserAdded.TYPE, settings.EmailAccountAdded.TYPE)
        if seen.type in added and self._is_party(seen):
            kind, name = seen.subject.split(".")[2:4]
            self.ours.add(f"{kind}:{name}")

    def _show_aggregate(self, seen: Seen, tombstone: str) -> None:
        """Take in an event on an e-mail's subject, of ``EMAIL`` or ``OUTBOUND``."""
        email_id = seen.email_id
        if seen.type == tombstone:
            self._emails.add(email_id)
            if key := seen.body.get("message_key"):
                self._keys.setdefault(str(key), False)
            return
        source = seen.body.get("source_id")
        if email_id in self._emails or source in self._sources or self._is_party(seen):
            self._emails.add(email_id)
            self._sources |= {seen.id, str(source)} if source else {seen.id}
            self._note_copy(seen)
            self._ids[seen.stream].add(email_id)
            self._take(seen)
        else:
            self._leave(seen)

    def _show_mailbox(self, seen: Seen) -> None:
        if seen.type == mailbox.MessageErased.TYPE:
            self._keys[str(seen.body.get("message_key"))] = True
            self._sources.update(map(str, seen.body.get("source_ids") or ()))
        elif seen.type in MESSAGES:
            if self._is_one_of_them(seen):
                self._sources |= {seen.id, str(seen.body.get("source_id") or seen.id)}
                self._note_copy(seen)
                self._take(seen)
            else:
                self._leave(seen)
        else:
            self._leave(seen)

    def _is_one_of_them(self, seen: Seen) -> bool:
        known = {seen.id, seen.body.get("source_id")} & self._sources
        if known or seen.sequence in self._in_bytes or self._is_party(seen):
            return True
        return copy_key(seen.body) in self._copies

    def _note_copy(self, seen: Seen) -> None:
        if key := copy_key(seen.body):
            self._copies.add(key)

    def _show_crm(self, seen: Seen) -> None:
        if not (self._target.is_address and self._with_records):
            return
        if seen.type in {crm.AddressAssigned.TYPE, crm.AddressReleased.TYPE}:
            if self._is_party(seen):
                self._addresses.add(seen.last_token)
                self._take(seen)
        elif seen.type in RECORD_STATES:
            self._show_record(seen)

    def _show_record(self, seen: Seen) -> None:
        ref = RecordRef.model_validate(seen.body["record"])
        if self._target.key in parties(seen.body.get("fields") or {}):
            self._records[seen.subject] = (ref, ref.type in PERSONS)
            self._take(seen)
        elif known := self._records.get(seen.subject):
            # It had the address once and has it no longer: the person is somebody else now.
            self._records[seen.subject] = (known[0], False)

    def _take(self, seen: Seen) -> None:
        self._sequences[seen.stream].add(seen.sequence)
        self._found_blobs |= digests_in(seen.body)

    def _leave(self, seen: Seen) -> None:
        self._kept_blobs |= digests_in(seen.body)
        if self.needle and self.needle in seen.raw.lower():
            self._mentions.add((seen.stream, seen.sequence))

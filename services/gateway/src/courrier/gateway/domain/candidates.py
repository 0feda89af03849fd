"""Which records an e-mail might have been linked to, with scores, and why it is not at one of them.

A score says how the linker ranks what leads to a record: an ancestor answered beyond doubt before
one that is merely named, then addresses in the order From, Reply-To, To, Cc, of one address the
contact before the account before the lead.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from courrier.events.base import RecordRef

PROVEN, NAMED = 100, 90
FIELD_SCORES: Mapping[str, int] = {"from": 80, "reply_to": 70, "to": 60, "cc": 50}
TYPE_STEPS: Mapping[str, int] = {"contact": 0, "account": 1, "lead": 2}
WITH_ADDRESSES = frozenset(TYPE_STEPS)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that something leads to: by which rule, by which value of which field."""

    record: RecordRef
    rule: str
    field: str
    value: str
    score: int


@dataclass(frozen=True, slots=True)
class Ancestor:
    """An e-mail that this one names, and its parent; one under another subject proves nothing."""

    email_id: str
    parent: RecordRef
    is_proven: bool
    is_trusted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What is known: addresses by field in their order, whose they are, and the e-mail's links.

    ``owners`` are records by address, each with its company; ``own`` addresses of our own people.
    """

    parties: Sequence[tuple[str, str]]
    owners: Mapping[str, Sequence[tuple[RecordRef, str | None]]]
    own: frozenset[str] = frozenset()
    ancestors: Sequence[Ancestor] = ()
    links: Sequence[RecordRef] = ()
    is_kept: bool = False
    is_junk: bool = False


@dataclass(frozen=True, slots=True)
class Why:
    """The rule by which it is not there; ``winner`` is what came first."""

    rule: str
    field: str | None = None
    value: str | None = None
    candidate: Candidate | None = None
    winner: Candidate | None = None


@dataclass(frozen=True, slots=True)
class About:
    """The record that is asked about, and the addresses it has."""

    record: RecordRef
    addresses: frozenset[str] = field(default_factory=frozenset)


def candidates(situation: Situation) -> list[Candidate]:
    """Return what leads to records, best first; each record once, by its best way."""
    found = [*_by_ancestors(situation), *_by_addresses(situation)]
    best: dict[RecordRef, Candidate] = {}
    for each in sorted(found, key=lambda each: (-each.score, each.record.type, each.record.id)):
        best.setdefault(each.record, each)
    return list(best.values())


def why_not(situation: Situation, about: About) -> Why:
    """Return why the e-mail is not at a record; rule ``is-linked`` where it is."""
    if about.record in situation.links:
        return Why("is-linked")
    if situation.is_kept:
        return Why("kept-by-hand")
    if situation.is_junk:
        return Why("junk-links-nothing")
    ranked = candidates(situation)
    mine = next((each for each in ranked if each.record == about.record), None)
    if mine is None:
        return _no_way(situation, about)
    winner = next((each for each in ranked if each.record in situation.links), ranked[0])
    is_its_company = winner.rule == "account-of-contact" and winner.value == mine.value
    if is_its_company and mine.rule == "contact-address":
        return Why("company-first", mine.field, mine.value, mine, winner)
    return Why("another-came-first", mine.field, mine.value, mine, winner)


def _no_way(situation: Situation, about: About) -> Why:
    untrusted = (a for a in situation.ancestors if not a.is_trusted and a.parent == about.record)
    if (ancestor := next(untrusted, None)) is not None:
        return Why("id-not-trusted", "email_id", ancestor.email_id)
    if about.record.type not in WITH_ADDRESSES:
        return Why("only-by-hand")
    if not about.addresses:
        return Why("record-without-address")
    for name, address in situation.parties:
        if address in about.addresses and address in situation.own:
            return Why("own-people", name, address)
    return Why("no-address-in-common")


def _by_ancestors(situation: Situation) -> list[Candidate]:
    return [
        Candidate(
            each.parent,
            "parent-of-answered" if each.is_proven else "parent-of-named",
            "email_id",
            each.email_id,
            PROVEN if each.is_proven else NAMED,
        )
        for each in situation.ancestors
        if each.is_trusted
    ]


def _by_addresses(situation: Situation) -> list[Candidate]:
    found = []
    for name, address in situation.parties:
        owners = () if address in situation.own else situation.owners.get(address, ())
        for record, company in owners:
            score = FIELD_SCORES.get(name, 0) - TYPE_STEPS.get(record.type, 3)
            found.append(Candidate(record, f"{record.type}-address", name, address, score))
            if record.type == "contact" and company:
                account = RecordRef(type="account", id=company)
                found.append(Candidate(account, "account-of-contact", name, address, score))
    return found

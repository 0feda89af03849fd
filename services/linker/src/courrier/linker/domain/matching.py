"""Which records an e-mail concerns, and by what it is known.

The nearest ancestor that has a record gives it on: one that the answer names beyond doubt, or an
older one of the same base subject that is not another customer's than who writes, because anybody
can write any id into a header. Else the first address with a record counts,
looked for in From, Reply-To, To and Cc. Our own people's addresses lead nowhere, so that sent mail
finds its recipient. A contact stands for its account where customers are companies: the account is
the parent and the contact is linked beside it. Where customers are persons the contact is the
parent.
"""

from functools import lru_cache

from courrier.events.base import Evidence, RecordRef
from courrier.events.families.email import Link
from courrier.events.families.mailbox import MessageReceived
from courrier.events.families.outbound import MessageSent
from courrier.linker.domain.known import Known, KnownEmail, Owner
from courrier.linker.domain.words import Party, Words

_ORDER = {"contact": 0, "account": 1, "lead": 2}
"""Whom an address means when several records have it; the others come after, then by id."""
_CUSTOMERS = frozenset({"contact", "account", "lead"})


def links_of(words: Words, known: Known, *, contact_is_parent: bool) -> tuple[Link, ...]:
    """Return the parent first, then what is linked beside it; empty if nothing is known."""
    by_address = _by_address(words, known, contact_is_parent=contact_is_parent)
    inherited = _inherited(words, known)
    if inherited is None:
        return by_address
    beside = (
        Link(record=link.record, reason=link.reason)
        for link in by_address
        if link.record != inherited.record and link.record.type != "account"
    )
    return (inherited, *beside)


def as_said(message: MessageReceived | MessageSent, links: tuple[Link, ...]) -> tuple[Link, ...]:
    """Return the links with what the author says it is about as the parent: people come first."""
    said = message.parent if isinstance(message, MessageSent) else None
    if said is None:
        return links
    reason = Evidence(rule="by-hand", field=said.type, value=said.id)
    beside = (Link(record=each.record, reason=each.reason) for each in links if each.record != said)
    return (Link(record=said, parent=True, reason=reason), *beside)


def _inherited(words: Words, known: Known) -> Link | None:
    for ancestor in words.ancestors:
        found = known.emails.get(ancestor)
        if found is None or found.parent is None:
            continue
        if ancestor in words.proven:
            return _given_on(found.parent, "parent-of-answered", ancestor)
        if not _is_older(ancestor, found, words):
            continue
        if found.subject_key == words.subject_key and not _is_others(found.parent, words, known):
            return _given_on(found.parent, "parent-of-named", ancestor)
    return None


def _given_on(parent: RecordRef, rule: str, ancestor: str) -> Link:
    reason = Evidence(rule=rule, field="email_id", value=ancestor)
    return Link(record=parent, parent=True, reason=reason)


def _is_older(email_id: str, found: KnownEmail, words: Words) -> bool:
    """Whether it was written before: else two that name each other gave records on for ever."""
    return found.date is not None and (found.date, email_id) < (words.date, words.email_id)


def _is_others(parent: RecordRef, words: Words, known: Known) -> bool:
    """Whether a record is one customer's and who writes is another one, as far as that is known."""
    first = words.parties[0] if words.parties else None
    if first is None or first.field != "from" or first.address in known.people:
        return False
    theirs = _customers(parent, known)
    writers = {each for owner in known.owners.get(first.address, ()) for each in _both(owner)}
    return bool(theirs and writers) and not theirs & writers


def _customers(record: RecordRef, known: Known) -> set[tuple[str, str]]:
    """Return the customers that a record is or belongs to; empty where that is not known."""
    account_id = known.accounts_of.get(record)
    own = {(record.type, record.id)} if record.type in _CUSTOMERS else set()
    return own | ({("account", account_id)} if account_id else set())


def _both(owner: Owner) -> tuple[tuple[str, str], ...]:
    own = (owner.record.type, owner.record.id)
    return (own, ("account", owner.account_id)) if owner.account_id else (own,)


def _by_address(words: Words, known: Known, *, contact_is_parent: bool) -> tuple[Link, ...]:
    for party in words.parties:
        owners = () if party.address in known.people else known.owners.get(party.address, ())
        if owners:
            return _links(party, owners, contact_is_parent=contact_is_parent)
    return ()


@lru_cache(maxsize=4096)
def _links(party: Party, owners: tuple[Owner, ...], *, contact_is_parent: bool) -> tuple[Link, ...]:
    owner = min(owners, key=_rank)
    record = owner.record
    reason = _reason(f"{record.type}-address", party, len(owners))
    if record.type != "contact" or owner.account_id is None:
        return (Link(record=record, parent=True, reason=reason),)
    account = RecordRef(type="account", id=owner.account_id)
    of_contact = _reason("account-of-contact", party, len(owners))
    links = (
        Link(record=account, parent=not contact_is_parent, reason=of_contact),
        Link(record=record, parent=contact_is_parent, reason=reason),
    )
    return links[::-1] if contact_is_parent else links


def _rank(owner: Owner) -> tuple[int, str, str]:
    record = owner.record
    return (_ORDER.get(record.type, len(_ORDER)), record.type, record.id)


def _reason(rule: str, party: Party, candidates: int) -> Evidence:
    """Say so when the address meant several records and their order decided."""
    name = rule if candidates == 1 else f"{rule}-of-several"
    return Evidence(rule=name, field=party.field, value=party.address)

"""Which records an e-mail concerns, and by what it is known.

The nearest ancestor that has a record gives it on: one that the answer names beyond doubt, or an
older one of the same base subject that is not another customer's than who writes, because anybody
can write any id into a header. Else the first address with a record counts,
looked for in From, Reply-To, To and Cc. Our own people's addresses lead nowhere, so that sent mail
finds its recipient. A contact stands for its account where customers are companies: the account is
the parent and the contact is linked beside it. Where customers are persons the contact is the
parent.
"""

from courrier.events.base import Evidence, RecordRef
from courrier.events.families.email import Link
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


def _inherited(words: Words, known: Known) -> Link | None:
    sender = _customers_of_sender(words, known)
    for ancestor in words.ancestors:
        found = known.emails.get(ancestor)
        if found is None or found.parent is None:
            continue
        if ancestor in words.proven:
            return _given_on(found.parent, "parent-of-answered", ancestor)
        if not _is_older(ancestor, found, words):
            continue
        theirs = _customers(found.parent, known)
        is_others = sender and theirs and not sender & theirs
        if found.subject_key == words.subject_key and not is_others:
            return _given_on(found.parent, "parent-of-named", ancestor)
    return None


def _given_on(parent: RecordRef, rule: str, ancestor: str) -> Link:
    reason = Evidence(rule=rule, field="email_id", value=ancestor)
    return Link(record=parent, parent=True, reason=reason)


def _is_older(email_id: str, found: KnownEmail, words: Words) -> bool:
    """Whether it was written before: else two that name each other gave records on for ever."""
    return found.date is not None and (found.date, email_id) < (words.date, words.email_id)


def _customers_of_sender(words: Words, known: Known) -> frozenset[RecordRef]:
    """Return whom the writer of the message is for us, with their accounts."""
    first = words.parties[0] if words.parties else None
    if first is None or first.field != "from" or first.address in known.people:
        return frozenset()
    owners = known.owners.get(first.address, ())
    return frozenset(each for owner in owners for each in _with_account(owner))


def _customers(record: RecordRef, known: Known) -> frozenset[RecordRef]:
    """Return the customers that a record is or belongs to; empty where that is not known."""
    account_id = known.accounts_of.get(record)
    own = {record} if record.type in _CUSTOMERS else set()
    return frozenset(own | ({RecordRef(type="account", id=account_id)} if account_id else set()))


def _with_account(owner: Owner) -> tuple[RecordRef, ...]:
    if owner.account_id is None:
        return (owner.record,)
    return (owner.record, RecordRef(type="account", id=owner.account_id))


def _by_address(words: Words, known: Known, *, contact_is_parent: bool) -> tuple[Link, ...]:
    for party in words.parties:
        owners = () if party.address in known.people else known.owners.get(party.address, ())
        if owners:
            return _links(party, owners, contact_is_parent=contact_is_parent)
    return ()


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

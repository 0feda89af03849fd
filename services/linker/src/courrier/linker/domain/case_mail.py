"""Which case an e-mail to a group account belongs to: one there is, or a new one.

The first message of a conversation opens a case, later ones join it, and ``[#7]`` in a subject
finds the case of that number. Nothing of this lets a stranger into a customer's case: whoever is
known as another customer than the case's gets a case of their own, and a number alone, which
anybody can write, counts only for who is a party to that case already, or its customer's.
"""

import re
from dataclasses import dataclass, field

from courrier.events.base import Evidence, RecordRef
from courrier.events.families.email import Link
from courrier.mail.headers.origin import Verdict

_TAG = re.compile(r"\[#(\d{1,15})(?:[^\d\]][^\]]{0,60})?\]")


@dataclass(frozen=True, slots=True)
class Writer:
    """Who wrote the e-mail, as far as known.

    ``customers`` are the CRM records, by type and id, that have the From address, and their
    accounts; ``is_ours``: one of our own people. ``verdict`` is the receiving server's.
    """

    customers: frozenset[tuple[str, str]] = frozenset()
    is_ours: bool = False
    verdict: Verdict = "none"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A case that the e-mail may belong to.

    ``is_party``: the From address stands in mail of the case. ``is_proven``: the e-mail answers
    mail of the case beyond doubt. ``customers`` are those whose the case is.
    """

    case: RecordRef
    is_party: bool = False
    is_proven: bool = False
    customers: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Claimed:
    """A request that stands under a claim; ``case`` as soon as there is one, unless it is gone.

    ``is_opened``: the gateway met it. ``is_settled``: its e-mail has its case, or needs none any
    more, and nothing is to be waited for.
    ``request_id`` is its event's, ``sequence`` where that stands: whoever asks again has seen it.
    ``user_id`` is whose the case is.
    """

    claim: str
    email_id: str
    request_id: str
    sequence: int
    is_opened: bool = False
    is_settled: bool = False
    case: RecordRef | None = None
    number: int | None = None
    user_id: str | None = None


@dataclass(frozen=True, slots=True)
class CaseMail:
    """An e-mail without a verdict, and what there is to decide on."""

    email_id: str
    thread_id: str
    account_id: str = ""
    number: int | None = None
    of_thread: Candidate | None = None
    of_number: Candidate | None = None
    claimed: tuple[Claimed, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Attach:
    """It belongs to this case; ``opened`` is the request by which the case was opened for it."""

    case: RecordRef
    because: Evidence
    opened: Claimed | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """A case is to be opened for it, under ``claim``, whose last request stands at ``expected``."""

    claim: str
    because: Evidence
    expected: int = 0


@dataclass(frozen=True, slots=True)
class Wait:
    """A case that was asked for is not there yet."""


def number_in(subject: str | None) -> int | None:
    """Return the number of the first tag of a case in a subject."""
    found = _TAG.search((subject or "")[:2_000])
    return int(found.group(1)) if found else None


def verdict_on(mail: CaseMail, writer: Writer) -> Attach | Ask | Wait:
    """Return what becomes of the e-mail now."""
    own = next((each for each in mail.claimed if each.email_id == mail.email_id), None)
    if own is not None and own.case is not None:
        because = Evidence(rule="case-opened", field="number", value=f"#{own.number}")
        return Attach(own.case, because, own)
    if own is not None and not own.is_opened:
        return Wait()
    thread = mail.of_thread
    if thread is not None and _may_join(thread, writer):
        because = Evidence(rule="case-of-thread", field="thread_id", value=mail.thread_id)
        return Attach(thread.case, because)
    numbered = mail.of_number
    if numbered is not None and _is_plausible(numbered, writer):
        because = Evidence(rule="case-number", field="subject", value=f"#{mail.number}")
        return Attach(numbered.case, because)
    return _ask(mail)


def _ask(mail: CaseMail) -> Ask | Wait:
    """Ask under the conversation's name, unless a case stands there that is not for this e-mail."""
    because = Evidence(rule="first-of-thread", field="thread_id", value=mail.thread_id)
    others = [each for each in mail.claimed if each.claim != mail.email_id]
    if any(each.email_id != mail.email_id and not each.is_settled for each in others):
        return Wait()
    if not any(each.case for each in others):
        last = next((each.sequence for each in others if each.claim == mail.thread_id), 0)
        return Ask(mail.thread_id, because, last)
    own = next((each.sequence for each in mail.claimed if each.claim == mail.email_id), 0)
    return Ask(mail.email_id, Evidence(rule="case-of-its-own", field="from"), own)


def _may_join(case: Candidate, writer: Writer) -> bool:
    """Whether mail of a conversation may join its case: not another customer's, unless proven."""
    if case.is_proven or case.is_party:
        return True
    is_others = case.customers and writer.customers and not case.customers & writer.customers
    return writer.is_ours or not is_others


def _is_plausible(case: Candidate, writer: Writer) -> bool:
    """Whether a number is this writer's to name: an address that is forged names none."""
    if case.is_proven:
        return True
    if writer.verdict == "fail":
        return False
    if writer.is_ours:
        return writer.verdict == "pass"
    return case.is_party or bool(case.customers & writer.customers)


def with_case(links: tuple[Link, ...], case: RecordRef, because: Evidence) -> tuple[Link, ...]:
    """Return the links with the case as what people see first."""
    others = (link.model_copy(update={"parent": False}) for link in links if link.record != case)
    return (Link(record=case, parent=True, reason=because), *others)

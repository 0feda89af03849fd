"""Why an e-mail is not at a record: what leads to it, what came first, who would see it there."""

from dataclasses import dataclass
from datetime import datetime

from courrier.events.base import Evidence, RecordRef
from courrier.events.families.email import EmailImported, EmailLinked
from courrier.gateway.domain.access import Person
from courrier.gateway.domain.candidates import (
    About,
    Ancestor,
    Candidate,
    Situation,
    Why,
    candidates,
    why_not,
)
from courrier.gateway.projections import evidence
from courrier.gateway.projections.email_views import EmailView
from courrier.gateway.projections.evidence import AncestorRow
from courrier.gateway.projections.records import RecordRow
from courrier.mail.headers.addresses import match_key
from courrier.mail.headers.subject import base_subject

from .readings import Reading

SERVICE = "service:gateway"
KEPT = {"private": "kept-private", "trace": "kept-as-trace"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """One line on an e-mail and a record; ``candidates`` are those that the caller may read."""

    at: datetime
    decision: str
    why: Why
    record: RecordRef
    candidates: tuple[Candidate, ...] = ()
    winner_is_known: bool = True
    actor: str = SERVICE
    decision_id: str = ""

    @property
    def reason(self) -> Evidence:
        """The rule and what met it."""
        return Evidence(rule=self.why.rule, field=self.why.field, value=self.why.value)

    @property
    def named(self) -> tuple[str, ...]:
        """Ids whose names are told."""
        return ()


async def absence(reading: Reading, row: RecordRow) -> list[Absence]:
    """Return why the e-mail is not at the record; where it is, only who does not see it there."""
    view = reading.view
    imported = next((r for r in reading.history if isinstance(r.event, EmailImported)), None)
    if imported is None or not isinstance(imported.event, EmailImported):
        return []
    if any(link.belongs_to(row.ref) for link in view.links):
        return _kept(reading.person, view, row)
    situation = await _situation(reading, imported.event)
    addresses = await evidence.addresses_of(reading.gateway.pool, row.ref)
    why = why_not(situation, About(row.ref, addresses))
    shown = [each for each in candidates(situation) if await reading.knows(each.record)]
    return [
        Absence(
            at=imported.time,
            decision="not-linked",
            why=why,
            record=row.ref,
            candidates=tuple(shown),
            winner_is_known=why.winner in shown,
        )
    ]


def _kept(person: Person, view: EmailView, row: RecordRow) -> list[Absence]:
    mine = view.held_by(person)
    rule = KEPT.get(mine.privacy) if mine else None
    if mine is None or rule is None:
        return []
    return [Absence(at=mine.at, decision="shown", why=Why(rule), record=row.ref)]


async def _situation(reading: Reading, imported: EmailImported) -> Situation:
    pool, history, view = reading.gateway.pool, reading.history, reading.view
    parties = _parties(imported)
    addresses = {address for _, address in parties}
    rows = await evidence.ancestors_among(pool, imported.ancestors)
    readable = await reading.readable([each.email_id for each in rows])
    last = next((r.event for r in reversed(history) if isinstance(r.event, EmailLinked)), None)
    mine = view.held_by(reading.person)
    return Situation(
        parties=parties,
        owners=await evidence.owners_of(pool, addresses),
        own=await evidence.own_among(pool, addresses),
        ancestors=[_ancestor(each, imported) for each in rows if each.email_id in readable],
        links=[RecordRef(type=link.type, id=link.id) for link in view.links],
        is_kept=isinstance(last, EmailLinked) and last.by == "person",
        is_junk=mine is not None and mine.folder == "junk",
    )


def _parties(imported: EmailImported) -> list[tuple[str, str]]:
    fields = (
        ("from", (imported.sent_from,) if imported.sent_from else ()),
        ("reply_to", imported.reply_to),
        ("to", imported.to),
        ("cc", imported.cc),
    )
    return [(name, match_key(box.address)) for name, boxes in fields for box in boxes]


def _ancestor(row: AncestorRow, imported: EmailImported) -> Ancestor:
    is_proven = row.email_id in imported.proven
    is_same = base_subject(row.subject or "") == base_subject(imported.subject or "")
    is_trusted = is_proven or (is_same and row.date <= imported.date)
    return Ancestor(row.email_id, row.parent, is_proven, is_trusted)

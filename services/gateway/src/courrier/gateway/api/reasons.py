"""Why something is as it is, in words: the rule of a decision and what met it, as a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from courrier.events.base import RecordRef
from courrier.gateway.domain.access import Person, may_read_record
from courrier.gateway.domain.candidates import Candidate
from courrier.gateway.domain.explaining import Step
from courrier.gateway.projections.email_views import EmailView

from .absences import Absence
from .sentences import (
    ANOTHER_RECORD,
    DECISIONS,
    FIELDS,
    FOLDERS,
    OTHER_RULE,
    OTHER_RULE_MET,
    SENTENCES,
    SOMEBODY,
)
from .words import Words

Reason = Mapping[str, str | None]
Line = Step | Absence
RULE_TYPES: Mapping[str, str] = {"filter": "filter", "account-folder": "account"}
"""Rules of which there are several, and what kind of thing each is."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One line of 'why is this here?' on a page."""

    at: datetime
    title: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One line of an explanation; ``more`` is what only lines about absences have."""

    at: datetime
    decision: str
    decision_id: str
    actor: dict[str, str | None]
    rule: dict[str, str | None]
    evidence: dict[str, str | None]
    record: dict[str, str | None] | None
    text: str
    more: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells reasons in one language.

    ``names`` are those of accounts, people, teams, filters and folders by id, ``titles`` those of
    the records that the reader may know.
    """

    words: Words
    names: Mapping[str, str]
    titles: Mapping[RecordRef, str] = field(default_factory=dict)

    def because(self, reason: Reason, **known: str) -> str:
        """Return the sentence for a reason; an unknown rule is named.

        ``known`` fills in what the reason does not say itself: ``actor``, ``name`` and the like.
        """
        rule = str(reason["rule"])
        field_name, value = reason["field"], reason["value"]
        unknown = OTHER_RULE_MET if field_name and value else OTHER_RULE
        shown = self.words.text(SENTENCES.get(rule, unknown))
        if field_name == "account_id" and value is not None:
            value = self.names.get(value, value)
        field_shown = self.words.text(FIELDS.get(field_name, field_name)) if field_name else ""
        somebody = dict.fromkeys(("name", "winner", "score", "points"), "")
        somebody["actor"] = self.words.text(SOMEBODY)
        said = somebody | {"rule": rule, "field": field_shown, "value": value or ""} | known
        return shown.format(**said)

    def told(self, line: Line) -> Told:
        """Return a line of an explanation."""
        kind, _, name = line.actor.partition(":")
        reason = line.reason
        rule_id = reason.rule_id or reason.rule
        rule_name = self.names.get(rule_id) if reason.rule_id else reason.rule
        rule_type = RULE_TYPES.get(reason.rule, "rule") if reason.rule_id else "rule"
        return Told(
            at=line.at,
            decision=line.decision,
            decision_id=line.decision_id,
            actor={"type": kind, "id": name, "name": self.names.get(name, name)},
            rule={"type": rule_type, "id": rule_id, "name": rule_name},
            evidence={"field": reason.field, "value": reason.value},
            record=self._record(line.record) if line.record else None,
            text=f"{self._title(line)}. {self._sentence(line)}",
            more=self._more(line),
        )

    def decisions(self, view: EmailView, person: Person) -> list[Decision]:
        """Return what was decided about an e-mail, as far as this person may know."""
        found: list[tuple[datetime, str, str, Reason]] = []
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
            Decision(at, self.words.text(DECISIONS[kind]).format(name=name), self.because(reason))
            for at, kind, name, reason in found
        ]

    def folder(self, name: str) -> str:
        """Return a folder's name."""
        return self.words.text(FOLDERS.get(name, self.names.get(name, name)))

    def _title(self, line: Line) -> str:
        name = self.titles.get(line.record, "") if line.record else ""
        if isinstance(line, Step) and line.folder is not None:
            name = self.folder(line.folder)
        if isinstance(line, Step) and line.holder is not None:
            name = self.names.get(line.holder.partition(":")[2], self.words.text(SOMEBODY))
        return self.words.text(DECISIONS[line.decision]).format(name=name)

    def _sentence(self, line: Line) -> str:
        actor = self.names.get(line.actor.partition(":")[2], self.words.text(SOMEBODY))
        known = {"actor": actor}
        if line.record is not None:
            known["name"] = self.titles.get(line.record, "")
        rule = line.reason.rule
        if rule == "filter" and line.reason.rule_id in self.names:
            rule, known["name"] = "filter-named", self.names[line.reason.rule_id or ""]
        if rule == "by-hand":
            rule = "by-hand-unlinked" if line.decision == "unlinked" else "by-hand-of"
        if isinstance(line, Absence):
            known |= self._contest(line)
        reason = {"rule": rule, "field": line.reason.field, "value": line.reason.value}
        return self.because(reason, **known)

    def _contest(self, line: Absence) -> dict[str, str]:
        """Return what came first, and both scores; its name only to who may know it."""
        why = line.why
        if why.candidate is None or why.winner is None:
            return {}
        winner = self.titles.get(why.winner.record) if line.winner_is_known else None
        points = {"score": str(why.candidate.score), "points": str(why.winner.score)}
        return points | {"winner": winner or self.words.text(ANOTHER_RECORD)}

    def _more(self, line: Line) -> dict[str, Any]:
        if not isinstance(line, Absence):
            return {"candidates": []}
        return {"candidates": [self._candidate(each) for each in line.candidates]}

    def _candidate(self, each: Candidate) -> dict[str, Any]:
        evidence = {"field": each.field, "value": each.value}
        record = self._record(each.record)
        return {"record": record, "rule": each.rule, "evidence": evidence, "score": each.score}

    def _record(self, ref: RecordRef) -> dict[str, str | None]:
        return {"type": ref.type, "id": ref.id, "name": self.titles.get(ref)}

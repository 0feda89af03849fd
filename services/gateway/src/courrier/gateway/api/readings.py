"""An e-mail that somebody asks about, with its history, and what they may know of it."""

from dataclasses import dataclass, field

from courrier.events.base import Event, RecordRef
from courrier.events.envelope import Recorded
from courrier.gateway.domain.access import Person, may_read_record, reach
from courrier.gateway.domain.explaining import Step, emails_of, records_of, steps_of, visible
from courrier.gateway.ports import Gateway
from courrier.gateway.projections import readable_emails, records
from courrier.gateway.projections.email_views import EmailView
from courrier.gateway.projections.records import RecordRow


@dataclass(slots=True)
class Reading:
    """``rows`` are the records named in it that the person may read, ``history`` its facts."""

    gateway: Gateway
    person: Person
    view: EmailView
    history: list[Recorded[Event]]
    rows: dict[RecordRef, RecordRow] = field(default_factory=dict)

    async def steps(self) -> list[Step]:
        """Return what was decided, as far as the person may know, oldest first."""
        found = steps_of(self.history, reach(self.person))
        for ref in records_of(found):
            await self.knows(ref)
        readable = await self.readable(emails_of(found))
        known = {holder.id for holder in self.view.holders}
        return visible(
            found,
            may_read=self.rows.__contains__,
            may_know=known.__contains__,
            is_readable=readable.__contains__,
        )

    async def knows(self, ref: RecordRef) -> bool:
        """Tell whether the person may read a record, and keep it in ``rows``."""
        if ref not in self.rows:
            row = await records.record_by_id(self.gateway.pool, ref)
            if row is not None and may_read_record(self.person, row.access):
                self.rows[ref] = row
        return ref in self.rows

    async def readable(self, ids: list[str]) -> frozenset[str]:
        """Return those of these e-mails that the person may read."""
        pool = self.gateway.pool
        views = await readable_emails.readable_emails(pool, ids, self.person, with_text=False)
        return frozenset(view.id for view in views)

"""The case desk: mail of group accounts gets its case, an old one or a new one.

Two facts and one wait between them: ``CaseRequested`` (the gateway gives number and person),
``CaseOpened``, ``EmailLinked``. Everything is found in the index and decided from the log: whoever
dies between any two lines is followed by a tick that goes on there. The request is guarded by the
conversation's last one, the link by the e-mail's last fact, so that two linkers open one case.
"""

import asyncio
from dataclasses import replace

import structlog

from courrier.events import subjects
from courrier.events.base import Event, derived_id
from courrier.events.envelope import Context, NewEvent, Recorded, UnreadableHistory
from courrier.events.families.conversation import ConversationAssigned
from courrier.events.families.email import (
    CaseAnswered,
    CaseRequested,
    EmailErased,
    EmailImported,
    EmailLinked,
    GroupMail,
)
from courrier.events.store import Conflict, EventStore, History
from courrier.linker.domain.case_mail import (
    Ask,
    Attach,
    Writer,
    number_in,
    verdict_on,
    with_case,
)
from courrier.linker.domain.conversations import conversations
from courrier.linker.domain.group_mail import permission
from courrier.linker.domain.hand_links import Links, links
from courrier.linker.handlers.changing import facts_of
from courrier.linker.handlers.conversing import conversation_of, numbered
from courrier.linker.handlers.gauges import CASE_MAIL
from courrier.linker.ports import Asked, CaseAgenda, Clock, Waiting

TICK_S = 0.5
AT_ONCE = 200
ACTOR = "service:linker"
SOURCE = "/courrier/linker"

log = structlog.get_logger(__name__)


class CaseDesk:
    """Ticks, on one instance at a time; a conflict is left to the next tick."""

    def __init__(self, store: EventStore, agenda: CaseAgenda, clock: Clock) -> None:
        self._store = store
        self._agenda = agenda
        self._clock = clock

    async def run(self) -> None:
        """Tick for ever."""
        while True:
            await self.tick()
            await asyncio.sleep(TICK_S)

    async def tick(self) -> None:
        """Do what can be done now.

        Raises:
            StoreUnavailable: the log did not answer.
        """
        CASE_MAIL.set(await self._agenda.open())
        for mail in await self._agenda.waiting(AT_ONCE):
            try:
                await self._take(mail)
            except (Conflict, UnreadableHistory) as error:
                log.info("case.decided-again", email_id=mail.email_id, why=str(error))

    async def _take(self, mail: Waiting) -> None:
        history = await self._store.load(subjects.email(mail.email_id))
        facts = facts_of(history)
        imported = next((fact for fact in facts if isinstance(fact, EmailImported)), None)
        state = links.fold(facts)
        if imported is None or isinstance(facts[-1], EmailErased) or state.by != "machine":
            return  # the index settles it as soon as it has come so far
        known, writer = await self._agenda.known_of(mail, _asked(imported))
        match verdict_on(known, writer):
            case Attach() as found:
                await self._attach(mail, found, writer, (history, imported, state))
            case Ask() as wish:
                await self._ask(mail, wish, history[0])
            case _:
                return

    async def _ask(self, mail: Waiting, wish: Ask, cause: Recorded[Event]) -> None:
        """Ask for a case, behind the last request under this claim, if that is one we have seen."""
        subject = subjects.case_request(wish.claim)
        last = (await self._store.last([subject])).get(subject)
        if (last.sequence if last else 0) != wish.expected:
            raise Conflict(f"another case was asked for on {subject}")
        fact = CaseRequested(
            email_id=mail.email_id,
            account_id=mail.account_id,
            claim=wish.claim,
            reason=wish.because,
        )
        event_id = derived_id("case-requested", wish.claim, mail.email_id, str(wish.expected))
        context = Context(SOURCE, ACTOR, self._clock(), str(event_id), cause.id)
        version = last.version + 1 if last else 1
        await self._store.append(
            [NewEvent(subject, fact, event_id, version, context, wish.expected)]
        )

    async def _attach(
        self,
        mail: Waiting,
        found: Attach,
        writer: Writer,
        seen: tuple[History, EmailImported, Links],
    ) -> None:
        """Link the e-mail to its case and say in the same batch what follows from that."""
        history, imported, state = seen
        last = history[-1]
        linked = EmailLinked(
            email_id=mail.email_id,
            links=with_case(state.links, found.case, found.because),
            by="case",
            because=found.because,
        )
        event_id = derived_id("case-linked", mail.email_id, found.case.id, str(last.sequence))
        decision = found.opened.request_id if found.opened else str(event_id)
        context = Context(SOURCE, ACTOR, self._clock(), decision, history[0].id)
        subject = subjects.email(mail.email_id)
        events = [NewEvent(subject, linked, event_id, last.version + 1, context, last.sequence)]
        beside = _beside(mail, found, writer, imported)
        if beside is not None:
            where, fact = beside
            events.append(NewEvent(where, fact, derived_id(str(event_id), fact.TYPE), 1, context))
        events += await self._assigned(mail.thread_id, found, context)
        await self._store.append(events)

    async def _assigned(self, thread_id: str, found: Attach, context: Context) -> list[NewEvent]:
        """Give the conversation to whom its new case was given, unless somebody has it."""
        user_id = found.opened.user_id if found.opened else None
        if user_id is None:
            return []
        subject = subjects.thread(thread_id)
        history = await self._store.load(subject)
        if conversations.fold(conversation_of(history)).assignee is not None:
            return []
        fact = ConversationAssigned(thread_id=thread_id, user_id=user_id, reason=found.because)
        return numbered(subject, [fact], history, replace(context, causation_id=found.case.id))


def _asked(imported: EmailImported) -> Asked:
    author = imported.sent_from
    return Asked(
        number_in(imported.subject),
        author.address if author else None,
        imported.authentication,
        imported.proven,
    )


def _beside(
    mail: Waiting, found: Attach, writer: Writer, imported: EmailImported
) -> tuple[str, Event] | None:
    """Return what comes with the link: who opened a case may be answered, others answered it."""
    if found.opened is None:
        if writer.is_ours:
            return None
        at, reason = imported.date, found.because
        answer = CaseAnswered(email_id=mail.email_id, record=found.case, at=at, reason=reason)
        return subjects.case_answer(mail.email_id), answer
    if mail.template_id is None or imported.sent_from is None:
        return None
    group = GroupMail(account_id=mail.account_id, template_id=mail.template_id)
    named = {"case": found.case, "case_number": found.opened.number}
    fact = permission(imported, group).model_copy(update=named)
    return subjects.auto_reply(mail.email_id), fact

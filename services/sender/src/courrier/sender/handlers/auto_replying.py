"""Answer mail of group accounts by machine: once for a mail, and for a sender once in a period.

The decision and the order to send stand on the log in one batch, under the sequence of what is
known of that sender: two processes cannot both answer, and meeting the permission again adds
nothing, however often tables are rebuilt.
"""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog

from courrier.events import subjects
from courrier.events.base import Event, derived_id
from courrier.events.commands.answers import Refused
from courrier.events.envelope import Context, NewEvent, Recorded
from courrier.events.families.configuration import (
    SystemFields,
    SystemSettingsChanged,
    TemplateAdded,
    TemplateChanged,
    TemplateFields,
)
from courrier.events.families.drafts import WrittenFile
from courrier.events.families.email import AutoReplyPermitted
from courrier.events.families.outbound import AutoReplyDecided
from courrier.events.families.settings import (
    EmailAccountAdded,
    EmailAccountChanged,
    EmailAccountFields,
    EmailAccountRemoved,
)
from courrier.events.families.uploads import FileUploaded
from courrier.events.identity import Identity
from courrier.events.store import Conflict, EventStore, History
from courrier.mail.headers.addresses import match_key
from courrier.mail.templates.moments import Moment
from courrier.mail.templates.records import Entity, values_of
from courrier.mail.templates.template import FilledTemplate, Template, fill
from courrier.sender.domain.auto_replies import Asked, answer, obstacle, reply_id
from courrier.sender.handlers.appending import ACTOR, SOURCE
from courrier.sender.handlers.record_reading import RecordReading
from courrier.sender.handlers.requests import Requests
from courrier.sender.ports import Accounts, Clock

TRIES = 5
PURPOSE = "auto-reply"

log = structlog.get_logger(__name__)


class AutoReplying:
    """Answers what may be answered."""

    def __init__(
        self,
        store: EventStore,
        requests: Requests,
        *,
        accounts: Accounts,
        identity: Identity,
        clock: Clock,
    ) -> None:
        self._store = store
        self._requests = requests
        self._accounts = accounts
        self._identity = identity
        self._clock = clock
        self._records = RecordReading(store, identity)

    async def permitted(self, recorded: Recorded[AutoReplyPermitted]) -> None:
        """Answer a mail, or record why not.

        Raises:
            Conflict: others keep deciding about the same sender.
            StoreUnavailable: nothing is recorded, or it is and a repeat will find it.
        """
        said = recorded.event
        key = self._identity.sign(PURPOSE, match_key(said.recipient.address))
        for attempt in range(TRIES):
            history = await self._store.load(subjects.answered(said.account_id, key))
            if any(getattr(r.event, "answers", None) == said.email_id for r in history):
                return
            try:
                await self._decide(recorded, key, history)
            except Conflict:
                if attempt == TRIES - 1:
                    raise
                continue
            return

    async def _decide(
        self, recorded: Recorded[AutoReplyPermitted], key: str, history: History
    ) -> None:
        said = recorded.event
        account = await self._account(said.account_id)
        template = await self._template(account)
        is_ours = await self._accounts.has_address(said.recipient.address)
        asked = Asked(said, account, template, _last_answered(history), is_ours)
        why = obstacle(asked, self._clock())
        if why == "too-late":
            return  # what a new consumer, or one set back, meets again says nothing new
        if why is None and account is not None and template is not None:
            texts = await self._filled(said, template)
            why = "unresolved-placeholder" if texts.unresolved else None
            if why is None:
                why = await self._send(recorded, key, history, (account, template, texts))
        if why is not None:
            await self._store.append([self._decided(recorded, key, history, why)])
        log.info("auto_reply.decided", account=said.account_id, reason=why or "answered")

    async def _send(
        self,
        recorded: Recorded[AutoReplyPermitted],
        key: str,
        history: History,
        of: tuple[EmailAccountFields, TemplateFields, FilledTemplate],
    ) -> str | None:
        """Return why it could not be sent."""
        account, template, texts = of
        order = answer(recorded.event, account, texts, await self._files(template))
        beside = self._decided(recorded, key, history, "answered")
        told = await self._requests.send(order, [beside])
        return told.reason if isinstance(told, Refused) else None

    def _decided(
        self, recorded: Recorded[AutoReplyPermitted], key: str, history: History, reason: str
    ) -> NewEvent:
        said, last = recorded.event, history[-1] if history else None
        event = AutoReplyDecided(
            account_id=said.account_id,
            recipient_key=key,
            answers=said.email_id,
            reply_id=reply_id(said) if reason == "answered" else None,
            reason=reason,
        )
        return NewEvent(
            subject=subjects.answered(said.account_id, key),
            event=event,
            id=derived_id(recorded.id, event.TYPE, reason),
            version=(last.version if last else 0) + 1,
            context=Context(SOURCE, ACTOR, self._clock(), recorded.correlation_id, recorded.id),
            expected=last.sequence if last else 0,
        )

    async def _account(self, account_id: str) -> EmailAccountFields | None:
        found: EmailAccountFields | None = None
        for recorded in await self._store.load(subjects.email_account(account_id)):
            match recorded.event:
                case EmailAccountAdded() | EmailAccountChanged():
                    found = recorded.event
                case EmailAccountRemoved():
                    found = None
                case _:
                    continue
        return found

    async def _template(self, account: EmailAccountFields | None) -> TemplateFields | None:
        template_id = account.group.reply_template_id if account and account.group else None
        if template_id is None:
            return None
        history = await self._store.load(subjects.configured("template", template_id))
        last = history[-1].event if history else None
        return last.fields if isinstance(last, TemplateAdded | TemplateChanged) else None

    async def _filled(self, said: AutoReplyPermitted, fields: TemplateFields) -> FilledTemplate:
        system = await self._system()
        zone = ZoneInfo(system.default_time_zone)
        moment = Moment(self._clock(), zone, system.default_language)
        entities = await self._entities(said)
        template = Template(fields.subject, fields.html, fields.text)
        return fill(template, values_of(entities, moment))

    async def _entities(self, said: AutoReplyPermitted) -> dict[str, Entity]:
        """Return the case, whoever wrote (also if nobody knows them), and the e-mail."""
        subject = {"name": said.subject or "", "subject": said.subject or ""}
        found: dict[str, Entity | None] = {"Email": Entity("email", subject)}
        case = await self._records.entity(said.case) if said.case else None
        if case is not None:
            found |= {"Case": case, "Parent": case, "User": case.links.get("assigned_user")}
        writer = await self._records.owner(said.recipient.address) or _stranger(said)
        found |= {"Person": writer, writer.kind.capitalize(): writer}
        found.setdefault("Contact", writer)
        found.setdefault("Account", writer.links.get("account"))
        return {root: entity for root, entity in found.items() if entity is not None}

    async def _system(self) -> SystemFields:
        history = await self._store.load(subjects.configured("system", "settings"))
        last = history[-1].event if history else None
        return last.fields if isinstance(last, SystemSettingsChanged) else SystemFields()

    async def _files(self, template: TemplateFields) -> tuple[WrittenFile, ...]:
        """Return the template's uploads; what is gone is left out."""
        found: list[WrittenFile] = []
        for upload_id in template.attachment_ids:
            history = await self._store.load(subjects.upload(upload_id))
            found += (_file(each) for each in _uploads(r.event for r in history))
        return tuple(found)


def _uploads(facts: Iterable[Event]) -> Iterable[FileUploaded]:
    return (fact for fact in facts if isinstance(fact, FileUploaded))


def _file(upload: FileUploaded) -> WrittenFile:
    return WrittenFile(
        id=upload.upload_id,
        filename=upload.filename,
        content_type=upload.content_type,
        content=upload.content,
        content_id=upload.content_id,
        inline=upload.inline,
    )


def _last_answered(history: History) -> datetime | None:
    for recorded in reversed(history):
        if isinstance(recorded.event, AutoReplyDecided) and recorded.event.reply_id:
            return recorded.time
    return None


def _stranger(said: AutoReplyPermitted) -> Entity:
    """Return who wrote as far as the mail tells: a contact that nobody has made."""
    first, _, last = (said.recipient.name or "").strip().rpartition(" ")
    fields = {
        "first_name": first or last,
        "last_name": last if first else "",
        "name": said.recipient.name or said.recipient.address,
        "email_addresses": (said.recipient.address,),
    }
    return Entity("contact", fields, {"account": None, "assigned_user": None})

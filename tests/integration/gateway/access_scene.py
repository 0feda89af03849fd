"""A company in which everybody stands in every relation to something: fed as events, in batches."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from courrier.events import subjects
from courrier.events.base import Event, derived_id
from courrier.events.envelope import NewEvent
from courrier.events.families.configuration import (
    FilterAdded,
    FolderAdded,
    GroupFolderAdded,
    SmtpAccountAdded,
    TemplateAdded,
)
from courrier.events.families.crm import RecordCreated
from courrier.events.families.email import EmailImported
from courrier.events.families.identity import OBJECT_TYPES, RoleCreated, TeamCreated
from courrier.events.families.settings import EmailAccountAdded, TokenIssued, UserAdded
from courrier.events.families.uploads import FileUploaded
from courrier.events.postgres.pool import Pool
from courrier.gateway.adapters import imports
from courrier.gateway.adapters.jobs import PostgresJobs
from courrier.gateway.adapters.sessions import PostgresSessions
from courrier.gateway.domain.csv_files import shape_of
from courrier.gateway.entrance import Session
from courrier.gateway.ports import NewJob
from support.access_table import PERSONAS, Persona, Relation
from support.builders import example, new_event, subject_of

TEAM = "7" * 32
COLLEAGUE = "8" * 32
STRANGER = "9" * 32
SPARE = "6" * 32
"""A team and a role that nobody has: to be changed and removed."""
RAW = (
    b"From: ada@example.test\r\nTo: grace@example.test\r\nSubject: Hi\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nHello\r\n--x\r\n"
    b"Content-Disposition: attachment; filename=a.txt\r\n\r\nfile\r\n--x--\r\n"
)
MAIL = {"digest": sha256(RAW).hexdigest(), "size": len(RAW)}
BATCH = 500
LEVELS = {"no": "no", "own": "own", "team": "team", "all": "all", "reader": "all", "admin": "no"}


def id_of(*parts: str) -> str:
    """Return an id for something."""
    return derived_id("matrix", *parts).hex


def token_of(persona: str, scope: str = "") -> str:
    """Return a token's text; its bytes follow from whose it is."""
    return f"courrier_{sha256(f'{persona}/{scope}'.encode()).hexdigest()}"


@dataclass
class Scene:
    """What is there; ``object_id`` makes an object the first time it is asked for."""

    facts: list[Event] = field(default_factory=list)
    made: set[str] = field(default_factory=set)
    kept: list[tuple[str, str, str]] = field(default_factory=list)
    """Kind, id and owner of what is a row and no fact: see ``keep``."""

    def people(self) -> None:
        """The team, two others, and everybody whose rights are tried."""
        for team_id in (TEAM, SPARE):
            self.facts.append(example(TeamCreated, team_id=team_id, fields={"name": "Sales"}))
        self.facts.append(example(RoleCreated, role_id=SPARE))
        for user_id, teams in ((COLLEAGUE, [TEAM]), (STRANGER, [])):
            self.facts.append(
                example(
                    UserAdded, user_id=user_id, login=user_id, team_ids=teams, email_addresses=[]
                )
            )
        for persona in PERSONAS:
            self._person(persona)

    def _person(self, persona: Persona) -> None:
        user_id, role_id = id_of("user", persona.name), id_of("role", persona.name)
        level = LEVELS[persona.name]
        right = {"read": level, "create": persona.creates}
        right |= {"edit": level, "delete": level} if persona.edits else {}
        rights = dict.fromkeys(OBJECT_TYPES, right)
        self.facts += [
            example(RoleCreated, role_id=role_id, fields={"name": "x", "rights": rights}),
            example(
                UserAdded,
                user_id=user_id,
                login=f"{persona.name}-persona",
                is_admin=persona.is_admin,
                email_addresses=[],
                role_ids=[role_id],
                team_ids=[] if persona.is_admin else [TEAM],
            ),
        ]
        for scope in ("", "read", "write", "stream"):
            text = token_of(persona.name, scope)
            self.facts.append(
                example(
                    TokenIssued,
                    token_id=id_of("token", persona.name, scope),
                    user_id=user_id,
                    digest=sha256(bytes.fromhex(text.removeprefix("courrier_"))).hexdigest(),
                    scopes=[scope] if scope else [],
                )
            )

    def object_id(self, kind: str, persona: str, relation: Relation, purpose: str = "") -> str:
        """Return the id of an object that is the persona's, their team's, or a stranger's."""
        found = id_of(kind, persona, relation, purpose)
        if found not in self.made:
            self.made.add(found)
            owner = id_of("user", persona) if relation == "own" else STRANGER
            teams = [TEAM] if relation == "team" else []
            self.facts += self._object(kind, found, owner, teams)
        return found

    def _object(  # noqa: C901, PLR0911  a table
        self, kind: str, id_: str, owner: str, teams: list[str]
    ) -> list[Event]:
        owned: dict[str, Any] = {"owner_id": owner, "name": "x"}
        match kind:
            case "contact":
                fields: dict[str, Any] = {
                    "last_name": "x",
                    "assigned_user_id": owner,
                    "team_ids": teams,
                }
                ref = {"type": "contact", "id": id_}
                return [example(RecordCreated, record=ref, fields=fields)]
            case "template":
                fields = owned | {"team_ids": teams}
                return [example(TemplateAdded, template_id=id_, fields=fields)]
            case "folder":
                return [example(FolderAdded, folder_id=id_, fields=owned)]
            case "filter":
                fields = owned | {"scope": "user", "subject": "x"}
                return [example(FilterAdded, filter_id=id_, fields=fields)]
            case "group_folder":
                shared = {"name": "x", "team_ids": teams}
                return [example(GroupFolderAdded, group_folder_id=id_, fields=shared)]
            case "smtp_account":
                return [example(SmtpAccountAdded, smtp_account_id=id_)]
            case "group_account":
                group = {"team_ids": [TEAM]}
                return [example(EmailAccountAdded, account_id=id_, owner_id=owner, group=group)]
            case "upload":
                return [example(FileUploaded, upload_id=id_, owner_id=owner, content=MAIL)]
            case "token":
                digest = sha256(id_.encode()).hexdigest()
                return [example(TokenIssued, token_id=id_, user_id=owner, digest=digest)]
            case "job" | "import" | "session":
                self.kept.append((kind, id_, owner))
                return []
            case _:
                return [example(EmailAccountAdded, account_id=id_, owner_id=owner)]

    def email_id(self, persona: str, relation: Relation) -> str:
        """Return the id of an e-mail: held, of the team's contact, of a stranger's, or unlinked."""
        found = id_of("email", persona, relation)
        if found in self.made:
            return found
        self.made.add(found)
        holders = {"own": id_of("user", persona), "team": COLLEAGUE}
        linked: list[dict[str, Any]] = []
        if relation in {"team", "foreign"}:
            contact = self.object_id("contact", persona, relation)
            about: dict[str, Any] = {"record": {"type": "contact", "id": contact}}
            linked = [about | {"reason": {"rule": "address"}}]
        holder = holders.get(relation, STRANGER)
        holding = {"holder_id": holder, "folder": "inbox", "reason": {"rule": "inbox"}}
        self.facts.append(
            example(
                EmailImported,
                email_id=found,
                source_id=found,
                thread_id=id_of("thread", persona),
                raw=MAIL,
                links=linked,
                holdings=[holding],
            )
        )
        return found

    def batches(self) -> list[list[NewEvent]]:
        """Return all facts in batches of one stream, each aggregate's numbered from 1."""
        streams: dict[str, list[NewEvent]] = {}
        versions: dict[str, int] = {}
        for fact in self.facts:
            subject = subject_of(fact)
            version = versions[subject] = versions.get(subject, 0) + 1
            expecting = 0 if version == 1 else None
            new = new_event(fact, subject, version=version, expected=expecting)
            streams.setdefault(subjects.stream_of(subject), []).append(new)
        return [
            facts[start : start + BATCH]
            for facts in streams.values()
            for start in range(0, len(facts), BATCH)
        ]


async def keep(pool: Pool, scene: Scene) -> None:
    """Keep the jobs, imports and sessions of a scene."""
    now = datetime.now(UTC)
    later = now + timedelta(hours=1)
    for kind, id_, owner in scene.kept:
        if kind == "job":
            await PostgresJobs(pool).add(NewJob(id=id_, user_id=owner, kind="test", order={}))
        elif kind == "session":
            session = Session(
                digest=id_, user_id=owner, csrf="", opened_at=now, expires_at=later, id=id_
            )
            await PostgresSessions(pool).open(session)
        else:
            table = b"name\nAda\n"
            new = imports.NewImport(
                id=id_,
                user_id=owner,
                record_type="contact",
                filename=None,
                shape=shape_of(table),
                row_count=1,
                file=table,
            )
            await imports.add(pool, new)

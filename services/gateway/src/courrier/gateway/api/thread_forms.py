"""The form of conversations, notes and presence, in bodies and answers."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints

from courrier.events.families.conversation import MOST_TAGS, NOTE_CHARS

from .shapes import Moment, RefShown, Shown, example
from .values import Body, IdText, Line

Status = Literal["open", "waiting", "closed", "spam"]
Tag = Annotated[Line, StringConstraints(max_length=50)]

GRACE = {"type": "user", "id": "b3f0c1d2e4a5968778695a4b3c2d1e0f", "name": "Grace Hopper"}
A_THREAD: dict[str, Any] = {
    "id": "71a2b3c4d5e6f708192a3b4c5d6e7f80",
    "version": "3",
    "status": "open",
    "assigned_user": GRACE,
    "tags": ["urgent"],
    "subject": "Question",
    "changed_at": "2026-03-02T12:00:00Z",
    "presence": [{"type": "user", "id": GRACE["id"], "name": "Grace Hopper", "doing": "reading"}],
}
A_NOTE: dict[str, Any] = {
    "id": "9e1a2b3c4d5e6f708192a3b4c5d6e7f8",
    "author": GRACE,
    "text": "She called, @linus: please send the offer.",
    "mentions": ["c3f0c1d2e4a5968778695a4b3c2d1e0f"],
    "at": "2026-03-02T12:00:00Z",
}


class PresentShown(RefShown):
    """Somebody who is at the conversation now."""

    doing: str


class ThreadShown(Shown):
    """A conversation; ``presence`` only where one is asked for."""

    id: str
    version: str
    status: Status
    assigned_user: RefShown | None
    tags: list[str]
    subject: str | None
    changed_at: Moment | None
    presence: list[PresentShown]


class NoteShown(Shown):
    """A note among colleagues: it is never part of what is sent."""

    id: str
    author: RefShown
    text: str
    mentions: list[str] = Field(description="Ids of those named by `@login`, who are told.")
    at: Moment


class TagShown(Shown):
    """A tag that conversations have."""

    id: str


class ThreadChange(Body):
    """What to set; what is left out stays. ``assigned_user`` null: nobody."""

    model_config = example({"status": "closed", "assigned_user": None, "tags": ["urgent"]})

    status: Status | None = None
    assigned_user: IdText | None = None
    tags: Annotated[tuple[Tag, ...], Field(max_length=MOST_TAGS)] | None = None


def _said(text: str) -> str:
    if not text.strip() or "\0" in text:
        raise ValueError("a note says something")
    return text


class NoteBody(Body):
    """A note; ``@login`` names a colleague."""

    model_config = example({"text": A_NOTE["text"]})

    text: Annotated[str, StringConstraints(max_length=NOTE_CHARS), AfterValidator(_said)]


class PresenceBody(Body):
    """What I do with the conversation now: say it again within 30 seconds, or be gone."""

    model_config = example({"thread_id": A_THREAD["id"], "doing": "answering"})

    thread_id: IdText
    doing: Literal["reading", "answering", "gone"]

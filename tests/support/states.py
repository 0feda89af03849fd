"""Valid events of what people do with their copies of e-mails, for builders and goldens."""

from collections.abc import Mapping
from typing import Any

from courrier.events.base import Event
from courrier.events.families import conversation, email_state

EMAIL = "e" * 32
USER = "b" * 32
NOON = "2026-03-02T12:00:00Z"
FOLDER = "1" * 32

MINE = {"email_id": EMAIL, "person_id": USER}
TALK = {"thread_id": "7" * 32}
UNDONE = {"rule": "undo", "field": "decision", "value": "0d5f1c0b-e83f-4c0c-9d6f-0f3f8f0b7c11"}

DEFAULTS: Mapping[type[Event], Mapping[str, Any]] = {
    email_state.EmailMarkedImportant: MINE,
    email_state.EmailMarkedUnimportant: MINE,
    email_state.EmailFiled: MINE | {"folder": FOLDER},
    email_state.EmailArchived: MINE,
    email_state.EmailTrashed: MINE,
    email_state.EmailRestored: MINE | {"folder": "inbox", "reason": UNDONE},
    email_state.EmailGivenUp: MINE,
    email_state.EmailSnoozed: MINE | {"until": NOON, "until_answer": True},
    email_state.EmailWoken: MINE | {"folder": "inbox", "reason": {"rule": "due"}},
    email_state.ReminderSet: MINE | {"at": NOON},
    email_state.ReminderCleared: MINE | {"reason": {"rule": "answered"}},
    email_state.ReminderFired: MINE,
    conversation.ConversationStatusChanged: TALK | {"status": "closed"},
    conversation.ConversationAssigned: TALK | {"user_id": USER},
    conversation.ConversationTagged: TALK | {"tags": ["urgent"]},
    conversation.NoteAdded: TALK
    | {"note_id": "9" * 32, "author_id": USER, "text": "She called.", "mentions": [USER]},
}

SAMPLES = tuple(kind.model_validate(dict(fields)) for kind, fields in DEFAULTS.items())

"""What one person did with their copy of an e-mail (stream ``EMAIL``, written by the linker only).

On ``email.<p>.<e-mail id>``, beside the e-mail's other facts. Each changes the state of one person
and of nobody else. A copy is in one place at a time: ``inbox``, ``sent``, ``archive``, ``trash``,
``junk``, ``snoozed``, or a folder's id. All that one decision did, on one e-mail or on many, shares
the envelope's ``correlationid``: that is the decision's id, by which it is undone.
"""

from typing import ClassVar

from courrier.events.base import Event, Evidence, UtcTime, Value


def decision_key(correlation_id: str) -> str:
    """Return a decision's id as clients have it: 32 hexadecimal digits of its correlation id."""
    return correlation_id.replace("-", "")


class PersonalFields(Value):
    """Whose copy of which e-mail. ``reason`` says why where it was not the person's own wish.

    Rules are ``undo`` (``value`` is the decision undone), ``server`` (it was done in the mailbox),
    ``filter``, ``folder-removed``, ``due``, ``answered``.
    """

    email_id: str
    person_id: str
    reason: Evidence | None = None


class EmailMarkedImportant(PersonalFields, Event):
    """A person marked it important (on a server: flagged)."""

    TYPE: ClassVar[str] = "courrier.email.EmailMarkedImportant.v1"


class EmailMarkedUnimportant(PersonalFields, Event):
    """It is not important to the person any more."""

    TYPE: ClassVar[str] = "courrier.email.EmailMarkedUnimportant.v1"


class EmailFiled(PersonalFields, Event):
    """It is in ``folder`` now: ``inbox``, ``sent``, ``junk`` or a folder's id."""

    TYPE: ClassVar[str] = "courrier.email.EmailFiled.v1"

    folder: str


class EmailArchived(PersonalFields, Event):
    """It is in the person's Archive."""

    TYPE: ClassVar[str] = "courrier.email.EmailArchived.v1"


class EmailTrashed(PersonalFields, Event):
    """It is in the person's Trash."""

    TYPE: ClassVar[str] = "courrier.email.EmailTrashed.v1"


class EmailRestored(PersonalFields, Event):
    """It is out of Archive or Trash, or the person holds it again, and is in ``folder``."""

    TYPE: ClassVar[str] = "courrier.email.EmailRestored.v1"

    folder: str


class EmailGivenUp(PersonalFields, Event):
    """The person deleted it from their Trash and does not hold it any more.

    When nobody holds it, it goes 30 days later (``EmailErased``).
    """

    TYPE: ClassVar[str] = "courrier.email.EmailGivenUp.v1"


class EmailSnoozed(PersonalFields, Event):
    """It is out of sight until a time, until somebody answers, or whichever comes first."""

    TYPE: ClassVar[str] = "courrier.email.EmailSnoozed.v1"

    until: UtcTime | None = None
    until_answer: bool = False


class EmailWoken(PersonalFields, Event):
    """It was snoozed and is back in ``folder``: its time came, somebody answered, or by hand."""

    TYPE: ClassVar[str] = "courrier.email.EmailWoken.v1"

    folder: str


class ReminderSet(PersonalFields, Event):
    """The person wants to be reminded at ``at`` unless a human has answered by then."""

    TYPE: ClassVar[str] = "courrier.email.ReminderSet.v1"

    at: UtcTime


class ReminderCleared(PersonalFields, Event):
    """There is nothing to be reminded of: a human answered, or the person does not want it."""

    TYPE: ClassVar[str] = "courrier.email.ReminderCleared.v1"


class ReminderFired(PersonalFields, Event):
    """Nobody has answered in time: the person is reminded now."""

    TYPE: ClassVar[str] = "courrier.email.ReminderFired.v1"


StateEvent = (
    EmailMarkedImportant
    | EmailMarkedUnimportant
    | EmailFiled
    | EmailArchived
    | EmailTrashed
    | EmailRestored
    | EmailGivenUp
    | EmailSnoozed
    | EmailWoken
    | ReminderSet
    | ReminderCleared
    | ReminderFired
)

"""What servers and people change about messages (stream ``MAILBOX``, written by the fetcher only).

``mailbox.<p>.<account>.<folder token>.marks``  what is read, important and where on the server
``mailbox.<p>.<account>.<folder token>.purged`` messages of a folder that were kept out, and erased
``mailbox.<p>.<account>.errands``               what is to be done on the server, and what was

No address, subject or text is in these events: e-mails are named by their id, messages by the keyed
hash under which copies of an erased one are recognised.
"""

from typing import ClassVar, Literal

from pydantic import Field

from courrier.events.base import Event, UtcTime, Value
from courrier.events.families.mailbox import UidRange

ErrandKind = Literal["mark", "file", "append"]
ErrandEnd = Literal["done", "gone", "refused", "unneeded"]


class ServerMark(Value):
    """One message as somebody left it on the server.

    ``email_id`` follows from its Message-ID (None: it has none); ``message_key`` is that of
    ``Identity.erased_message``, so that a forged Message-ID moves nobody's mail. ``is_read`` and
    ``is_important`` are None where nobody changed them. ``arrived``: it is new in this folder;
    ``source_id`` is the id that its ``MessageReceived`` has or would have.
    """

    uid: int
    email_id: str | None = None
    message_key: str | None = None
    is_read: bool | None = None
    is_important: bool | None = None
    arrived: bool = False
    source_id: str | None = None


class FolderMarked(Event):
    r"""The messages of a folder are marked like this now. The last event alone tells all of it.

    ``present``, ``read`` and ``important`` are IMAP sequence-sets of UIDs from ``from_uid`` on;
    older messages are not compared. ``read`` is ``\Seen``, ``important`` is ``\Flagged``. They
    are what both sides agree on: a server that shows the same has nothing new to say, whoever
    changed it. ``changes`` (at most 500) and ``vanished`` are what others did since the last event;
    both are empty where only Courrier changed something. ``filed_as`` is where the account's owner
    finds what arrives here: ``inbox``, ``archive``, ``trash``, ``junk``, a folder's id, or None;
    ``places`` are those of all folders of the account that are compared.
    ``modseq``: RFC 7162, None without it.
    """

    TYPE: ClassVar[str] = "courrier.mailbox.FolderMarked.v1"

    account_id: str
    folder: str
    filed_as: str | None = None
    places: tuple[str, ...] = ()
    uidvalidity: int
    from_uid: int = 1
    modseq: int | None = None
    present: str = ""
    read: str = ""
    important: str = ""
    changes: tuple[ServerMark, ...] = ()
    vanished: tuple[UidRange, ...] = ()


class Errand(Value):
    """Something to be done on the server for a person; ``cause_id`` is the event that asks for it.

    ``mark``: set what is not None. ``file``: ``folder`` as the person calls it. ``append``: put the
    sent message into the account's Sent folder. ``attempts`` were refused with ``text``.
    """

    cause_id: str
    kind: ErrandKind
    email_id: str
    is_read: bool | None = None
    is_important: bool | None = None
    folder: str | None = None
    asked_at: UtcTime
    attempts: int = 0
    text: str | None = None
    retry_at: UtcTime | None = None


class ErrandResult(Value):
    """How an errand ended: done, the message is gone, refused for good, or nothing was to be done.

    ``folder``, ``uidvalidity`` and ``uid`` say where an appended or moved message is, as far as
    the server told. ``text`` is for people.
    """

    cause_id: str
    kind: ErrandKind
    email_id: str
    end: ErrandEnd
    folder: str | None = None
    uidvalidity: int | None = None
    uid: int | None = None
    text: str | None = None


class ErrandsNoted(Event):
    """What is to be done on an account's server. The last event alone tells what still is.

    ``waiting`` (at most 200) stands on the log before anything is done on the server, ``finished``
    after it. Everything up to ``seen`` (sequences by stream) that asks for an errand is in one.
    """

    TYPE: ClassVar[str] = "courrier.mailbox.ErrandsNoted.v1"

    account_id: str
    seen: dict[str, int] = Field(default_factory=dict)
    waiting: tuple[Errand, ...] = ()
    finished: tuple[ErrandResult, ...] = ()


StateEvent = FolderMarked | ErrandsNoted


class PurgedMessage(Value):
    """``source_id`` is the id of its ``MessageReceived``, ``sequence`` where that stood."""

    source_id: str
    sequence: int
    uid: int


class MessagesPurged(Event):
    """Messages that a filter kept out, whose time is over: nothing of them is left in ``MAILBOX``.

    At most 50. They count as received when the folder is compared with its server. Copies that
    other mailboxes bring are taken in.
    """

    TYPE: ClassVar[str] = "courrier.mailbox.MessagesPurged.v1"

    account_id: str
    folder: str
    messages: tuple[PurgedMessage, ...]

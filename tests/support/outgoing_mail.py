"""Messages to be written: one plain one, and any that a person or a program might make."""

import re
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import strategies as st

from courrier.mail.message import Mailbox
from courrier.mail.writing.outgoing import OutgoingAttachment, OutgoingMessage

ANN = Mailbox("Ann", "ann@example.org")
_CONTROLS = re.compile("[\x00-\x1f\x7f\x85\u2028\u2029]+")


def outgoing(**changes: object) -> OutgoingMessage:
    """A message that differs from a plain one in the values named."""
    values: dict[str, object] = {
        "message_id": "1@example.org",
        "date": datetime(2026, 1, 12, 10, 11, 12, tzinfo=UTC),
        "boundary_seed": "seed",
        "from_": ANN,
        "to": (Mailbox(None, "bob@example.org"),),
        "subject": "Hello",
        "text": "Good day\n",
    }
    return OutgoingMessage(**(values | changes))  # type: ignore[arg-type]  # values by name


def on_one_line(text: str) -> str:
    """What a field can say of any text: no controls, no byte order marks, no blanks at its ends."""
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return _CONTROLS.sub(" ", whole.replace("\x00", "").replace("\ufeff", "")).strip()


def as_name(text: str) -> str | None:
    """What a person's name can say of any text: blanks run together, and nothing is no name."""
    return " ".join(on_one_line(text).split()) or None


anything = st.text(st.characters(), max_size=60)
"""Any text, with lone surrogates, controls, emoji, any script and direction."""

_atom = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=20)
addresses = st.builds("{}@{}.example".format, _atom, _atom)
mailboxes = st.builds(Mailbox, anything.map(as_name), addresses)
moments = st.datetimes(
    min_value=datetime(1980, 1, 1),  # noqa: DTZ001  hypothesis adds the zone
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001  as above
    timezones=st.integers(-14 * 60, 14 * 60).map(lambda each: timezone(timedelta(minutes=each))),
).map(lambda moment: moment.replace(microsecond=0))
bodies = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=200)
"""Any text with normal line ends."""

_filenames = anything.map(lambda text: on_one_line(re.sub(r"[/\\]", "", text)) or "x")
_types = st.sampled_from(("application/pdf", "image/png", "text/csv", "text/plain", "X-a/b.c+d"))
files = st.builds(
    OutgoingAttachment,
    filename=_filenames,
    content_type=_types,
    content=st.binary(max_size=300),
)
images = st.builds(
    OutgoingAttachment,
    filename=_filenames,
    content_type=st.just("image/png"),
    content=st.binary(max_size=300),
    content_id=addresses,
    inline=st.just(value=True),
)
_many = st.lists(mailboxes, max_size=3).map(tuple)
messages = st.builds(
    outgoing,
    date=moments,
    from_=mailboxes,
    sender=st.none() | mailboxes,
    reply_to=_many,
    to=_many,
    cc=_many,
    subject=anything.map(on_one_line),
    text=bodies,
    attachments=st.lists(files | images, max_size=3).map(tuple),
    in_reply_to=st.none() | addresses,
    references=st.lists(addresses, max_size=10, unique=True).map(tuple),
)
"""Messages of text, all of whose values can be on the wire as they are."""

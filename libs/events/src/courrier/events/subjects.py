"""Build and parse subjects: the only place that knows where the dots stand.

``<family>.<partition>.[<kind>.]<id>[.<part>]``; the partition is two digits, 00 to 63, from the
first id, so that all of one aggregate is read by one instance of a consumer group.
"""

import re
from hashlib import sha256
from zlib import crc32

PARTITIONS = 64
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,80}\Z")

STREAM_OF_FAMILY = {
    "mailbox": "MAILBOX",
    "email": "EMAIL",
    "outbound": "OUTBOUND",
    "campaign": "CAMPAIGN",
    "settings": "SETTINGS",
    "crm": "CRM",
    "export": "EXPORT",
    "dead": "DEAD",
}


class BadSubject(ValueError):
    """A subject or one of its tokens is malformed: a bug in the caller, never user input."""


def partition(first_id: str) -> str:
    """Return the partition of an id: CRC-32 (IEEE) of its UTF-8 bytes modulo 64, two digits."""
    return f"{crc32(first_id.encode()) % PARTITIONS:02d}"


def folder_token(folder: str) -> str:
    """Return the subject token of an IMAP folder: 16 hex digits of SHA-256 of its decoded name."""
    return sha256(folder.encode()).hexdigest()[:16]


def folder_messages(account_id: str, folder: str) -> str:
    """Subject of the messages of one folder of one account."""
    return _subject("mailbox", account_id, account_id, folder_token(folder), "msg")


def folder_cursor(account_id: str, folder: str) -> str:
    """Subject of the cursor of one folder of one account."""
    return _subject("mailbox", account_id, account_id, folder_token(folder), "cursor")


def folder_marks(account_id: str, folder: str) -> str:
    """Subject of how the messages of one folder of one account are marked."""
    return _subject("mailbox", account_id, account_id, folder_token(folder), "marks")


def folder_purged(account_id: str, folder: str) -> str:
    """Subject of the messages of one folder of one account that were kept out and are gone."""
    return _subject("mailbox", account_id, account_id, folder_token(folder), "purged")


def account_errands(account_id: str) -> str:
    """Subject of what is to be done on an account's server."""
    return _subject("mailbox", account_id, account_id, "errands")


def account_state(account_id: str) -> str:
    """Subject of an account's fetching state."""
    return _subject("mailbox", account_id, account_id, "state")


def imported_message(holder_id: str, digest: str) -> str:
    """Subject of a message handed in by a person: the same bytes from the same person are one."""
    account = f"import-{holder_id}"
    return _subject("mailbox", account, account, digest[:32], "msg")


def erased_message(message_key: str) -> str:
    """Subject of a message that is not to be kept; ``message_key`` is its keyed hash."""
    return _subject("mailbox", message_key, "erased", message_key)


def reread_message(source_id: str) -> str:
    """Subject of newer readings of a received message; ``source_id`` is its event's id."""
    return _subject("mailbox", source_id, "reread", source_id)


def erasure(erasure_id: str) -> str:
    """Subject of what was done to erase an address or an e-mail."""
    return _subject("settings", erasure_id, "erasure", erasure_id)


def email(email_id: str) -> str:
    """Subject of one e-mail."""
    return _subject("email", email_id, email_id)


def thread(thread_id: str) -> str:
    """Subject of one conversation: what it was joined to."""
    return _subject("email", thread_id, "thread", thread_id)


def case_request(claim: str) -> str:
    """Subject of the request that a conversation, or one e-mail of it, become a case."""
    return _subject("email", claim, claim, "case")


def case_answer(email_id: str) -> str:
    """Subject of what an e-mail about a case makes of it."""
    return _subject("email", email_id, email_id, "answered")


def auto_reply(email_id: str) -> str:
    """Subject of the permission to answer an e-mail by machine."""
    return _subject("email", email_id, email_id, "autoreply")


def skipped_message(source_id: str) -> str:
    """Subject of a received message that a filter kept out."""
    return _subject("email", source_id, source_id, "skipped")


def outbound(email_id: str) -> str:
    """Subject of one outgoing message."""
    return _subject("outbound", email_id, email_id)


def draft(email_id: str) -> str:
    """Subject of one message while it is written."""
    return _subject("outbound", email_id, email_id, "draft")


def outbound_queue() -> str:
    """Subject of the queue of all that is to be sent."""
    return _subject("outbound", "queue", "queue", "state")


def sending_state(account_id: str) -> str:
    """Subject of whether an account's server takes messages."""
    return _subject("outbound", account_id, account_id, "state")


def upload(upload_id: str) -> str:
    """Subject of one file that was uploaded to write with."""
    return _subject("settings", upload_id, "upload", upload_id)


def answered(account_id: str, recipient_key: str) -> str:
    """Subject of when an account last answered a sender by machine."""
    return _subject("outbound", account_id, account_id, "answered", recipient_key)


def user(user_id: str) -> str:
    """Subject of one user."""
    return _subject("settings", user_id, "user", user_id)


def login(login_key: str) -> str:
    """Subject of whose a log-in name is; ``login_key`` follows from the name."""
    return _subject("settings", login_key, "login", login_key)


def opening(email_id: str) -> str:
    """Subject of who opened a private e-mail."""
    return _subject("settings", email_id, "opening", email_id)


def team(team_id: str) -> str:
    """Subject of one team."""
    return _subject("settings", team_id, "team", team_id)


def role(role_id: str) -> str:
    """Subject of one role."""
    return _subject("settings", role_id, "role", role_id)


def email_account(account_id: str) -> str:
    """Subject of one e-mail account's configuration."""
    return _subject("settings", account_id, "account", account_id)


def configured(kind: str, item_id: str) -> str:
    """Subject of one thing that is set up: a folder, a filter, a template."""
    return _subject("settings", item_id, kind, item_id)


def record(record_type: str, record_id: str) -> str:
    """Subject of one CRM record."""
    return _subject("crm", record_id, record_type, record_id)


def address(address_hash: str) -> str:
    """Subject of one address's owners; ``address_hash`` is the keyed hash of the address."""
    return _subject("crm", address_hash, "address", address_hash)


def counter(name: str) -> str:
    """Subject of a counter: of the numbers of cases, ``case``."""
    return _subject("crm", name, "counter", name)


def desk(account_id: str) -> str:
    """Subject of whose turn it was among those who take a group account's cases."""
    return _subject("crm", account_id, "desk", account_id)


def merge(record_id: str) -> str:
    """Subject of what a record stands for since others were merged into it."""
    return _subject("crm", record_id, "merge", record_id)


def dead(consumer: str, subject: str) -> str:
    """Subject of what became of a subject's events that a consumer (``a.b``) could not take."""
    name = consumer.replace(".", "_")
    return _subject("dead", name, name, sha256(subject.encode()).hexdigest()[:16])


def is_ordered(subject: str) -> bool:
    """Tell whether an event of this subject has to wait for the earlier ones.

    The messages of one folder share a subject only because the broker pays by the subject; none
    of them follows from another.
    """
    return not (subject.startswith("mailbox.") and subject.endswith(".msg"))


def stream_of(subject: str) -> str:
    """Return the stream that holds this subject.

    Raises:
        BadSubject: the first token is no family of ours.
    """
    family = subject.partition(".")[0]
    try:
        return STREAM_OF_FAMILY[family]
    except KeyError:
        raise BadSubject(f"no stream holds subjects of family {family!r}") from None


def partition_of(subject: str) -> int:
    """Return the partition that a subject names."""
    return int(subject.split(".", 2)[1])


def aggregate_of(subject: str) -> str:
    """Return the subject without family and partition: CloudEvents ``subject``."""
    return subject.split(".", 2)[2]


def _subject(family: str, first_id: str, *tokens: str) -> str:
    for token in tokens:
        if not _TOKEN.match(token):
            raise BadSubject(f"{token!r} cannot stand in a subject")
    return ".".join((family, partition(first_id), *tokens))

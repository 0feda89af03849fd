"""What tests know of a mailbox, and how they fill and read it: over IMAP, as anybody would.

These calls block; they belong into the arranging part of a test.
"""

import imaplib
import re
import ssl
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

if TYPE_CHECKING:
    from collections.abc import Iterator

TIMEOUT_S = 15.0


@dataclass(frozen=True, slots=True)
class ImapAccount:
    """One user of an IMAP server; ``port`` speaks TLS from the first byte.

    ``starttls_port`` speaks in clear until STARTTLS; None where the server has none.
    """

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    ca_file: Path
    starttls_port: int | None = None

    @contextmanager
    def log_in(self) -> "Iterator[imaplib.IMAP4_SSL]":
        """Open a connection that is logged in."""
        context = ssl.create_default_context(cafile=str(self.ca_file))
        connection = imaplib.IMAP4_SSL(self.host, self.port, ssl_context=context, timeout=TIMEOUT_S)
        with connection:
            connection.login(self.user, self.password)
            yield connection

    def append(self, folder: str, message: bytes, flags: Sequence[str] = ()) -> int:
        """Put a message into a folder, made if it is missing; return its UID, 0 if not told."""
        return self.append_all(folder, [message], flags)[0]

    def append_all(
        self, folder: str, messages: Sequence[bytes], flags: Sequence[str] = ()
    ) -> list[int]:
        """Put messages into a folder over one connection; return their UIDs."""
        with self.log_in() as connection:
            if folder.upper() != "INBOX":
                connection.create(_quoted(folder))
            return [_append(connection, folder, message, flags) for message in messages]

    def messages(self, folder: str = "INBOX") -> list[bytes]:
        """Return the bytes of all messages of a folder, in the order of their UIDs."""
        with self.log_in() as connection:
            _done(connection.select(_quoted(folder), readonly=True))
            _, found = connection.uid("FETCH", "1:*", "(BODY.PEEK[])")
        return [bytes(part[1]) for part in found if isinstance(part, tuple)]

    def flags(self, folder: str = "INBOX") -> dict[int, tuple[str, ...]]:
        r"""Return each UID's flags, as the server writes them, sorted; without ``\Recent``."""
        with self.log_in() as connection:
            _done(connection.select(_quoted(folder), readonly=True))
            _, found = connection.uid("FETCH", "1:*", "(FLAGS)")
        return dict(_flags_of(line) for line in found if isinstance(line, bytes))

    def expunge(self, folder: str, uids: Sequence[int]) -> None:
        """Delete messages for good."""
        with self.log_in() as connection:
            _done(connection.select(_quoted(folder)))
            numbers = ",".join(map(str, uids))
            connection.uid("STORE", numbers, "+FLAGS.SILENT", r"(\Deleted)")
            _done(connection.expunge())

    def delete_folder(self, folder: str) -> None:
        """Delete a folder; made again under the same name it has another UIDVALIDITY."""
        with self.log_in() as connection:
            _done(connection.delete(_quoted(folder)))


@dataclass(frozen=True, slots=True)
class ImapServer:
    """A server on which any user name is a new, empty mailbox."""

    host: str
    port: int
    starttls_port: int | None
    password: str
    ca_file: Path

    def new_user(self, name: str | None = None) -> ImapAccount:
        """Return the account of a user that nobody else uses; ``name`` is for the reader."""
        user = f"{name or 'user'}-{uuid4().hex[:12]}@example.test"
        return self.account(user)

    def account(self, user: str) -> ImapAccount:
        """Return the account of this user."""
        return ImapAccount(
            self.host, self.port, user, self.password, self.ca_file, self.starttls_port
        )

    def append(self, user: str, folder: str, message: bytes) -> int:
        """Put a message into a user's folder and return its UID."""
        return self.account(user).append(folder, message)


def _append(connection: imaplib.IMAP4, folder: str, message: bytes, flags: Sequence[str]) -> int:
    kind, answer = connection.append(_quoted(folder), " ".join(flags), None, message)
    _done((kind, answer))
    found = re.search(rb"APPENDUID \d+ (\d+)", answer[0] or b"")
    return int(found[1]) if found else 0


def _flags_of(line: bytes) -> tuple[int, tuple[str, ...]]:
    uid = re.search(rb"UID (\d+)", line)
    flags = re.search(rb"FLAGS \(([^)]*)\)", line)
    if uid is None or flags is None:
        raise AssertionError(f"no UID or FLAGS in {line!r}")
    named = set(flags[1].decode().split()) - {"\\Recent"}
    return int(uid[1]), tuple(sorted(named))


def _done(answer: tuple[str, Sequence[object]]) -> None:
    if answer[0] != "OK":
        raise AssertionError(f"the IMAP server said {answer!r}")


def _quoted(folder: str) -> str:
    """Names outside US-ASCII are given in modified UTF-7 (RFC 3501 section 5.1.3)."""
    escaped = folder.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'

"""A UID means one message for ever, whatever is deleted or dies in between."""

from datetime import UTC, datetime
from pathlib import Path

from courrier.local.demo.mailbox_files import Arrival, MailboxFiles

NOON = Arrival(datetime(2026, 3, 2, 12, 0, tzinfo=UTC))


def test_messages_come_back_byte_for_byte(tmp_path: Path) -> None:
    """With their flags and dates, after a restart."""
    seen = Arrival(NOON.received, frozenset({"\\Seen"}))
    uid = MailboxFiles(tmp_path).add(b"a\r\n\xff", seen)

    again = MailboxFiles(tmp_path)

    assert again.content(uid) == b"a\r\n\xff"
    assert again.messages() == {uid: seen}


def test_the_uid_of_a_deleted_message_is_not_given_again(tmp_path: Path) -> None:
    """Also if it was the last, and after a restart."""
    files = MailboxFiles(tmp_path)
    uid = files.add(b"x", NOON)
    files.remove([uid])

    again = MailboxFiles(tmp_path)

    assert again.add(b"y", NOON) > uid
    assert again.uid_validity == files.uid_validity


def test_a_crash_before_the_index_was_written_costs_a_uid_only(tmp_path: Path) -> None:
    """The file is there, the index does not know it: its number stays used."""
    MailboxFiles(tmp_path)
    (tmp_path / "7.eml").write_bytes(b"half")

    again = MailboxFiles(tmp_path)

    assert again.messages() == {}
    assert again.add(b"y", NOON) == 8


def test_flags_are_kept(tmp_path: Path) -> None:
    """Those of a message that is gone are ignored."""
    files = MailboxFiles(tmp_path)
    uid = files.add(b"x", NOON)
    files.set_flags(uid, ["\\Flagged"])
    files.set_flags(99, ["\\Seen"])

    assert MailboxFiles(tmp_path).messages()[uid].flags == {"\\Flagged"}

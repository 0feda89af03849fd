"""Customers answer what people write, once in a thread, and never a machine."""

import asyncio
from email import message_from_bytes
from pathlib import Path

from courrier.local.demo.answers import Customers
from courrier.local.demo.people import COMPANY, MAILBOX

TALKATIVE = next(person.address for person in COMPANY.person if person.answers)
AWAY = next(person.address for person in COMPANY.person if person.away)
DEADLINE_S = 2.0


class Inboxes:
    """Remembers what was put where."""

    def __init__(self) -> None:
        self.put: list[tuple[str, bytes]] = []
        self.changed = asyncio.Event()

    async def __call__(self, recipient: str, content: bytes) -> None:
        """Remember it."""
        self.put.append((recipient, content))
        self.changed.set()

    async def until(self, count: int) -> None:
        """Wait until so many messages were put."""
        async with asyncio.timeout(DEADLINE_S):
            while len(self.put) < count:
                self.changed.clear()
                await self.changed.wait()


def letter(message_id: str, *headers: str) -> bytes:
    """Return a small message."""
    lines = ("Subject: Quote", f"Message-ID: {message_id}", *headers, "", "Hello")
    return "\r\n".join(lines).encode()


async def test_a_customer_answers_in_the_thread(tmp_path: Path) -> None:
    """Some seconds later, quoting what was written."""
    inboxes = Inboxes()
    async with Customers(tmp_path / "a.json", inboxes, thinking_s=0) as customers:
        await customers.deliver(MAILBOX, TALKATIVE, letter("<1@x>"))
        await inboxes.until(2)

    recipient, content = inboxes.put[1]
    answer = message_from_bytes(content)
    assert recipient == MAILBOX
    assert answer["In-Reply-To"] == "<1@x>"
    assert answer["Subject"] == "Re: Quote"


async def test_a_thread_is_answered_once_also_after_a_restart(tmp_path: Path) -> None:
    """Two sides that answer each other for ever would fill the disk."""
    inboxes = Inboxes()
    for number in range(3):
        async with Customers(tmp_path / "a.json", inboxes, thinking_s=0) as customers:
            message = letter(f"<{number + 2}@x>", "References: <1@x>")
            await customers.deliver(MAILBOX, TALKATIVE, message)
            await inboxes.until(2 + number)

    assert [recipient for recipient, _ in inboxes.put].count(MAILBOX) == 1


async def test_an_absent_customer_has_a_machine_answer(tmp_path: Path) -> None:
    """Marked as such (RFC 3834)."""
    inboxes = Inboxes()
    async with Customers(tmp_path / "a.json", inboxes, thinking_s=0) as customers:
        await customers.deliver(MAILBOX, AWAY, letter("<1@x>"))
        await inboxes.until(2)

    assert message_from_bytes(inboxes.put[1][1])["Auto-Submitted"] == "auto-replied"


async def test_a_machine_is_not_answered(tmp_path: Path) -> None:
    """RFC 3834 section 2."""
    inboxes = Inboxes()
    async with Customers(tmp_path / "a.json", inboxes, thinking_s=0) as customers:
        message = letter("<1@x>", "Auto-Submitted: auto-replied")
        await customers.deliver(MAILBOX, TALKATIVE, message)

    assert inboxes.put == [(TALKATIVE, message)]

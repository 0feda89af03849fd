"""The demo's mailbox: the same every time, dated back from the first start, worth a look."""

import email.policy
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.utils import parsedate_to_datetime

from courrier.local.demo.filling import stories
from courrier.local.demo.people import ADDRESSES, COMPANY

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def told() -> list[EmailMessage]:
    """Return all messages, parsed, oldest first."""
    return [
        message_from_bytes(content, policy=email.policy.default) for _, _, content in stories(NOW)
    ]


def test_the_same_moment_gives_the_same_bytes() -> None:
    """A failing demo can be repeated."""
    assert stories(NOW) == stories(NOW)


def test_there_is_enough_to_read() -> None:
    """Threads, two languages, HTML, files, a newsletter, a machine's answer."""
    messages = told()

    assert len(messages) >= 50
    assert any(message["List-Id"] for message in messages)
    assert any(message["Auto-Submitted"] == "auto-replied" for message in messages)
    assert sum(message.get_body(("html",)) is not None for message in messages) >= 5
    assert sum(any(True for _ in message.iter_attachments()) for message in messages) >= 4
    assert any("Bonjour" in str(message.get_body(("plain",))) for message in messages)


def test_nothing_is_from_the_future() -> None:
    """Whatever the time of day of the first start."""
    for hour in range(24):
        now = NOW + timedelta(hours=hour)
        assert all(at < now for _, at, _ in stories(now))


def test_the_dates_reach_back_from_the_first_start() -> None:
    """The header says the same as the mailbox."""
    pairs = [(at, message_from_bytes(content)["Date"]) for _, at, content in stories(NOW)]

    assert all(parsedate_to_datetime(header) == at for at, header in pairs)
    assert pairs[0][0] > NOW - timedelta(days=30)


def test_every_answer_refers_to_an_earlier_message() -> None:
    """Threads hold together, and every Message-ID is there once."""
    known: set[str] = set()
    for message in told():
        if message["In-Reply-To"]:
            assert message["In-Reply-To"] in known
        assert message["Message-ID"] not in known
        known.add(message["Message-ID"])


def test_everybody_who_writes_can_be_answered() -> None:
    """The demo's server delivers to each of them."""
    authors = {message["From"].addresses[0].addr_spec for message in told()}

    assert authors <= set(ADDRESSES)


def test_every_affair_belongs_to_an_account() -> None:
    """The file that describes the company is consistent."""
    accounts = {account.id for account in COMPANY.account}
    of_people = {person.account for person in COMPANY.person} - {None}
    of_affairs = {affair.account for affair in (*COMPANY.opportunity, *COMPANY.case)}

    assert of_people | of_affairs <= accounts

"""From the order to send to the message: what is refused, and what is written."""

from datetime import UTC, datetime
from typing import Any

import pytest

from courrier.events.base import Mailbox
from courrier.events.commands.sender import SendMessage
from courrier.events.families.configuration import (
    PreferencesChanged,
    SmtpAccountAdded,
    SmtpAccountRemoved,
)
from courrier.events.families.mailbox import BlobRef
from courrier.events.families.settings import (
    EmailAccountAdded,
    EmailAccountChanged,
    EmailAccountRemoved,
    Server,
)
from courrier.mail.parse import summarise
from courrier.mail.writing.compose import compose
from courrier.sender.domain.account import Account, account_of
from courrier.sender.domain.writing import (
    NotSendable,
    check_account,
    check_content,
    check_ids,
    outgoing,
    requested,
)
from support.builders import ACCOUNT, EMAIL, RAW, example
from unit.sender.orders import ADA, GRACE, order

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
BLIND = Mailbox(name="Eve", address="eve@example.test")
FOUND = account_of([example(EmailAccountAdded)])


def _mailbox(address: str, name: str | None = None) -> Mailbox:
    return Mailbox(name=name, address=address)


def _refusal(changes: dict[str, Any]) -> tuple[str, str | None]:
    with pytest.raises(NotSendable) as caught:
        check_content(order(**changes))
    return caught.value.reason, caught.value.pointer


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"to": ()}, ("no-recipient", "/to")),
        ({"to": (ADA,) * 101}, ("too-many-recipients", "/to")),
        ({"to": (_mailbox("ada"),)}, ("bad-address", "/to/0/address")),
        ({"to": (ADA, _mailbox("a@b@c"))}, ("bad-address", "/to/1/address")),
        ({"to": (_mailbox("a@x.test>\r\nRCPT TO:<b@x.test"),)}, ("bad-address", "/to/0/address")),
        ({"cc": (_mailbox("ada@exa mple.test"),)}, ("bad-address", "/cc/0/address")),
        ({"bcc": (_mailbox("a" * 65 + "@x.test"),)}, ("bad-address", "/bcc/0/address")),
        ({"to": (_mailbox("a@" + "x" * 250 + ".test"),)}, ("bad-address", "/to/0/address")),
        ({"sent_from": _mailbox("grace")}, ("bad-address", "/from/address")),
        ({"subject": "Offer\r\nBcc: eve@example.test"}, ("line-break", "/subject")),
        ({"subject": "Offer\nX-Spam: no"}, ("line-break", "/subject")),
        ({"subject": "Offer\x00"}, ("line-break", "/subject")),
        ({"subject": "x" * 2001}, ("too-long", "/subject")),
        (
            {"to": (_mailbox("ada@x.test", "Ada\r\nBcc: eve@x.test"),)},
            ("line-break", "/to/0/name"),
        ),
        ({"sent_from": _mailbox("g@x.test", "G\rX")}, ("line-break", "/from/name")),
    ],
)
def test_what_cannot_be_said_as_meant_is_refused(
    changes: dict[str, Any], expected: tuple[str, str]
) -> None:
    """Every refusal names its reason and the field at fault."""
    assert _refusal(changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"email_id": "nonsense"}, "/email_id"),
        ({"email_id": EMAIL.upper()}, "/email_id"),
        ({"account_id": "a.>"}, "/account_id"),
    ],
)
def test_ids_that_cannot_stand_in_a_subject_are_refused(
    changes: dict[str, Any], expected: str
) -> None:
    """An id is never able to name another aggregate."""
    with pytest.raises(NotSendable) as caught:
        check_ids(order(**changes))

    assert caught.value.pointer == expected


def _account_reason(send: SendMessage, account: Account | None) -> str:
    with pytest.raises(NotSendable) as caught:
        check_account(send, account)
    return caught.value.reason


def test_only_the_owner_sends_from_an_account() -> None:
    """An account that is not there and one of somebody else get the same answer."""
    removed = [example(EmailAccountAdded), example(EmailAccountRemoved)]

    assert _account_reason(order(), None) == "account-unknown"
    assert _account_reason(order(), account_of(removed)) == "account-unknown"
    assert _account_reason(order(author_id="9" * 32), FOUND) == "account-unknown"


def test_a_way_out_that_is_nobodys_own_is_for_whom_the_gateway_lets() -> None:
    """The system's, or one shared with a team, has no owner whom the sender could ask for."""
    added, gone = example(SmtpAccountAdded), example(SmtpAccountRemoved)
    send = order(sent_from=_mailbox("crm@example.test"), author_id="9" * 32)

    check_account(send, account_of([added]))
    assert "account-unknown" == _account_reason(send, account_of([added, gone]))
    shared = example(SmtpAccountAdded, fields=added.fields.model_copy(update={"scope": "shared"}))
    assert "from-not-allowed" == _account_reason(order(), account_of([shared]))


def test_own_addresses_leave_by_the_systems_account_or_ones_own_server() -> None:
    """The gateway has decided which; somebody else's preferences carry nothing of ours."""
    send, liked = order(), example(PreferencesChanged)
    whose = order(author_id=liked.user_id)
    foreign = order(author_id="9" * 32)
    server = Server(host="smtp.example.test", port=465)
    set_up = example(PreferencesChanged, fields=liked.fields.model_copy(update={"smtp": server}))

    check_account(send, account_of([example(SmtpAccountAdded)]))
    check_account(whose, account_of([set_up]))
    assert "account-unknown" == _account_reason(foreign, account_of([set_up]))
    assert "account-cannot-send" == _account_reason(
        whose, account_of([example(PreferencesChanged, fields={})])
    )


def test_a_group_account_is_for_whom_the_gateway_lets() -> None:
    """Whoever set it up is not its owner as far as sending goes."""
    added = example(EmailAccountAdded, group={"team_ids": ["t"]})

    check_account(order(author_id="9" * 32), account_of([added]))


def test_an_account_that_changed_is_what_it_is_now() -> None:
    """The last fact counts."""
    changed = example(EmailAccountChanged, smtp=None)

    assert "account-cannot-send" == _account_reason(
        order(), account_of([example(EmailAccountAdded), changed])
    )


def test_an_account_without_a_server_sends_nothing() -> None:
    """The reason tells what to add."""
    without = account_of([example(EmailAccountAdded, smtp=None)])

    assert _account_reason(order(), without) == "account-cannot-send"


def test_from_is_the_accounts_address() -> None:
    """Compared as mailboxes are: case says nothing, the name is free."""
    other = _mailbox("ceo@example.test", "Grace Hopper")

    assert _account_reason(order(sent_from=other), FOUND) == "from-not-allowed"
    check_account(order(sent_from=_mailbox("Grace@Example.TEST", "G.")), FOUND)


def test_the_message_id_is_the_email_id_signed() -> None:
    """A copy met elsewhere maps back to the same e-mail without a look-up."""
    message = outgoing(order(), signature="0123456789abcdef", date=NOON)

    assert message.message_id == f"{EMAIL}.0123456789abcdef@example.test"


def test_the_same_order_gives_the_same_bytes() -> None:
    """Nothing is made up: id, boundary and date follow from the order and its time."""
    html = order(html="<p>Hello Ada</p>")

    first, second = (compose(outgoing(html, signature="s", date=NOON)) for _ in range(2))

    assert first == second


def test_blind_recipients_are_in_the_envelope_and_not_in_the_bytes() -> None:
    """Nobody learns of them from the message."""
    blind = order(bcc=(BLIND,))
    message = outgoing(blind, signature="s", date=NOON)
    fact = requested(blind, message, example_raw())

    assert b"eve" not in compose(message)
    assert fact.envelope_to == (ADA.address, BLIND.address)
    assert fact.bcc == (BLIND,)


def test_every_recipient_is_in_the_envelope_once() -> None:
    """Spelled as first named; domains as A-labels."""
    many = order(to=(ADA, _mailbox("a@bücher.test")), cc=(_mailbox("ADA@example.test"), GRACE))

    fact = requested(many, outgoing(many, signature="s", date=NOON), example_raw())

    assert fact.envelope_to == (ADA.address, "a@xn--bcher-kva.test", GRACE.address)


def test_what_is_written_reads_back() -> None:
    """Names, subject and text survive the wire, beyond ASCII too."""
    said = order(
        subject="Angebot für Zoë",
        text="Grüße\n",
        to=(_mailbox("zoe@example.test", "Zoë"),),
        in_reply_to="1@example.test",
        references=("0@example.test", "1@example.test"),
    )

    read = summarise(compose(outgoing(said, signature="s", date=NOON)))

    assert read.subject == "Angebot für Zoë"
    assert read.text.strip() == "Grüße"
    assert [each.name for each in read.to] == ["Zoë"]
    assert (read.in_reply_to, read.references) == (
        "1@example.test",
        ("0@example.test", "1@example.test"),
    )
    assert read.date == NOON


def test_a_reply_to_a_message_with_a_broken_id_is_still_a_reply() -> None:
    """Ids that no field can carry are left out, line breaks in them included."""
    broken = order(in_reply_to="no id", references=("0@x.test", "1@x.test\r\nBcc: eve@x.test"))

    message = outgoing(broken, signature="s", date=NOON)

    assert (message.in_reply_to, message.references) == (None, ("0@x.test",))


def test_the_account_of_the_order_is_the_one_of_the_log() -> None:
    """The fold keeps what sending needs."""
    assert FOUND is not None
    assert (FOUND.account_id, FOUND.address) == (ACCOUNT, GRACE.address)


def example_raw() -> BlobRef:
    """Return a reference to some bytes."""
    return BlobRef.model_validate(RAW)

"""Valid orders to send, for the sender's tests."""

from typing import Any
from uuid import UUID

from courrier.events.base import Mailbox
from courrier.events.commands.sender import SendMessage
from support.builders import ACCOUNT, EMAIL, USER

GRACE = Mailbox(name="Grace Hopper", address="grace@example.test")
ADA = Mailbox(name="Ada Lovelace", address="ada@example.test")


def order(**changes: Any) -> SendMessage:
    """Return an order that nothing is wrong with."""
    usual: dict[str, Any] = {
        "command_id": UUID(int=5),
        "email_id": EMAIL,
        "author_id": USER,
        "account_id": ACCOUNT,
        "sent_from": GRACE,
        "to": (ADA,),
        "subject": "Offer",
        "text": "Hello Ada\n",
        "actor": f"user:{USER}",
    }
    return SendMessage(**(usual | changes))

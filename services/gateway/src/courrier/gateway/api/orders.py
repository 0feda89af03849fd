"""Orders to the other services: their refusals become problems, their silence a 503."""

from typing import TypeVar

from courrier.events.base import Command
from courrier.events.commands.answers import Done, Refused
from courrier.events.commands.mailboxes import InspectMailbox, InspectOutgoing, MailboxSeen
from courrier.events.commands.rereading import MessagesReread, RereadMessages
from courrier.gateway.ports import Gateway

from .freshness import wait_until_shown
from .problems import Problem

STATUS_OF = {
    "not-found": 404,
    "email-missing": 404,
    "account-missing": 404,
    "not-allowed": 403,
    "not-a-holder": 403,
    "version-changed": 412,
    "malformed": 422,
    "unwritable": 422,
    "too-large": 413,
}

Told = TypeVar("Told", Done, MailboxSeen, MessagesReread)

SHOWN_WITHIN_S = 1.0
"""An answer waits so long for the lists to show the change."""

JOB_SHOWN_WITHIN_S = 10.0
"""A job has ended when the lists show it, if they keep pace."""


async def order(gateway: Gateway, command: Command) -> Done:
    """Return that the order was carried out.

    Raises:
        Problem: the service declined it.
        NoAnswer: it did not answer within its time; the order may be repeated.
    """
    return await _answered(gateway, command, Done)


async def inspected(gateway: Gateway, command: InspectMailbox | InspectOutgoing) -> MailboxSeen:
    """Return what is found; a server that cannot be reached is no error here.

    Raises:
        Problem: the service declined to look.
        NoAnswer: it did not answer within its time.
    """
    return await _answered(gateway, command, MailboxSeen)


async def reread(gateway: Gateway, command: RereadMessages) -> MessagesReread:
    """Return what the fetcher reads differently now.

    Raises:
        Problem: the fetcher declined it.
        NoAnswer: it did not answer within its time; the order may be repeated.
    """
    return await _answered(gateway, command, MessagesReread)


async def _answered(gateway: Gateway, command: Command, kind: type[Told]) -> Told:
    answer = await gateway.bus.ask(command)
    if isinstance(answer, kind):
        return answer
    if not isinstance(answer, Refused):
        raise TypeError(f"{command.NAME} is not answered by {type(answer).__name__}")
    raise declined(answer)


def declined(answer: Refused) -> Problem:
    """Return a refusal as HTTP says it."""
    errors = [{"pointer": answer.pointer, "detail": answer.text}] if answer.pointer else []
    status = STATUS_OF.get(answer.reason, 422 if answer.pointer else 409)
    return Problem(status, answer.text, errors, slug=answer.reason)


async def shown(gateway: Gateway, done: Done, longest_s: float = SHOWN_WITHIN_S) -> None:
    """Wait, but not for ever, until the lists show what was done."""
    await wait_until_shown(gateway, done.position, longest_s)

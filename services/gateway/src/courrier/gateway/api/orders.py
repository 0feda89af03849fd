"""Orders to the other services: their refusals become problems, their silence a 503."""

from courrier.events.base import Command
from courrier.events.commands.answers import Done
from courrier.gateway.ports import Gateway

from .problems import Problem

STATUS_OF = {
    "not-found": 404,
    "email-missing": 404,
    "account-missing": 404,
    "not-allowed": 403,
    "not-a-holder": 403,
    "malformed": 422,
    "unwritable": 422,
    "too-large": 413,
}


async def order(gateway: Gateway, command: Command) -> Done:
    """Return that the order was carried out.

    Raises:
        Problem: the service declined it.
        NoAnswer: it did not answer within its time; the order may be repeated.
    """
    answer = await gateway.bus.ask(command)
    if isinstance(answer, Done):
        return answer
    errors = [{"pointer": answer.pointer, "detail": answer.text}] if answer.pointer else []
    status = STATUS_OF.get(answer.reason, 422 if answer.pointer else 409)
    raise Problem(status, answer.text, errors, slug=answer.reason)

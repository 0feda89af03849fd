"""What all pages have in common: errors are pages too, and a stranger is led to the log-in."""

from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import quote

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from typing_extensions import override

from courrier.gateway.api.caller import Caller
from courrier.gateway.api.problems import NOT_NOW, Problem, problem_of
from courrier.gateway.api.words import Words, noted, words_in
from courrier.gateway.domain.cursors import BadCursor
from courrier.gateway.domain.refusals import Refusal

from .rendering import page
from .visitor import LogInNeeded, SecondFactorNeeded, language_of

SHOWN = (Problem, Refusal, RequestValidationError, HTTPException, BadCursor, *NOT_NOW)
TEXTS: Mapping[int, str] = {
    400: noted("This address is not one of ours. Start from the inbox."),
    403: noted("This form is too old or not ours. Go back, reload the page and try again."),
    404: noted("There is no such thing, or none that you may see."),
    413: noted("That is too much text for one message."),
    503: noted("A part of the system does not answer. Wait a moment and try again."),
}
OTHERWISE = noted("That cannot be done.")

Handler = Callable[[Request], Awaitable[Response]]


class PageRoute(APIRoute):
    """A route of the web page."""

    @override
    def get_route_handler(self) -> Handler:  # type: ignore[override]  # a Coroutine is an Awaitable
        """Return the handler with errors shown as pages."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await inner(request)
            except LogInNeeded:
                return to_log_in(request)
            except SecondFactorNeeded:
                return RedirectResponse("/second-factor", 303)
            except SHOWN as error:
                return problem_page(request, problem_of(error))

        return handle


def to_log_in(request: Request) -> Response:
    """Lead to the log-in, and from there back to the page that was asked for."""
    asked_for = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    back = f"?next={quote(asked_for, safe='')}" if request.method == "GET" else ""
    return RedirectResponse(f"/login{back}", 303)


def problem_page(request: Request, problem: Problem) -> Response:
    """Return a page that says what is wrong and what to do."""
    words = _words(request)
    text = words.text(TEXTS.get(problem.status, OTHERWISE))
    detail = problem.detail if problem.status not in TEXTS else ""
    values = {
        "text": text,
        "detail": detail,
        "status": problem.status,
        "request_id": getattr(request.state, "request_id", ""),
        "viewer": None,
    }
    return page(words, "problem.html", values, problem.status)


def _words(request: Request) -> Words:
    caller: Caller | None = getattr(request.state, "caller", None)
    return words_in(caller.person.language) if caller else language_of(request)

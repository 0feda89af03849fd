"""Who looks at a page: a browser's session, and its CSRF token in every form that changes."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request
from starlette.datastructures import UploadFile

from courrier.gateway.api.caller import COOKIE, Caller, gateway_of, visit
from courrier.gateway.api.problems import Problem
from courrier.gateway.api.words import Words, preferred, words_in
from courrier.gateway.domain.access import Person
from courrier.gateway.ports import Gateway

MOST_FIELDS = 40


class LogInNeeded(Exception):
    """Nobody is logged in with this browser."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person at a page; ``csrf`` goes into each form."""

    gateway: Gateway
    caller: Caller
    words: Words
    csrf: str

    @property
    def person(self) -> Person:
        """Who it is."""
        return self.caller.person


class SecondFactorNeeded(Exception):
    """Somebody has to set up a second factor before anything else."""


async def visitor_of(request: Request) -> Visitor:
    """Return who looks.

    Raises:
        LogInNeeded: nobody we know.
        SecondFactorNeeded: they have to set one up first.
    """
    visitor = await enrolling(request)
    if visitor.person.must_enrol:
        raise SecondFactorNeeded
    return visitor


async def enrolling(request: Request) -> Visitor:
    """Return who looks, also somebody who has to set up a second factor first.

    Raises:
        LogInNeeded: nobody we know.
    """
    gateway = gateway_of(request)
    found = await visit(gateway, request.cookies.get(COOKIE))
    if found is None:
        raise LogInNeeded
    person, session = found
    caller = Caller(person, session=session)
    request.state.caller = caller
    return Visitor(gateway, caller, words_in(person.language), session.csrf)


async def writer_of(request: Request) -> Visitor:
    """Return who sent a form.

    Raises:
        LogInNeeded: nobody we know.
        Problem: 403 for a form that was not one of this session's.
    """
    visitor = await visitor_of(request)
    require_token((await form_of(request)).get("csrf", ""), visitor.csrf)
    return visitor


async def enrolling_writer(request: Request) -> Visitor:
    """Return who sent a form, also somebody who has to set up a second factor first.

    Raises:
        LogInNeeded: nobody we know.
        Problem: 403 for a form that was not one of this session's.
    """
    visitor = await enrolling(request)
    require_token((await form_of(request)).get("csrf", ""), visitor.csrf)
    return visitor


def require_token(shown: str, expected: str) -> None:
    """Let a form pass that shows the token it was made with.

    Raises:
        Problem: 403, it does not.
    """
    if not hmac.compare_digest(shown.encode("utf-8", "replace"), expected.encode()):
        raise Problem(403, slug="csrf-token-missing")


async def form_of(request: Request) -> Mapping[str, str]:
    """Return a form's fields; files and all beyond ``MOST_FIELDS`` are refused by the parser."""
    form = await request.form(max_files=0, max_fields=MOST_FIELDS)
    return {name: value for name, value in form.items() if not isinstance(value, UploadFile)}


def language_of(request: Request) -> Words:
    """Return the words for somebody who is not logged in."""
    return words_in(preferred(request.headers.get("accept-language", "")))

"""A conversation as its page shows it: every e-mail in it, why it is here, and a way to answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from courrier.gateway.api.email_shapes import EmailMissing, emails_json, readable_email
from courrier.gateway.api.originals import original_of
from courrier.gateway.api.reasons import Decision, Teller
from courrier.gateway.domain.access import reach
from courrier.gateway.domain.cursors import FIRST_PAGE, Place
from courrier.gateway.domain.replies import answer_to
from courrier.gateway.projections import email_accounts, email_pages, readable_emails
from courrier.gateway.projections.email_accounts import AccountRow
from courrier.gateway.projections.email_views import EmailView
from courrier.mail.writing.quoting import quote

from .bodies import Body, body_of
from .moments import full
from .rendering import who
from .visitor import Visitor

MOST_EMAILS = 50
MOST_READ = 6
"""E-mails of a conversation that are read from their bytes for one page; the others by text."""
QUOTED_CHARS = 20_000


@dataclass(frozen=True, slots=True)
class Article:
    """One e-mail of a conversation; folded ones show their first line only."""

    email: Mapping[str, Any]
    view: EmailView
    is_open: bool
    body: Body
    decisions: list[Decision]


@dataclass(frozen=True, slots=True)
class ReplyForm:
    """What the form begins with; ``key`` makes sending twice the same as once."""

    sender: str
    to: str
    others: int
    text: str
    key: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation, oldest first; ``chosen`` is the e-mail that was asked for."""

    chosen: Article
    articles: list[Article]
    because: str
    form: ReplyForm | None
    sent_now: str | None = None


async def talk_of(visitor: Visitor, email_id: str, reply_id: str | None = None) -> Talk:
    """Return the conversation of an e-mail; ``reply_id`` is an answer written just now.

    Raises:
        EmailMissing: there is no such e-mail, or not for this person.
    """
    view = await readable_email(visitor.gateway, visitor.person, email_id)
    accounts = await email_accounts.accounts_of(visitor.gateway.pool, visitor.person.id)
    teller = Teller(visitor.words, {each.id: each.address for each in accounts})
    views = await _views(visitor, view, reply_id)
    articles = await _articles(visitor, teller, views, email_id)
    chosen = next(each for each in articles if each.view.id == email_id)
    parent = chosen.email["parent"]
    sent_now = reply_id if any(each.view.id == reply_id for each in articles) else None
    return Talk(
        chosen,
        articles,
        teller.because(parent["reason"]) if parent else "",
        reply_form(visitor, chosen, accounts),
        sent_now,
    )


async def _views(visitor: Visitor, view: EmailView, reply_id: str | None) -> list[EmailView]:
    """Return the e-mails of the conversation that this person may read, oldest first."""
    pool, person = visitor.gateway.pool, visitor.person
    found: dict[str, EmailView] = {view.id: view}
    if view.thread_id:
        place = Place(FIRST_PAGE, MOST_EMAILS)
        ids = await email_pages.of_thread(pool, view.thread_id, reach(person), place)
        wanted = [each.id for each in ids if each.id != view.id]
        rest = await readable_emails.readable_emails(pool, wanted, person, with_text=True)
        found |= {each.id: each for each in rest}
    if reply_id and reply_id not in found:
        found |= await _just_written(visitor, view.id, reply_id)
    return sorted(found.values(), key=lambda each: (each.date, each.id))


async def _just_written(visitor: Visitor, email_id: str, reply_id: str) -> dict[str, EmailView]:
    """Return an answer that is in no conversation yet, if it is this person's own."""
    try:
        reply = await readable_email(visitor.gateway, visitor.person, reply_id)
    except EmailMissing:
        return {}
    mine = reply.delivery and reply.delivery.author_id == visitor.person.id
    return {reply_id: reply} if mine and reply_id != email_id else {}


async def _articles(
    visitor: Visitor, teller: Teller, views: list[EmailView], chosen: str
) -> list[Article]:
    shown = await emails_json(visitor.gateway, visitor.person, views)
    articles: list[Article] = []
    room = MOST_READ
    for email, view in zip(shown, views, strict=True):
        is_open = view.id in {chosen, views[-1].id} or email["is_read"] is False
        whole = is_open and (room > 0 or view.id == chosen)
        room -= whole
        body = await body_of(visitor.gateway, view) if whole else Body(view.text or "")
        decisions = teller.decisions(view, visitor.person)
        articles.append(Article(email, view, is_open, body, decisions))
    return articles


def reply_form(visitor: Visitor, article: Article, accounts: list[AccountRow]) -> ReplyForm | None:
    """Return the form for an answer; None for somebody without an account to write from."""
    usable = {row.id: row for row in accounts if row.smtp}
    if not usable:
        return None
    view = article.view
    mine = view.held_by(visitor.person)
    account = usable.get((mine and mine.account_id) or "") or next(iter(usable.values()))
    own = (account.address, *visitor.person.email_addresses)
    answer = answer_to(original_of(view), own, everyone=True)
    names = {box["address"]: who(box) for box in _boxes(article.email)}
    return ReplyForm(
        sender=account.address,
        to=", ".join(names.get(box.address, box.address) for box in answer.to),
        others=len(answer.cc),
        text=quoted(visitor, article),
        key=uuid4().hex,
    )


def quoted(visitor: Visitor, article: Article) -> str:
    """Return the text that an answer begins with."""
    _ = visitor.words.text
    introduction = _("On {date}, {name} wrote:").format(
        date=full(article.view.date, visitor.words), name=who(article.email["from"])
    )
    return "\n\n" + quote(article.body.text[:QUOTED_CHARS], introduction)


def _boxes(email: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [*filter(None, [email["from"]]), *email["reply_to"], *email["to"], *email["cc"]]

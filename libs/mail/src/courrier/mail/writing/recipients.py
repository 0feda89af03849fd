"""Whom an answer goes to: the author, everybody, or the mailing list (RFC 5322 section 3.6.3)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, Protocol, TypeVar

from courrier.mail.headers.addresses import match_key


class HasAddress(Protocol):
    """A mailbox of any layer."""

    @property
    def address(self) -> str:
        """The bare addr-spec."""


Box = TypeVar("Box", bound=HasAddress)
Scope = Literal["author", "everyone", "list"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressed(Generic[Box]):
    """The people of the message that is answered.

    Attributes:
        followup_to: of Mail-Followup-To, where a list's members want answers to everyone.
        list_post: of List-Post, the list's own address.
    """

    sent_from: Box | None
    reply_to: Sequence[Box] = ()
    to: Sequence[Box] = ()
    cc: Sequence[Box] = ()
    followup_to: Sequence[Box] = ()
    list_post: Box | None = None


@dataclass(frozen=True, slots=True)
class Recipients(Generic[Box]):
    """Each mailbox once; both are empty if the message names nobody to answer."""

    to: tuple[Box, ...]
    cc: tuple[Box, ...] = ()


def reply_recipients(
    original: Addressed[Box], own_addresses: Collection[str], scope: Scope
) -> Recipients[Box]:
    """The recipients; own addresses are left out unless nobody else is there.

    An answer to what one wrote oneself goes to those it was written to. A Reply-To that is just the
    list's address was put there by the list: the author is answered at From all the same.
    """
    own = {match_key(address) for address in own_addresses}
    if scope == "list" and original.list_post is not None:
        return Recipients((original.list_post,))
    if scope == "everyone" and original.followup_to:
        return Recipients(_others(original.followup_to, own) or _distinct(original.followup_to))
    authors = _authors(original, own)
    to = _others(authors, own) or _distinct(authors)
    if scope != "everyone":
        return Recipients(to)
    answered = own | {match_key(box.address) for box in to}
    return Recipients(to, _others((*original.to, *original.cc), answered))


def _authors(original: Addressed[Box], own: Collection[str]) -> Sequence[Box]:
    author = original.sent_from
    if author is not None and match_key(author.address) in own:
        return original.to or (author,)
    asked = original.reply_to
    if asked and not (author is not None and _is_list(asked, original.list_post)):
        return asked
    return (author,) if author is not None else ()


def _is_list(boxes: Sequence[Box], list_post: Box | None) -> bool:
    if list_post is None:
        return False
    key = match_key(list_post.address)
    return all(match_key(box.address) == key for box in boxes)


def _others(boxes: Iterable[Box], left_out: Collection[str]) -> tuple[Box, ...]:
    return tuple(box for box in _distinct(boxes) if match_key(box.address) not in left_out)


def _distinct(boxes: Iterable[Box]) -> tuple[Box, ...]:
    once: dict[str, Box] = {}
    for box in boxes:
        once.setdefault(match_key(box.address), box)
    return tuple(once.values())

import pytest

from courrier.mail.message import Mailbox
from courrier.mail.writing.recipients import Addressed, Recipients, Scope, reply_recipients

ADA = Mailbox("Ada", "ada@example.org")
BOB = Mailbox("Bob", "bob@example.org")
ME = Mailbox("Me", "me@example.org")
LIST = Mailbox(None, "list@example.org")
OWN = ("ME@example.org",)
CASES: list[tuple[str, Addressed[Mailbox], Scope, list[Mailbox], list[Mailbox]]] = [
    ("one", Addressed(sent_from=ADA, to=(ME,)), "author", [ADA], []),
    ("one, to everyone", Addressed(sent_from=ADA, to=(ME,)), "everyone", [ADA], []),
    ("not everyone", Addressed(sent_from=ADA, to=(ME, BOB)), "author", [ADA], []),
    ("everyone", Addressed(sent_from=ADA, to=(ME,), cc=(BOB,)), "everyone", [ADA], [BOB]),
    ("twice named", Addressed(sent_from=ADA, to=(BOB, ADA), cc=(BOB,)), "everyone", [ADA], [BOB]),
    ("Reply-To", Addressed(sent_from=ADA, reply_to=(BOB,), to=(ME,)), "author", [BOB], []),
    ("two Reply-To", Addressed(sent_from=ADA, reply_to=(BOB, LIST)), "author", [BOB, LIST], []),
    ("Reply-To me too", Addressed(sent_from=ADA, reply_to=(BOB, ME)), "author", [BOB], []),
    ("Reply-To only me", Addressed(sent_from=ADA, reply_to=(ME,)), "author", [ME], []),
    ("mine", Addressed(sent_from=ME, to=(ADA,), cc=(BOB,)), "author", [ADA], []),
    ("mine, everyone", Addressed(sent_from=ME, to=(ADA,), cc=(BOB,)), "everyone", [ADA], [BOB]),
    ("mine to me", Addressed(sent_from=ME, to=(ME,)), "everyone", [ME], []),
    ("mine to nobody", Addressed(sent_from=ME), "author", [ME], []),
    ("mine with Reply-To", Addressed(sent_from=ME, reply_to=(ME,), to=(ADA,)), "author", [ADA], []),
    ("no From", Addressed(sent_from=None, to=(BOB,)), "author", [], []),
    ("no From, everyone", Addressed(sent_from=None, to=(BOB,)), "everyone", [], [BOB]),
    ("list", Addressed(sent_from=ADA, to=(LIST,), list_post=LIST), "list", [LIST], []),
    ("no list", Addressed(sent_from=ADA, to=(LIST,)), "list", [ADA], []),
    (
        "author behind a list's Reply-To",
        Addressed(sent_from=ADA, reply_to=(LIST,), to=(LIST,), list_post=LIST),
        "author",
        [ADA],
        [],
    ),
    (
        "everyone behind a list's Reply-To",
        Addressed(sent_from=ADA, reply_to=(LIST,), to=(LIST,), list_post=LIST),
        "everyone",
        [ADA],
        [LIST],
    ),
    (
        "author asks for another address on a list",
        Addressed(sent_from=LIST, reply_to=(ADA,), to=(LIST,), list_post=LIST),
        "everyone",
        [ADA],
        [LIST],
    ),
    (
        "Mail-Followup-To",
        Addressed(sent_from=ADA, to=(LIST, ME), cc=(BOB,), followup_to=(LIST, ME)),
        "everyone",
        [LIST],
        [],
    ),
    (
        "Mail-Followup-To is for everyone only",
        Addressed(sent_from=ADA, to=(LIST,), followup_to=(LIST,)),
        "author",
        [ADA],
        [],
    ),
]


@pytest.mark.parametrize(
    ("original", "scope", "to", "cc"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_an_answer_goes_to_whom_it_should(
    original: Addressed[Mailbox], scope: Scope, to: list[Mailbox], cc: list[Mailbox]
) -> None:
    """RFC 5322 section 3.6.3, lists, and what one wrote oneself."""
    assert reply_recipients(original, OWN, scope) == Recipients(tuple(to), tuple(cc))

"""What mail of a group account starts: who holds it, cases, answers by machine, cases' return."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from courrier.events.base import RecordRef
from courrier.events.families.email import GroupMail
from courrier.linker.domain.identity import subject_key_of
from courrier.linker.domain.known import GroupAccount, Known, KnownEmail
from support.builders import ACCOUNT, NOON, USER
from unit.linker.arriving import (
    ADA,
    GRACE,
    IDENTITY,
    OTHER_ACCOUNT,
    OTHER_USER,
    answers,
    facts,
    holders,
    imported,
    mailbox,
    permissions,
    received,
    shared,
    signed,
    world,
)

GROUP = "support@example.test"
TEMPLATE = "7" * 32
FORGED = {"server": "mail.example.test", "is_own": True, "verdict": "fail"}
CASE = RecordRef(type="case", id="k1")


def desk(**changes: Any) -> Known:
    """A world whose account is the support team's."""
    usual: dict[str, Any] = {"address": GROUP, "teams": ("t1", "t2"), "template_id": TEMPLATE}
    group = GroupAccount(**(usual | changes))
    return replace(world(), groups={ACCOUNT: group}, group_addresses=frozenset({GROUP}))


CASES = desk(opens_cases=True)
ANSWERS = desk()

ROWS: tuple[tuple[dict[str, Any], bool, bool], ...] = (
    # what is different about the message; it opens a case; a machine may answer it
    ({}, True, True),
    ({"from": mailbox("somebody@elsewhere.test")}, True, True),
    ({"from": None}, False, False),
    ({"from": mailbox(GROUP)}, False, False),
    ({"from": mailbox(GRACE)}, True, False),
    ({"from": mailbox(GRACE), "message_id": signed("5" * 32)}, False, False),
    ({"from": mailbox("MAILER-DAEMON@elsewhere.test")}, True, False),
    ({"from": mailbox("no-reply@elsewhere.test")}, True, False),
    ({"from": mailbox("noreply+77@elsewhere.test")}, True, False),
    ({"from": mailbox("owner-news@elsewhere.test")}, True, False),
    ({"from": mailbox("users-request@elsewhere.test")}, True, False),
    ({"from": mailbox("norma.replyson@elsewhere.test")}, True, True),
    ({"auto_reply": True}, False, False),
    ({"unanswerable": "list"}, False, False),
    ({"unanswerable": "precedence"}, False, False),
    ({"unanswerable": "bulk"}, False, False),
    ({"unanswerable": "suppressed"}, True, False),
    ({"unanswerable": "empty-return-path"}, True, False),
    ({"list_id": "News <news.elsewhere.test>"}, False, False),
    ({"list_id": "<support.example.test>"}, True, False),
    ({"special_use": "\\Junk"}, False, False),
    ({"special_use": "\\Sent"}, False, False),
    ({"authentication": [FORGED]}, True, False),
    ({"received_at": NOON - timedelta(days=1)}, True, True),
    ({"received_at": NOON - timedelta(days=3)}, True, False),
    ({"account_id": OTHER_ACCOUNT}, False, False),
)


def test_people_open_cases_and_are_answered_and_nobody_else_is() -> None:
    """Robots, lists, campaigns, junk, the group itself; forged and old mail is not answered."""
    wanted, found = [], []
    for number, (changes, opens_case, is_answered) in enumerate(ROWS):
        source = received(**({"message_id": f"{number}@x"} | changes))
        (fact,) = imported(source, known=CASES)
        wanted.append((changes, opens_case, is_answered))
        found.append(
            (
                changes,
                fact.group is not None and fact.group.opens_case,
                permissions(source, known=ANSWERS) != [],
            )
        )

    assert wanted == found


def test_where_cases_are_opened_the_answer_waits_for_the_number() -> None:
    """What is needed for it stands in the fact."""
    source = received()

    (fact,) = imported(source, known=CASES)

    assert fact.group == GroupMail(account_id=ACCOUNT, opens_case=True, template_id=TEMPLATE)
    assert [] == permissions(source, known=CASES)


def test_an_answer_goes_to_who_wrote_and_not_to_reply_to() -> None:
    """RFC 3834 section 4; all that an answer says of the e-mail is in the permission."""
    source = received(message_id="q@x", references=("p@x",), reply_to=[mailbox("list@x.test")])

    (fact,) = imported(source, known=ANSWERS)
    (permitted,) = permissions(source, known=ANSWERS)

    assert permitted.recipient.address == ADA
    assert (permitted.email_id, permitted.thread_id) == (fact.email_id, fact.thread_id)
    assert (permitted.message_id, permitted.references) == ("q@x", ("p@x",))
    assert (permitted.account_id, permitted.template_id) == (ACCOUNT, TEMPLATE)


def test_without_a_template_nobody_is_answered() -> None:
    """And an account that starts nothing leaves no trace in the fact."""
    known = desk(template_id=None)

    (fact,) = imported(received(), known=known)

    assert (None, []) == (fact.group, permissions(received(), known=known))


def test_teams_hold_the_mail_of_their_account() -> None:
    """Each of them; a person where no team is to, and who added it where nobody is."""
    rows = (
        (desk(), {"group:t1", "group:t2"}),
        (desk(teams=()), {f"user:{USER}"}),
        (desk(teams=(), user_id=OTHER_USER), {f"user:{OTHER_USER}"}),
    )

    found = [set().union(*holders(facts(received(), known=known)).values()) for known, _ in rows]

    assert [wanted for _, wanted in rows] == found


def test_mail_from_the_groups_own_address_is_sent_mail() -> None:
    """Whichever program wrote it; that of the person who added the account is not."""
    (own,) = imported(received(**{"from": mailbox(GROUP)}), known=CASES)
    (theirs,) = imported(received(**{"from": mailbox(GRACE)}), known=CASES)

    assert {"sent"} == {each.folder for each in own.holdings}
    assert {"inbox"} == {each.folder for each in theirs.holdings}


def test_a_copy_that_comes_to_the_group_later_opens_the_case() -> None:
    """The message was met in somebody's own mailbox before."""
    first = received(account_id=OTHER_ACCOUNT)
    second = received()

    (copy,) = shared(first, second, known=CASES)

    assert copy.group is not None
    assert copy.group.opens_case


def test_an_answer_about_a_case_is_told_and_opens_no_other() -> None:
    """From outside only: our own mail brings no case back, nor does a robot's."""
    original = IDENTITY.email_of("q@x")
    usual = {"references": ("q@x",), "in_reply_to": "q@x", "subject": "Re: Question"}
    sources = (
        received(message_id="1@x", **usual),
        received(message_id="2@x", **usual, auto_reply=True),
        received(message_id="3@x", **usual, **{"from": mailbox(GRACE)}),
        received(message_id="4@x", **usual, special_use="\\Junk"),
        received(message_id="5@x", **usual, account_id=OTHER_ACCOUNT),
    )
    (question,) = imported(received(message_id="q@x"))
    before = NOON - timedelta(days=1)
    key = subject_key_of("Question")
    about = KnownEmail(question.thread_id, key, "", frozenset(), before, CASE)
    known = replace(CASES, emails={original: about})

    found = answers(*sources, known=known)

    assert [IDENTITY.email_of("1@x"), IDENTITY.email_of("5@x")] == [e.email_id for e in found]
    assert [CASE, CASE] == [each.record for each in found]
    assert all(not (f.group and f.group.opens_case) for f in imported(*sources, known=known))

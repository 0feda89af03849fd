"""Filters on arriving mail, as a table of criteria; then what they do to a message."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courrier.events.base import Event
from courrier.events.envelope import Recorded
from courrier.events.families.configuration import FilterFields
from courrier.events.families.email import EmailImported, Holding
from courrier.events.families.mailbox import MessageReceived
from courrier.linker.domain.filtering import Rules, Target
from courrier.linker.domain.filters import Filter, fits, in_order, met_by
from courrier.linker.domain.known import Known
from support.builders import ACCOUNT, USER, example
from support.filter_table import MATCHES
from unit.linker.arriving import OTHER_USER, facts, kept_out, mailbox, received, sent, world


def wanted(filter_id: str = "f1", **fields: Any) -> Filter:
    """A filter of Grace's on all her mail."""
    usual = {"name": "x", "scope": "user", "owner_id": USER, "action": "move", "folder_id": "box"}
    return Filter(filter_id, FilterFields.model_validate(usual | fields))


@pytest.mark.parametrize(("criteria", "message", "expected"), MATCHES)
def test_a_filter_matches(criteria: dict[str, Any], message: dict[str, Any], expected: str) -> None:
    """All criteria that are set, compared as their kind is."""
    met = met_by(example(MessageReceived, **message), wanted(**criteria))

    assert expected == ("yes" if met else "no")


def test_a_match_says_what_was_met() -> None:
    """The rule by its id, the first criterion and the value in the message."""
    met = met_by(
        example(MessageReceived, subject="An offer", **{"from": mailbox("ann@one.test")}),
        wanted("f7", **{"from": "*@one.test"}, subject="*offer"),
    )

    assert met is not None
    assert ("filter", "f7") == (met.evidence.rule, met.evidence.rule_id)
    assert ("from", "ann@one.test") == (met.evidence.field, met.evidence.value)


@given(st.text("ab*", max_size=8), st.text("ab", max_size=12))
def test_stars_mean_what_they_mean_as_a_regular_expression(pattern: str, text: str) -> None:
    """Any run of characters each, in time that a hostile pattern cannot blow up."""
    expected = re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text) is not None

    assert expected == fits(pattern, text)


def test_filters_are_tried_in_order() -> None:
    """Everybody's first, then the mailbox's, then the person's, each as they were ordered."""
    own = [wanted("c", order=2), wanted("b", order=1), wanted("a", order=2)]
    others = [wanted("z", scope="global"), wanted("y", scope="account", order=9)]

    assert list("zybac") == [each.filter_id for each in in_order([*own, *others])]


def ruled(*filters: Filter, **more: Any) -> Known:
    """The world with these filters set up, and a folder 'box'."""
    ordered = in_order(filters)
    rules: dict[str, Any] = {
        "everywhere": tuple(f for f in ordered if f.fields.scope == "global"),
        "by_account": {ACCOUNT: tuple(f for f in ordered if f.fields.account_id == ACCOUNT)},
        "by_owner": {USER: tuple(f for f in ordered if f.fields.scope == "user")},
        "folders": {"box": False},
    }
    return world(rules=Rules(**(rules | more)))


def holding(source: Recorded[Event], known: Known) -> Holding:
    """What Grace holds of the message."""
    (fact,) = facts(source, known=known)
    assert isinstance(fact, EmailImported)
    (found,) = fact.holdings
    return found


def test_a_filter_files_and_marks() -> None:
    """Moved, read, important and quiet, and the reason is the filter."""
    rule = wanted(subject="*", mark_read=True, important=True, skip_notification=True)

    found = holding(received(), ruled(rule))

    assert ("box", True, True, True) == (
        found.folder,
        found.is_read,
        found.is_important,
        found.is_quiet,
    )
    assert ("filter", "f1") == (found.reason.rule, found.reason.rule_id)


def test_the_first_match_wins() -> None:
    """Only one filter acts on a copy."""
    first = wanted("f1", subject="*", action="none", folder_id=None, mark_read=True)

    found = holding(received(), ruled(first, wanted("f2", subject="*", order=1, important=True)))

    assert ("inbox", True, False) == (found.folder, found.is_read, found.is_important)


def test_a_persons_skip_is_their_trash() -> None:
    """Quietly; others hold it as ever."""
    found = holding(received(), ruled(wanted(subject="*", action="skip", folder_id=None)))

    assert ("trash", True) == (found.folder, found.is_quiet)


@pytest.mark.parametrize("scope", ["global", "account", "group"])
def test_a_mailboxs_skip_keeps_the_message_out(scope: str) -> None:
    """Nothing of it is told but where it stood, its hash and the rule."""
    account = None if scope == "global" else ACCOUNT
    rule = wanted(subject="*", scope=scope, account_id=account, action="skip", folder_id=None)
    source = received(subject="Buy now")

    (fact,) = kept_out(source, known=ruled(rule))

    assert (source.id, source.sequence, ACCOUNT) == (
        fact.source_id,
        fact.source_sequence,
        fact.account_id,
    )
    assert "f1" == fact.reason.rule_id
    assert "Buy now" not in fact.model_dump_json()
    assert [] == facts(source, known=ruled(rule))


def test_what_was_kept_out_is_not_decided_again() -> None:
    """A batch that comes again adds nothing, whatever the filters are by then."""
    source = received()
    known = world(skipped=frozenset({source.id}))

    assert ([], []) == (facts(source, known=known), kept_out(source, known=known))


def test_an_account_files_into_its_folder() -> None:
    """By server folder first; a filter that moves wins; one that is gone leaves it in the Inbox."""
    target = {ACCOUNT: Target("box", {"Lists": "lists"})}
    there = {"box": False, "lists": True}

    usual = holding(received(), ruled(targets=target, folders=there))
    mapped = holding(received(folder="Lists"), ruled(targets=target, folders=there))
    moved = holding(
        received(),
        ruled(wanted(subject="*", folder_id="lists"), targets=target, folders=there),
    )
    gone = holding(received(), ruled(targets=target, folders={}))

    assert ("box", "lists", "lists", "inbox") == (
        usual.folder,
        mapped.folder,
        moved.folder,
        gone.folder,
    )
    assert (False, True, True) == (usual.is_quiet, mapped.is_quiet, moved.is_quiet)


def test_filters_are_for_mail_that_comes_in() -> None:
    """What I send, or hand in, stays where I put it."""
    known = ruled(
        wanted(subject="*", action="skip", folder_id=None),
        wanted("g", scope="global", subject="*", action="skip", folder_id=None),
    )

    written = holding(sent(), known)
    given_in = holding(received(holder_id=OTHER_USER, target_folder="inbox"), known)

    assert ("sent", "inbox") == (written.folder, given_in.folder)

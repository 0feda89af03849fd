"""Every rule that the linker decides by has a sentence that people understand."""

import ast
from pathlib import Path

import pytest

from courrier.gateway.api.reasons import Teller
from courrier.gateway.api.sentences import SENTENCES
from courrier.gateway.api.words import LANGUAGES, words_in
from courrier.linker import domain as linker_domain

RECORDS = ("contact", "lead", "account")


def rules_of_the_linker() -> set[str]:
    """Return the rules written in the linker's decisions, and those made from a record's type."""
    (folder,) = linker_domain.__path__
    found = {
        str(word.value.value)
        for file in Path(folder).glob("*.py")
        for call in ast.walk(ast.parse(file.read_text()))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Evidence"
        for word in call.keywords
        if word.arg == "rule" and isinstance(word.value, ast.Constant)
    }
    by_address = {f"{kind}-address" for kind in RECORDS} | {"account-of-contact"}
    # handed to Evidence by a name, so that no literal tells them
    named = {"parent-of-answered", "parent-of-named", "same-ancestor", "own-address-unproven"}
    named |= {"ancestor-came", "ancestor-linked", "address-assigned", "address-released"}
    named |= {"records-merged", "record-removed", "decided-at-once"}
    return found | named | by_address | {f"{rule}-of-several" for rule in by_address}


def test_every_rule_of_the_linker_has_a_sentence() -> None:
    """A new rule in the linker needs words here."""
    assert set() == rules_of_the_linker() - set(SENTENCES)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("rule", SENTENCES)
def test_a_sentence_can_be_told_in_each_language(rule: str, language: str) -> None:
    """No placeholder is left open."""
    teller = Teller(words_in(language), {})

    told = teller.because({"rule": rule, "field": "from", "value": "ada@example.org"})

    assert told
    assert "{" not in told


def test_an_account_is_called_by_its_address() -> None:
    """People know their mailboxes by address, not by id."""
    teller = Teller(words_in("en"), {"a1": "sales@example.org"})
    reason: dict[str, str | None] = {"rule": "account-owner", "field": "account_id", "value": "a1"}

    assert "It came to your mailbox sales@example.org." == teller.because(reason)


def test_a_rule_that_is_not_known_here_is_named() -> None:
    """An older page in front of a newer linker says less, and nothing wrong."""
    teller = Teller(words_in("en"), {})

    assert "By the rule “new”." == teller.because({"rule": "new", "field": None, "value": None})
    assert "By the rule “new”: From is {x}." == teller.because(
        {"rule": "new", "field": "from", "value": "{x}"}
    )

"""What people are told when they set an account up: problems, providers, folders, addresses."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courrier.fetcher.domain.addresses import is_allowed
from courrier.fetcher.domain.failures import trouble
from courrier.fetcher.domain.folders import Folder, find, special_use, uses
from courrier.fetcher.domain.log_in_answers import (
    PROVIDERS,
    log_in_failure,
    provider_of,
    says_wait,
    tried,
)
from courrier.fetcher.domain.problems import PROBLEMS, STEPS

FACTS = {
    name: f"the-{name}"
    for name in ("host", "port", "user", "folder", "answer", "detail", "provider", "where")
}
REFUSED = ("NO", "AUTHENTICATIONFAILED", "Invalid credentials")


@pytest.mark.parametrize("problem", PROBLEMS)
def test_every_problem_is_told_in_both_languages_with_the_same_facts(problem: str) -> None:
    """And ends as a sentence does; the reason is one that the log knows."""
    failure = trouble(problem, **FACTS)
    facts = [set(re.findall(r"the-\w+", failure.texts[language])) for language in ("en", "fr")]

    assert facts[0] == facts[1]
    assert all(text.endswith(".") for text in failure.texts.values())
    assert STEPS[problem] == failure.step


@pytest.mark.parametrize(
    ("host", "secret", "by_oauth", "problem"),
    [
        ("imap.gmail.com", "my password", False, "app-password-needed"),
        ("imap.gmail.com", "abcd efgh ijkl mnop", False, "log-in-refused"),
        ("imap.gmail.com", "token", True, "sign-in-ended"),
        ("outlook.office365.com", "my password", False, "oauth-needed"),
        ("imap.mail.yahoo.com", "my password", False, "app-password-needed"),
        ("imap.mail.me.com", "my password", False, "app-password-needed"),
        ("imap.mail.me.com", "abcd-efgh-ijkl-mnop", False, "log-in-refused"),
        ("imap.gmx.net", "my password", False, "log-in-or-imap-refused"),
        ("imap.example.test", "my password", False, "log-in-refused"),
        ("notgmail.com", "my password", False, "log-in-refused"),
    ],
)
def test_providers_refuse_for_reasons_of_their_own(
    host: str, secret: str, *, by_oauth: bool, problem: str
) -> None:
    """The same words mean another thing at each."""
    failure = log_in_failure(tried(host, secret, by_oauth=by_oauth), *REFUSED)

    assert problem == failure.problem
    assert secret not in failure.text


def test_providers_are_found_by_the_end_of_a_host() -> None:
    """Not by a part of it."""
    assert {"Google", None} == {
        provider.name if (provider := provider_of(host)) else None
        for host in ("imap.gmail.com", "IMAP.GMAIL.COM.", "gmail.com.evil.test", "xgmail.com")
    }
    assert len(PROVIDERS) == len({provider.name for provider in PROVIDERS})


@given(st.text(max_size=300))
def test_any_answer_of_a_server_has_a_meaning(answer: str) -> None:
    """And none takes long to read."""
    failure = log_in_failure(tried("imap.gmail.com", "x", by_oauth=False), "NO", "", answer)

    assert failure.problem in PROBLEMS
    assert says_wait(answer) is None or failure.reason == "throttled"


def folders(*names: str, separator: str = "/") -> list[Folder]:
    """A listing without any attribute."""
    return [Folder(name, (), separator) for name in names]


@pytest.mark.parametrize(
    ("names", "separator", "sent"),
    [
        (("INBOX", "Sent", "Sent Items"), "/", "Sent"),
        (("INBOX", "Projects/Sent", "Sent Items"), "/", "Sent Items"),
        (("INBOX", "INBOX.Envoyés", "INBOX.Old.Sent"), ".", "INBOX.Envoyés"),
        (("INBOX", "Gesendete Elemente"), "/", "Gesendete Elemente"),
        (("INBOX", "Отправленные"), "/", "Отправленные"),
        (("INBOX", "Presents"), "/", None),
    ],
)
def test_usual_names_are_known_in_many_languages(
    names: tuple[str, ...], separator: str, sent: str | None
) -> None:
    """The nearest to the top counts, then the most usual."""
    listing = folders(*names, separator=separator)
    found = find("\\Sent", listing)

    assert sent == (found.name if found else None)


def test_what_a_server_declares_counts_more_than_names() -> None:
    """For that use only: others are still guessed. Attributes have no case."""
    listing = [Folder("Gone out", ("\\sent",)), *folders("Sent", "Papierkorb")]

    assert {"Gone out": "\\Sent", "Papierkorb": "\\Trash"} == uses(listing)
    assert special_use(listing[1], listing) is None


def test_folders_within_the_inbox_have_short_names() -> None:
    """As on Courier, where everything is within it."""
    listing = folders("INBOX", "INBOX.Projects", separator=".")
    found = find("Projects", listing)

    assert found
    assert "INBOX.Projects" == found.name


@pytest.mark.parametrize(
    ("address", "always", "private"),
    [
        ("192.0.43.10", True, True),
        ("2606:2800:220:1::1", True, True),
        ("127.0.0.1", False, True),
        ("10.1.2.3", False, True),
        ("fd00::1", False, True),
        ("::ffff:10.0.0.1", False, True),
        ("169.254.169.254", False, False),
        ("::ffff:169.254.169.254", False, False),
        ("fe80::1%eth0", False, False),
        ("0.0.0.0", False, False),
        ("224.0.0.1", False, False),
        ("no address", False, False),
    ],
)
def test_addresses_that_are_never_connected_to(
    address: str, *, always: bool, private: bool
) -> None:
    """Metadata services of clouds, multicast, nothing at all; private ones where it is allowed."""
    assert always == is_allowed(address, private=False)
    assert private == is_allowed(address, private=True)

"""By what two records may be the same."""

import pytest

from courrier.events.families.crm import RecordFields
from courrier.gateway.domain.duplicates import Likeness, likeness_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"name": "Émile  Zola"}, {"first_name": "emile", "last_name": "ZOLA"}),
        ({"name": "O'Brien, Pat"}, {"name": "o-brien pat"}),
    ],
)
def test_a_persons_name_is_compared_without_its_dress(
    one: dict[str, str], other: dict[str, str]
) -> None:
    """Accents, case, spaces and punctuation tell nobody apart."""
    assert (
        likeness_of("contact", RecordFields(**one)).name
        == likeness_of("contact", RecordFields(**other)).name
        != ""
    )


def test_a_first_name_alone_says_nothing() -> None:
    """There are many of that name."""
    assert not likeness_of("contact", RecordFields(name="Ada"))


def test_a_company_is_compared_without_its_legal_form() -> None:
    """And by its domains, but not by a provider's that everybody may have."""
    fields = RecordFields(
        name="Northlight S.A.R.L. Hotels GmbH",
        email_addresses=("Info@Northlight.example", "northlight@gmail.com"),
        website="https://www.northlight.example/en?x=1",
    )

    like = likeness_of("account", fields)

    assert like.domains == ("northlight.example",)
    assert like.name == likeness_of("account", RecordFields(name="northlight s a r l hotels")).name


@pytest.mark.parametrize("website", ["http://[", "", "//", "https://:80"])
def test_a_website_that_is_none_has_no_domain(website: str) -> None:
    """Whatever was typed."""
    assert likeness_of("account", RecordFields(website=website)) == Likeness()


def test_affairs_are_not_compared() -> None:
    """Two cases of one name are two cases."""
    assert likeness_of("case", RecordFields(name="Broken lamp")) == Likeness()

"""Senders who look like somebody known: what is warned of, and what is not."""

from courrier.events.base import Mailbox
from courrier.gateway.domain.look_alikes import Known, LookAlike, imitates, look_alikes, skeleton

KNOWN = "northlight.example"
IMITATIONS = (
    "n\u043erthlight.example", "n0rthlight.example", "northl1ght.example", "northlignt.example",
    "norhtlight.example", "northligght.example", "nortlight.example",
    "xn--nrthlight-02h.example", "nörthlight.example", "NORTHIIGHT.example",
)  # fmt: skip
OTHERS = (
    KNOWN, "mail.northlight.example", "northlight.test", "northern.example", "light.example",
    "", "south.example", "northlights-and-more.example",
)  # fmt: skip


def test_imitations_of_a_domain_are_seen_and_others_are_not() -> None:
    """Letters of other alphabets, digits for letters, one slip; not another name or a subdomain."""
    assert [] == [each for each in IMITATIONS if not imitates(each.casefold(), KNOWN)]
    assert [] == [each for each in OTHERS if imitates(each, KNOWN)]


def test_short_names_are_compared_by_their_look_only() -> None:
    """Half of all domains of four letters are one slip apart."""
    assert not imitates("acne.example", "acme.example")
    assert imitates("acrne.example", "acme.example")


def test_what_cannot_be_told_apart_is_the_same() -> None:
    """Punycode is read as browsers show it."""
    assert skeleton("n\u043erthlight.example") == skeleton("northlight.example")
    assert skeleton("rnodern.example") == skeleton("modern.example")


def test_a_known_name_with_another_address_is_warned_of() -> None:
    """Unless it is at a domain where the person is known to be."""
    known = Known(namesakes=("ines@northlight.example",))
    stranger = Mailbox(name="Inès Caldwell", address="ceo@freemail.example")
    colleague = Mailbox(name="Inès Caldwell", address="ines.c@northlight.example")

    assert [LookAlike("name", "ceo@freemail.example", "Inès Caldwell")] == look_alikes(
        stranger, known
    )
    assert [] == look_alikes(colleague, known)


def test_nobody_known_is_no_warning() -> None:
    """A new customer is not suspicious."""
    new = Mailbox(name="Ada", address="ada@new.example")

    assert [] == look_alikes(new, Known(domains={"northlight.example"}))
    assert [] == look_alikes(new.model_copy(update={"name": None}), Known())

"""Senders who look like somebody known and are not: the name of one, or nearly the domain of one.

A domain is compared by its skeleton (letters that look alike are one letter, Punycode is read) and
by one slip of the pen (a letter more, less, other, or two exchanged) in a name of five or more.
"""

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from courrier.events.base import Mailbox

SHORTEST = 5
_CYRILLIC = (
    "\u0430\u0431\u0432\u0435\u0451\u0437\u0438\u043a\u043c\u043d\u043e\u0440"
    "\u0441\u0442\u0443\u0445\u0455\u0456\u0458\u0501\u04bb\u051b\u051d"
)
_GREEK = "\u03b1\u03b2\u03b5\u03b7\u03b9\u03ba\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7"
_OTHERS = "0135\u0131\u0142\u00f8"
_ALIKE = str.maketrans(_CYRILLIC + _GREEK + _OTHERS, "a6bees1kmhopctyxsijdhqwabenikvoptuxolesilo")
"""Letters that look like one of ours in most typefaces; digits among them."""
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))

Kind = Literal["name", "domain"]


@dataclass(frozen=True, slots=True)
class Known:
    """Who is known: the addresses of people of the sender's name, and domains of people."""

    namesakes: Sequence[str] = ()
    domains: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class LookAlike:
    """What somebody imitates: a name, or ``of``, a domain."""

    kind: Kind
    value: str
    of: str


def look_alikes(sender: Mailbox, known: Known) -> list[LookAlike]:
    """Return what an unknown sender imitates; the caller has looked that the address is unknown."""
    found: list[LookAlike] = []
    domain = domain_of(sender.address)
    ours = {domain_of(each) for each in known.namesakes}
    if sender.name and known.namesakes and domain not in ours:
        found.append(LookAlike("name", sender.address, sender.name))
    for each in sorted(known.domains):
        if imitates(domain, each):
            found.append(LookAlike("domain", domain, each))
            break
    return found


def imitates(domain: str, known: str) -> bool:
    """Tell whether a domain looks like another and is not the same."""
    if not domain or not known or domain == known or domain.endswith(f".{known}"):
        return False
    name, rest = _split(skeleton(domain))
    other, other_rest = _split(skeleton(known))
    if (name, rest) == (other, other_rest):
        return True
    return rest == other_rest and len(other) >= SHORTEST and _one_slip(name, other)


def skeleton(domain: str) -> str:
    """Return a domain as it looks: what cannot be told apart by eye is the same."""
    shown = ".".join(_label(each) for each in domain.casefold().split("."))
    plain = unicodedata.normalize("NFKD", shown).casefold().translate(_ALIKE)
    plain = "".join(each for each in plain if not unicodedata.combining(each))
    for pair, one in _PAIRS:
        plain = plain.replace(pair, one)
    return plain


def domain_of(address: str) -> str:
    """Return the domain of an address, folded."""
    return address.rpartition("@")[2].casefold()


def _label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return label


def _split(domain: str) -> tuple[str, str]:
    name, _, rest = domain.partition(".")
    return name, rest


def _one_slip(a: str, b: str) -> bool:
    if a == b or abs(len(a) - len(b)) > 1:
        return False
    at = next(
        (n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b))
    )
    x, y = a[at:], b[at:]
    exchanged = x[:2] == y[1::-1] and x[2:] == y[2:]
    return x[1:] == y[1:] or x[1:] == y or x == y[1:] or exchanged

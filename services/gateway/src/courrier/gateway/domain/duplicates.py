"""By what two records may be the same: address, full name, and for companies the domain.

Only persons and companies are compared. Somebody's first name alone says nothing; an address at a
provider for everybody says nothing of the company.
"""

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import urlsplit

from courrier.events.families.crm import RecordFields
from courrier.mail.headers.addresses import match_key

from .address import keys_of
from .record import display_name
from .refusals import InTheWay

COMPARED = ("account", "contact", "lead")
LONGEST_DOMAIN = 253

_NO_WORD = re.compile(r"[^\w]+")
_FORM_WORDS = """
    ag bv co corp gmbh inc kg limited llc ltd nv oy plc sa sarl sas se spa srl the und and et
"""
_FORMS = frozenset(_FORM_WORDS.split())
"""Words of a company's name that tell companies apart badly: legal forms, articles."""
_PROVIDERS = """
    aol.com free.fr gmail.com gmx.de gmx.net googlemail.com hotmail.com hotmail.fr icloud.com
    laposte.net live.com mail.ru me.com msn.com orange.fr outlook.com outlook.fr proton.me
    protonmail.com sfr.fr t-online.de wanadoo.fr web.de yahoo.com yahoo.fr yandex.ru
"""
PUBLIC_DOMAINS = frozenset(_PROVIDERS.split())
"""Where everybody may have an address: a domain that says nothing of a company."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """What a record is compared by; an empty value is compared with nothing."""

    addresses: tuple[str, ...] = ()
    name: str = ""
    domains: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether there is anything to compare."""
        return bool(self.addresses or self.name or self.domains)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that may be the same, and by what: address, name, domain."""

    type: str
    id: str
    name: str
    because: tuple[str, ...]


class PossibleDuplicates(InTheWay):
    """Records that may be the same exist; ``force`` creates another all the same."""

    def __init__(self, candidates: list[Candidate]) -> None:
        super().__init__("this may exist already: use one of the candidates, or send force")
        self.candidates = candidates


def likeness_of(record_type: str, fields: RecordFields) -> Likeness:
    """Return by what a record of this type is compared."""
    if record_type not in COMPARED:
        return Likeness()
    is_company = record_type == "account"
    return Likeness(
        keys_of(fields),
        _name_key(display_name(fields), is_company=is_company),
        _domains(fields) if is_company else (),
    )


def _name_key(name: str, *, is_company: bool) -> str:
    """Return the name without accents, case, punctuation and legal forms; empty if too little."""
    plain = unicodedata.normalize("NFKD", name)
    plain = "".join(each for each in plain if not unicodedata.combining(each)).casefold()
    words = [word for word in _NO_WORD.split(plain) if word]
    if is_company:
        return " ".join([word for word in words if word not in _FORMS] or words)
    return " ".join(words) if len(words) > 1 else ""


def _domains(fields: RecordFields) -> tuple[str, ...]:
    """Return the domains of a company's addresses and web site, without ``www.``."""
    found = [match_key(address).rpartition("@")[2] for address in fields.email_addresses]
    if fields.website:
        found.append(_host(fields.website))
    return tuple(sorted({each for each in found if each and each not in PUBLIC_DOMAINS}))


def _host(website: str) -> str:
    text = website if "//" in website else f"//{website}"
    try:
        host = urlsplit(text).hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.").rstrip(".")[:LONGEST_DOMAIN]

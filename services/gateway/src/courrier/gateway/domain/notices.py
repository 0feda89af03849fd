"""What the system writes to people about their access; the code stands where the mark is."""

from collections.abc import Mapping
from dataclasses import dataclass

from courrier.events.families.outbound import SECRET_MARK

LONGEST_LINE = 74
"""Longer ones may be broken by the transfer encoding (RFC 2045 section 6.7), the mark with them."""

TEXTS: Mapping[tuple[str, str], tuple[str, str]] = {
    ("invite", "en"): (
        "Welcome to Courrier",
        """Hello {name},

you are invited to Courrier. Your login is: {login}

Choose a password within seven days:

{way}
""",
    ),
    ("invite", "fr"): (
        "Bienvenue dans Courrier",
        """Bonjour {name},

vous êtes invité(e) dans Courrier. Votre identifiant : {login}

Choisissez un mot de passe dans les sept jours :

{way}
""",
    ),
    ("reset", "en"): (
        "A new password for Courrier",
        """Hello {name},

somebody asked for a new password for your login {login}. If it was you, choose one within an hour:

{way}

If it was not, do nothing: all stays as it is.
""",
    ),
    ("reset", "fr"): (
        "Un nouveau mot de passe pour Courrier",
        """Bonjour {name},

un nouveau mot de passe a été demandé pour votre identifiant {login}.
Si vous êtes à l\N{RIGHT SINGLE QUOTATION MARK}origine de cette demande, choisissez-en un
avant une heure :

{way}

Sinon, ne faites rien : rien ne change.
""",
    ),
    ("address", "en"): (
        "Is this your address?",
        """Hello {name},

enter this code in Courrier within an hour to write from this address:

{code}
""",
    ),
    ("address", "fr"): (
        "Est-ce bien votre adresse ?",
        """Bonjour {name},

pour écrire depuis cette adresse, saisissez ce code dans Courrier avant une heure :

{code}
""",
    ),
}


@dataclass(frozen=True, slots=True)
class Notice:
    """A message in the reader's language."""

    subject: str
    text: str


def notice(
    purpose: str, language: str, *, known: Mapping[str, str], site_url: str | None
) -> Notice:
    """Return the message; ``known`` has the reader's ``name`` and ``login``."""
    subject, text = TEXTS[purpose, language if language in {"en", "fr"} else "en"]
    plain = {name: " ".join(value.split()) for name, value in known.items()}
    return Notice(subject, text.format(**plain, way=way(site_url), code=SECRET_MARK))


def way(site_url: str | None) -> str:
    """Return where to go with the code: a link, or the code on a line of its own."""
    site = (site_url or "").rstrip("/")
    link = f"{site}/r/{SECRET_MARK}"
    if site and len(link) <= LONGEST_LINE:
        return link
    return f"{site}/r\n\n{SECRET_MARK}"

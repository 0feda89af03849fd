"""How fetching of a mailbox goes, and what to do about it, in the words of its owner."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from courrier.events.commands.figures import SIGN_IN_ENDS_SOON

_STATES: Mapping[str, tuple[str, str]] = {
    "working": (
        "New mail is fetched as it arrives.",
        "Les messages sont relevés dès leur arrivée.",
    ),
    "waiting": (
        "The server has not answered for the first time yet.",
        "Le serveur n'a pas encore répondu une première fois.",
    ),
    "failing": ("No new mail comes in at the moment.", "Aucun message n'arrive pour l'instant."),
    "needs_person": (
        "No new mail comes in, and it is no longer tried until somebody acts.",
        "Aucun message n'arrive, et plus rien n'est tenté sans intervention.",
    ),
    "paused": (
        "Nothing is fetched until it is resumed.",
        "Rien n'est relevé avant la reprise.",
    ),
}
_REASONS: Mapping[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "name-not-found": (
        ("The server's name is not known.", "Le nom du serveur est inconnu."),
        ("Check the name of the IMAP server.", "Vérifiez le nom du serveur IMAP."),
    ),
    "refused": (
        ("The server refuses connections.", "Le serveur refuse les connexions."),
        (
            "Check the port, and that the server is running.",
            "Vérifiez le port, et que le serveur fonctionne.",
        ),
    ),
    "timed-out": (
        ("The server does not answer.", "Le serveur ne répond pas."),
        (
            "Check name and port, and whether a firewall is in between.",
            "Vérifiez le nom et le port, et si un pare-feu se trouve entre les deux.",
        ),
    ),
    "tls": (
        (
            "No secure connection to the server could be made.",
            "Aucune connexion sûre au serveur n'a pu être établie.",
        ),
        (
            "Check the encryption setting and the server's certificate.",
            "Vérifiez le réglage du chiffrement et le certificat du serveur.",
        ),
    ),
    "log-in-refused": (
        (
            "The server refuses the user name or the password.",
            "Le serveur refuse le nom d'utilisateur ou le mot de passe.",
        ),
        (
            "Enter the password again. Some providers want a password made for one app.",
            "Ressaisissez le mot de passe. Certains fournisseurs en veulent un par programme.",
        ),
    ),
    "folder-missing": (
        (
            "A monitored folder is not on the server.",
            "Un dossier surveillé n'est pas sur le serveur.",
        ),
        (
            "Choose another folder, or create it there.",
            "Choisissez un autre dossier, ou créez-le là-bas.",
        ),
    ),
    "disconnected": (
        ("The connection breaks off.", "La connexion s'interrompt."),
        ("This mostly mends itself.", "Cela se répare le plus souvent tout seul."),
    ),
    "server-error": (
        ("The server reports a fault of its own.", "Le serveur signale une panne de son côté."),
        ("This mostly mends itself.", "Cela se répare le plus souvent tout seul."),
    ),
    "throttled": (
        (
            "The server was asked too much and wants to be left alone for a while.",
            "Le serveur a été trop sollicité et demande une pause.",
        ),
        (
            "Nothing, unless other programs read this mailbox too: close some of them.",
            "Rien, sauf si d'autres programmes lisent aussi cette boîte : fermez-les.",
        ),
    ),
}
_PAUSED: Mapping[str, tuple[tuple[str, str], tuple[str, str]]] = {
    "folder-removed": (
        (
            "The folder that it files mail into was removed.",
            "Le dossier où il classe les messages a été supprimé.",
        ),
        (
            "Choose another folder, then switch it on again.",
            "Choisissez un autre dossier, puis réactivez-le.",
        ),
    ),
}
"""Why filters and accounts rest that nobody wanted to rest, and what to do."""


@dataclass(frozen=True, slots=True)
class Told:
    """What to show: how it is, why, and what to do; the last two may be empty."""

    state: str
    why: str = ""
    to_do: str = ""


def warning(ends_at: datetime | None, now: datetime, language: str) -> str | None:
    """Return the warning that a sign-in with a provider ends soon; None where it does not."""
    if ends_at is None or ends_at - now > SIGN_IN_ENDS_SOON:
        return None
    day = ends_at.date().isoformat()
    if language == "fr":
        return _set(f"L'autorisation du fournisseur prend fin le {day} : connectez-vous à nouveau.")
    return f"The provider's permission ends on {day}: sign in again before that."


def why_paused(reason: str | None, language: str) -> str | None:
    """Return why something rests and what to do, in one line; None where somebody wanted it."""
    if reason not in _PAUSED:
        return None
    words = told("paused", reason, language)
    return f"{words.why} {words.to_do}"


def told(state: str, reason: str | None, language: str) -> Told:
    """Return the words for a state and, where something is wrong, its reason.

    Languages are ``fr`` and, for all others, ``en``. A reason without words of its own has none.
    """
    number = 1 if language == "fr" else 0
    how = _set(_STATES[state][number])
    reasons = _PAUSED if state == "paused" else _REASONS
    if reason is None or reason not in reasons or state in {"working", "waiting"}:
        return Told(how)
    why, to_do = reasons[reason]
    return Told(how, _set(why[number]), _set(to_do[number]))


def _set(text: str) -> str:
    return text.replace("'", "\N{RIGHT SINGLE QUOTATION MARK}")

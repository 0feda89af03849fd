"""Settings of well-known providers, by the domain of an address.

Hosts, ports and kinds of log-in are what the providers' own help pages give.
"""

from dataclasses import dataclass
from typing import Any

Where = tuple[str, int, str]

OAUTH = "oauth"
OAUTH_OR_APP = "oauth-or-app-password"
APP = "app-password"
PASSWORD = "password"  # noqa: S105  the kind of log-in

HINTS = {
    OAUTH: (
        "Sign in with {oauth}: {name} takes no passwords from mail programs.",
        "Connectez-vous avec {oauth} : {name} n'accepte pas les mots de passe des logiciels.",
    ),
    OAUTH_OR_APP: (
        "Sign in with {oauth}, or make an app password and enter it.",
        "Connectez-vous avec {oauth}, ou créez un mot de passe d'application et saisissez-le.",
    ),
    APP: (
        "Make an app password at {name} and enter it: the ordinary one is refused.",
        "Créez un mot de passe d'application chez {name} et saisissez-le : l'habituel est refusé.",
    ),
    PASSWORD: (
        "User is the whole address, with its usual password.",
        "L'utilisateur est l'adresse entière, avec son mot de passe habituel.",
    ),
    "switch": (
        "First allow IMAP in the settings of {name}; then the usual password works.",
        "Autorisez d'abord IMAP dans les réglages de {name} ; le mot de passe habituel marche.",
    ),
    "bridge": (
        "Run Proton Bridge on the machine of the fetcher and enter the password that it shows.",
        "Lancez Proton Bridge sur la machine du relève et saisissez le mot de passe qu'il affiche.",
    ),
}


@dataclass(frozen=True, slots=True)
class Preset:
    """``domains`` of its addresses; ``user`` is ``address`` or ``local``, the part before @."""

    id: str
    name: str
    domains: tuple[str, ...]
    imap: Where
    smtp: Where
    auth: str = PASSWORD
    oauth: str | None = None
    hint_url: str | None = None
    user: str = "address"


def _tls(host: str, port: int = 993) -> Where:
    return (host, port, "implicit")


def _starttls(host: str, port: int = 587) -> Where:
    return (host, port, "starttls")


PRESETS = (
    Preset(
        "gmail",
        "Gmail",
        ("gmail.com", "googlemail.com"),
        _tls("imap.gmail.com"),
        _tls("smtp.gmail.com", 465),
        OAUTH_OR_APP,
        "google",
        "https://myaccount.google.com/apppasswords",
    ),
    Preset(
        "microsoft365",
        "Microsoft 365",
        ("onmicrosoft.com",),
        _tls("outlook.office365.com"),
        _starttls("smtp.office365.com"),
        OAUTH,
        "microsoft",
    ),
    Preset(
        "outlook",
        "Outlook.com",
        (
            *("outlook.com", "outlook.fr", "outlook.de", "hotmail.com", "hotmail.fr"),
            *("hotmail.co.uk", "live.com", "live.fr", "msn.com"),
        ),
        _tls("outlook.office365.com"),
        _starttls("smtp-mail.outlook.com"),
        OAUTH,
        "microsoft",
    ),
    Preset(
        "yahoo",
        "Yahoo",
        ("yahoo.com", "yahoo.fr", "yahoo.de", "yahoo.co.uk", "ymail.com", "rocketmail.com"),
        _tls("imap.mail.yahoo.com"),
        _tls("smtp.mail.yahoo.com", 465),
        APP,
        None,
        "https://login.yahoo.com/account/security",
    ),
    Preset(
        "aol",
        "AOL",
        ("aol.com", "aol.fr"),
        _tls("imap.aol.com"),
        _tls("smtp.aol.com", 465),
        APP,
        None,
        "https://login.aol.com/account/security",
    ),
    Preset(
        "icloud",
        "iCloud",
        ("icloud.com", "me.com", "mac.com"),
        _tls("imap.mail.me.com"),
        _starttls("smtp.mail.me.com"),
        APP,
        None,
        "https://account.apple.com",
        "local",
    ),
    Preset(
        "fastmail",
        "Fastmail",
        ("fastmail.com", "fastmail.fm", "sent.com"),
        _tls("imap.fastmail.com"),
        _tls("smtp.fastmail.com", 465),
        APP,
        None,
        "https://app.fastmail.com/settings/security",
    ),
    Preset(
        "gmx-de",
        "GMX",
        ("gmx.de", "gmx.net", "gmx.at", "gmx.ch"),
        _tls("imap.gmx.net"),
        _tls("mail.gmx.net", 465),
        "switch",
    ),
    Preset(
        "gmx",
        "GMX",
        ("gmx.com", "gmx.fr", "gmx.us"),
        _tls("imap.gmx.com"),
        _tls("mail.gmx.com", 465),
        "switch",
    ),
    Preset("webde", "WEB.DE", ("web.de",), _tls("imap.web.de"), _tls("smtp.web.de", 465), "switch"),
    Preset(
        "orange",
        "Orange",
        ("orange.fr", "wanadoo.fr"),
        _tls("imap.orange.fr"),
        _tls("smtp.orange.fr", 465),
    ),
    Preset(
        "free",
        "Free",
        ("free.fr", "libertysurf.fr"),
        _tls("imap.free.fr"),
        _tls("smtp.free.fr", 465),
    ),
    Preset("sfr", "SFR", ("sfr.fr", "neuf.fr"), _tls("imap.sfr.fr"), _tls("smtp.sfr.fr", 465)),
    Preset(
        "laposte",
        "La Poste",
        ("laposte.net",),
        _tls("imap.laposte.net"),
        _tls("smtp.laposte.net", 465),
        "switch",
    ),
    Preset(
        "ovh",
        "OVHcloud",
        ("ovh.com", "ovh.fr"),
        _tls("ssl0.ovh.net"),
        _tls("ssl0.ovh.net", 465),
    ),
    Preset("gandi", "Gandi", ("gandi.net",), _tls("mail.gandi.net"), _tls("mail.gandi.net", 465)),
    Preset(
        "ionos",
        "IONOS",
        ("ionos.com", "ionos.fr", "1and1.com", "online.de"),
        _tls("imap.ionos.com"),
        _tls("smtp.ionos.com", 465),
    ),
    Preset(
        "zoho",
        "Zoho",
        ("zoho.com", "zohomail.com"),
        _tls("imap.zoho.com"),
        _tls("smtp.zoho.com", 465),
        "switch",
        None,
        "https://mail.zoho.com",
    ),
    Preset(
        "zoho-eu",
        "Zoho",
        ("zoho.eu", "zohomail.eu"),
        _tls("imap.zoho.eu"),
        _tls("smtp.zoho.eu", 465),
        "switch",
        None,
        "https://mail.zoho.eu",
    ),
    Preset(
        "proton",
        "Proton Mail",
        ("proton.me", "protonmail.com", "pm.me"),
        ("127.0.0.1", 1143, "starttls"),
        ("127.0.0.1", 1025, "starttls"),
        "bridge",
        None,
        "https://proton.me/mail/bridge",
    ),
    Preset(
        "infomaniak",
        "Infomaniak",
        ("ik.me", "infomaniak.com"),
        _tls("mail.infomaniak.com"),
        _tls("mail.infomaniak.com", 465),
        APP,
        None,
        "https://manager.infomaniak.com",
    ),
    Preset(
        "mailboxorg",
        "mailbox.org",
        ("mailbox.org",),
        _tls("imap.mailbox.org"),
        _tls("smtp.mailbox.org", 465),
    ),
    Preset(
        "posteo", "Posteo", ("posteo.de", "posteo.net"), _tls("posteo.de"), _tls("posteo.de", 465)
    ),
    Preset(
        "tonline",
        "T-Online",
        ("t-online.de", "magenta.de"),
        _tls("secureimap.t-online.de"),
        _tls("securesmtp.t-online.de", 465),
        APP,
    ),
)


def preset_for(address: str, language: str = "en") -> dict[str, Any] | None:
    """Return the settings of the provider of an address or a domain, None for an unknown one."""
    local, _, domain = address.strip().lower().rpartition("@")
    found = next((one for one in PRESETS if _is_of(one, domain)), None)
    return None if found is None else _shown(found, local, address.strip(), language)


def _is_of(preset: Preset, domain: str) -> bool:
    return any(domain == one or domain.endswith(f".{one}") for one in preset.domains)


def _shown(preset: Preset, local: str, address: str, language: str) -> dict[str, Any]:
    words = HINTS[preset.auth][language == "fr"]
    user = local if preset.user == "local" else address
    return {
        "id": preset.id,
        "name": preset.name,
        "auth": preset.auth,
        "oauth": preset.oauth,
        "imap": _server(preset.imap),
        "smtp": _server(preset.smtp),
        "user": user if local else None,
        "hint": words.format(name=preset.name, oauth=(preset.oauth or "").title()),
        "hint_url": preset.hint_url,
    }


def _server(where: Where) -> dict[str, Any]:
    host, port, tls = where
    return {"host": host, "port": port, "tls": tls, "user": None}

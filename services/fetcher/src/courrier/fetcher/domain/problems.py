"""What can be wrong with a mail account: a code, how far we came, and plain words in two languages.

Every text says what happened and what to do. In braces stand facts: ``host``, ``port``, ``user``,
``folder``, ``answer`` (the server's own words), ``detail``, ``provider``, ``where`` (an address).
"""

from collections.abc import Mapping
from dataclasses import dataclass

Facts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Problem:
    """How far we came before it, and its words."""

    step: str
    en: str
    fr: str


PROBLEMS: dict[str, Problem] = {
    "name-not-found": Problem(
        "name",
        "No server named {host} can be found. Check the spelling of the host.",
        "Aucun serveur nommé {host} n'a été trouvé. Vérifiez l'orthographe de l'hôte.",
    ),
    "address-not-allowed": Problem(
        "name",
        "{host} is at an address that mail is not fetched from here. Ask your administrator.",
        "{host} est à une adresse où le courrier n'est pas relevé d'ici. Demandez à votre "
        "administrateur.",
    ),
    "refused": Problem(
        "connect",
        "{host}:{port} refuses connections. Check the port.",
        "{host}:{port} refuse les connexions. Vérifiez le port.",
    ),
    "timed-out": Problem(
        "connect",
        "{host}:{port} did not answer in time. Check host, port and TLS mode.",
        "{host}:{port} n'a pas répondu à temps. Vérifiez l'hôte, le port et le mode TLS.",
    ),
    "unreachable": Problem(
        "connect",
        "{host}:{port} cannot be reached from here. Check host and port, or the network.",
        "{host}:{port} est injoignable d'ici. Vérifiez l'hôte, le port, ou le réseau.",
    ),
    "tls-name-mismatch": Problem(
        "tls",
        "The certificate of {host} is for another name ({detail}). Enter the name that your "
        "provider gives.",
        "Le certificat de {host} est établi pour un autre nom ({detail}). Saisissez le nom que "
        "donne votre fournisseur.",
    ),
    "tls-expired": Problem(
        "tls",
        "The certificate of {host} has expired. Its operator has to renew it.",
        "Le certificat de {host} a expiré. L'exploitant du serveur doit le renouveler.",
    ),
    "tls-not-yet-valid": Problem(
        "tls",
        "The certificate of {host} is not valid yet. Check the clocks of both computers.",
        "Le certificat de {host} n'est pas encore valable. Vérifiez l'horloge des deux machines.",
    ),
    "tls-self-signed": Problem(
        "tls",
        "The certificate of {host} is signed by itself. If it is your own server, trust this very "
        "certificate in the account's settings.",
        "Le certificat de {host} est auto-signé. Si c'est votre propre serveur, faites confiance à "
        "ce certificat précis dans les réglages du compte.",
    ),
    "tls-unknown-issuer": Problem(
        "tls",
        "The certificate of {host} cannot be trusted: its issuer is unknown. Add the issuer to the "
        "account's settings, or to COURRIER_EXTRA_CA_FILE.",
        "Le certificat de {host} n'est pas digne de confiance : son émetteur est inconnu. Ajoutez "
        "l'émetteur aux réglages du compte, ou à COURRIER_EXTRA_CA_FILE.",
    ),
    "tls-untrusted": Problem(
        "tls",
        "The certificate of {host} cannot be trusted: {detail}.",
        "Le certificat de {host} n'est pas digne de confiance : {detail}.",
    ),
    "tls-certificate-changed": Problem(
        "tls",
        "{host} shows another certificate than the one that you trusted. If its operator did not "
        "renew it, somebody may be listening; nothing was sent.",
        "{host} présente un autre certificat que celui auquel vous faites confiance. S'il n'a pas "
        "été renouvelé, quelqu'un écoute peut-être ; rien n'a été envoyé.",
    ),
    "tls-not-spoken": Problem(
        "tls",
        "{host}:{port} speaks no TLS at once. Choose STARTTLS, or the port for TLS (usually 993).",
        "{host}:{port} ne parle pas TLS d'emblée. Choisissez STARTTLS, ou le port pour TLS (993 "
        "d'ordinaire).",
    ),
    "tls-wanted": Problem(
        "tls",
        "{host}:{port} wants TLS at once. Choose that TLS mode, or the port for STARTTLS (usually "
        "143).",
        "{host}:{port} attend TLS d'emblée. Choisissez ce mode TLS, ou le port pour STARTTLS (143 "
        "d'ordinaire).",
    ),
    "starttls-missing": Problem(
        "tls",
        "{host} does not offer STARTTLS, so no password was sent. Try TLS at once (port 993); if "
        "it always offered it, somebody may be listening.",
        "{host} ne propose pas STARTTLS : aucun mot de passe n'a été envoyé. Essayez TLS d'emblée "
        "(port 993) ; s'il le proposait toujours, quelqu'un écoute peut-être.",
    ),
    "tls-injected": Problem(
        "tls",
        "{host} sent bytes before the TLS handshake was done, so no password was sent. Somebody "
        "may be tampering with the connection.",
        "{host} a envoyé des octets avant la fin de la négociation TLS : aucun mot de passe n'a "
        "été envoyé. Quelqu'un altère peut-être la connexion.",
    ),
    "tls-failed": Problem(
        "tls",
        "No TLS connection to {host}:{port} ({detail}). TLS 1.2 or newer is needed; check the port "
        "and the TLS mode.",
        "Pas de connexion TLS à {host}:{port} ({detail}). Il faut TLS 1.2 ou plus récent ; "
        "vérifiez le port et le mode TLS.",
    ),
    "not-imap": Problem(
        "greeting",
        "{host}:{port} is no IMAP server. Check the port: 993, or 143 with STARTTLS.",
        "{host}:{port} n'est pas un serveur IMAP. Vérifiez le port : 993, ou 143 avec STARTTLS.",
    ),
    "password-needs-tls": Problem(
        "log-in",
        "{host} takes no password without TLS. Choose TLS at once (port 993) or STARTTLS.",
        "{host} n'accepte pas de mot de passe sans TLS. Choisissez TLS d'emblée (port 993) ou "
        "STARTTLS.",
    ),
    "log-in-refused": Problem(
        "log-in",
        "{host} refused the log-in: {answer}. Check user and password; some providers want an app "
        "password.",
        "{host} a refusé la connexion : {answer}. Vérifiez l'utilisateur et le mot de passe ; "
        "certains fournisseurs veulent un mot de passe d'application.",
    ),
    "app-password-needed": Problem(
        "log-in",
        "{provider} refused the log-in: it takes no ordinary password from mail programs. Make an "
        "app password at {where} and enter that, or sign in with {provider} where it is offered.",
        "{provider} a refusé la connexion : il n'accepte pas le mot de passe habituel. Créez un "
        "mot de passe d'application sur {where} et saisissez-le, ou connectez-vous avec {provider} "
        "là où c'est proposé.",
    ),
    "oauth-needed": Problem(
        "log-in",
        "{provider} takes no passwords from mail programs any more. Use “Sign in with {provider}”.",
        "{provider} n'accepte plus les mots de passe des logiciels de courrier. Utilisez "
        "« Se connecter avec {provider} ».",
    ),
    "sign-in-ended": Problem(
        "log-in",
        "{provider} does not accept our permission any more: it has expired or was withdrawn. "
        "Sign in with {provider} again.",
        "{provider} n'accepte plus notre autorisation : elle a expiré ou a été retirée. "
        "Connectez-vous de nouveau avec {provider}.",
    ),
    "provider-refused": Problem(
        "log-in",
        "{host} gave no permission to read the mailbox ({answer}). Check the provider's client in "
        "the system settings, or try again later.",
        "{host} n'a pas donné l'autorisation de lire la boîte ({answer}). Vérifiez le client du "
        "fournisseur dans les réglages du système, ou réessayez plus tard.",
    ),
    "provider-silent": Problem(
        "log-in",
        "{host}, which gives the permission to read the mailbox, cannot be reached ({detail}). It "
        "is tried again by itself.",
        "{host}, qui donne l'autorisation de lire la boîte, est injoignable ({detail}). Un nouvel "
        "essai aura lieu.",
    ),
    "browser-log-in-needed": Problem(
        "log-in",
        "{provider} wants you to log in with a browser first: open {where}, confirm that it was "
        "you, and try again.",
        "{provider} veut d'abord que vous vous connectiez avec un navigateur : ouvrez {where}, "
        "confirmez que c'était vous, puis réessayez.",
    ),
    "imap-disabled": Problem(
        "log-in",
        "IMAP is switched off for this mailbox at {provider}. Switch it on in the mailbox's "
        "settings ({where}) and try again.",
        "IMAP est désactivé pour cette boîte chez {provider}. Activez-le dans les réglages de la "
        "boîte ({where}), puis réessayez.",
    ),
    "log-in-or-imap-refused": Problem(
        "log-in",
        "{provider} refused the log-in: {answer}. Check user and password, and whether IMAP is "
        "switched on in the mailbox's settings ({where}).",
        "{provider} a refusé la connexion : {answer}. Vérifiez l'utilisateur et le mot de passe, "
        "et si IMAP est activé dans les réglages de la boîte ({where}).",
    ),
    "too-many-connections": Problem(
        "log-in",
        "{host} has too many connections of this mailbox open: {answer}. Close other mail "
        "programs; it is tried again by itself.",
        "{host} a trop de connexions ouvertes pour cette boîte : {answer}. Fermez d'autres "
        "logiciels de courrier ; un nouvel essai aura lieu.",
    ),
    "throttled": Problem(
        "folder",
        "{host} asks to be left alone for a while: {answer}. It is tried again by itself.",
        "{host} demande à être laissé en paix un moment : {answer}. Un nouvel essai aura lieu.",
    ),
    "log-in-failed": Problem(
        "log-in",
        "{host} could not log us in now: {answer}. It is tried again by itself.",
        "{host} n'a pas pu nous connecter maintenant : {answer}. Un nouvel essai aura lieu.",
    ),
    "folder-missing": Problem(
        "folder",
        "The folder '{folder}' is not on the server. Choose another folder, or create it.",
        "Le dossier « {folder} » n'est pas sur le serveur. Choisissez-en un autre, ou créez-le.",
    ),
    "not-possible": Problem(
        "folder",
        "{host} can neither move messages nor expunge single ones, so nothing was moved there.",
        "{host} ne sait ni déplacer ni supprimer un seul message : rien n'y a été déplacé.",
    ),
    "disconnected": Problem(
        "connect",
        "The connection to {host}:{port} was lost: {detail}.",
        "La connexion à {host}:{port} a été perdue : {detail}.",
    ),
    "said-goodbye": Problem(
        "greeting",
        "{host} ended the connection: {answer}. It is tried again by itself.",
        "{host} a mis fin à la connexion : {answer}. Un nouvel essai aura lieu.",
    ),
    "server-error": Problem(
        "folder",
        "{host}:{port} refused a command: {answer}.",
        "{host}:{port} a refusé une commande : {answer}.",
    ),
    "hostile": Problem(
        "folder",
        "{host}:{port} sent what no mail server should: {detail}.",
        "{host}:{port} a envoyé ce qu'aucun serveur de courrier ne devrait : {detail}.",
    ),
}

STEPS = {name: problem.step for name, problem in PROBLEMS.items()}


def texts_of(problem: str, facts: Facts) -> dict[str, str]:
    """Return a problem's words by language; facts without an end of their own, ``x.``, get one."""
    words = PROBLEMS[problem]
    shown = {name: value.rstrip(". ") or "-" for name, value in facts.items()}
    return {"en": words.en.format_map(shown), "fr": words.fr.format_map(shown)}

"""What can be wrong with an outgoing server: a code, how far we came, plain words in two languages.

Every text says what happened and what to do. In braces stand facts: ``host``, ``port``, ``answer``
(the server's own words), ``detail``, ``address``, ``provider``, ``where`` (an address of theirs).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from courrier.events.commands.mailboxes import CertificateSeen, MailboxSeen, Step


@dataclass(frozen=True, slots=True)
class Problem:
    """How far we came before it, and its words."""

    step: Step
    en: str
    fr: str


class Obstacle(Exception):
    """A problem that was met, with its facts."""

    def __init__(self, problem: str, **facts: str | int) -> None:
        self.problem = problem
        self.facts = facts
        super().__init__(problem)


PROBLEMS: Mapping[str, Problem] = {
    "name-not-found": Problem(
        "name",
        "No server named {host} can be found. Check the spelling of the host.",
        "Aucun serveur nommé {host} n'a été trouvé. Vérifiez l'orthographe de l'hôte.",
    ),
    "refused": Problem(
        "connect",
        "{host}:{port} refuses connections. Check the port: 465, or 587 with STARTTLS.",
        "{host}:{port} refuse les connexions. Vérifiez le port : 465, ou 587 avec STARTTLS.",
    ),
    "timed-out": Problem(
        "connect",
        "{host}:{port} did not answer in time. Check host, port and TLS mode; some networks block "
        "port 25.",
        "{host}:{port} n'a pas répondu à temps. Vérifiez l'hôte, le port et le mode TLS ; certains "
        "réseaux bloquent le port 25.",
    ),
    "unreachable": Problem(
        "connect",
        "{host}:{port} cannot be reached from here ({detail}). Check host and port, or the "
        "network.",
        "{host}:{port} est injoignable d'ici ({detail}). Vérifiez l'hôte, le port, ou le réseau.",
    ),
    "disconnected": Problem(
        "connect",
        "{host}:{port} ended the connection. Check port and TLS mode, or try again later.",
        "{host}:{port} a coupé la connexion. Vérifiez le port et le mode TLS, ou réessayez plus "
        "tard.",
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
        "{host}:{port} speaks no TLS at once. Choose STARTTLS, or the port for TLS (usually 465).",
        "{host}:{port} ne parle pas TLS d'emblée. Choisissez STARTTLS, ou le port pour TLS (465 "
        "d'ordinaire).",
    ),
    "tls-wanted": Problem(
        "tls",
        "{host}:{port} wants TLS at once. Choose that TLS mode, or the port for STARTTLS (usually "
        "587).",
        "{host}:{port} attend TLS d'emblée. Choisissez ce mode TLS, ou le port pour STARTTLS (587 "
        "d'ordinaire).",
    ),
    "starttls-missing": Problem(
        "tls",
        "{host} does not offer STARTTLS, so no password was sent. Try TLS at once (port 465); if "
        "it always offered it, somebody may be listening.",
        "{host} ne propose pas STARTTLS : aucun mot de passe n'a été envoyé. Essayez TLS d'emblée "
        "(port 465) ; s'il le proposait toujours, quelqu'un écoute peut-être.",
    ),
    "tls-failed": Problem(
        "tls",
        "No TLS connection to {host}:{port} ({detail}). TLS 1.2 or newer is needed; check the port "
        "and the TLS mode.",
        "Pas de connexion TLS à {host}:{port} ({detail}). Il faut TLS 1.2 ou plus récent ; "
        "vérifiez le port et le mode TLS.",
    ),
    "not-smtp": Problem(
        "greeting",
        "{host}:{port} is no SMTP server. Check the port: 465, or 587 with STARTTLS.",
        "{host}:{port} n'est pas un serveur SMTP. Vérifiez le port : 465, ou 587 avec STARTTLS.",
    ),
    "turned-away": Problem(
        "greeting",
        "{host}:{port} does not want to talk to us: {answer}. Try again later, or ask its "
        "operator.",
        "{host}:{port} ne veut pas nous parler : {answer}. Réessayez plus tard, ou demandez à son "
        "exploitant.",
    ),
    "password-needs-tls": Problem(
        "log-in",
        "No password is sent to {host} without TLS. Choose TLS at once (port 465) or STARTTLS.",
        "Aucun mot de passe n'est envoyé à {host} sans TLS. Choisissez TLS d'emblée (port 465) ou "
        "STARTTLS.",
    ),
    "password-missing": Problem(
        "log-in",
        "No password is stored for {host}: enter it again.",
        "Aucun mot de passe n'est enregistré pour {host} : saisissez-le de nouveau.",
    ),
    "no-log-in": Problem(
        "log-in",
        "{host}:{port} offers no log-in that we know ({detail}). Check port and TLS mode.",
        "{host}:{port} ne propose aucune connexion que nous connaissions ({detail}). Vérifiez le "
        "port et le mode TLS.",
    ),
    "log-in-refused": Problem(
        "log-in",
        "{host} refused the log-in: {answer}. Check user and password; some providers want an app "
        "password.",
        "{host} a refusé la connexion : {answer}. Vérifiez l'utilisateur et le mot de passe ; "
        "certains fournisseurs veulent un mot de passe d'application.",
    ),
    "log-in-failed": Problem(
        "log-in",
        "{host} could not log us in now: {answer}. Try again in a few minutes.",
        "{host} n'a pas pu nous connecter maintenant : {answer}. Réessayez dans quelques minutes.",
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
    "smtp-disabled": Problem(
        "log-in",
        "Sending by SMTP is switched off for this mailbox: {answer}. An administrator of the "
        "mailbox has to switch on “Authenticated SMTP”.",
        "L'envoi par SMTP est désactivé pour cette boîte : {answer}. Un administrateur de la boîte "
        "doit activer « SMTP authentifié ».",
    ),
    "sign-in-ended": Problem(
        "log-in",
        "{host} does not accept our permission any more: it has expired or was withdrawn "
        "({answer}). Sign in again.",
        "{host} n'accepte plus notre autorisation : elle a expiré ou a été retirée ({answer}). "
        "Connectez-vous de nouveau.",
    ),
    "browser-log-in-needed": Problem(
        "log-in",
        "{provider} wants you to log in with a browser first: confirm there that it was you, and "
        "try again.",
        "{provider} veut d'abord que vous vous connectiez avec un navigateur : confirmez que "
        "c'était vous, puis réessayez.",
    ),
    "log-in-needed": Problem(
        "sender",
        "{host} wants a log-in before it takes mail: {answer}. Enter user and password.",
        "{host} veut une connexion avant d'accepter un message : {answer}. Saisissez l'utilisateur "
        "et le mot de passe.",
    ),
    "sender-refused": Problem(
        "sender",
        "{host} takes no mail from {address}: {answer}. Enter an address of this account, or ask "
        "the provider to let it send as {address}.",
        "{host} n'accepte pas de message de {address} : {answer}. Saisissez une adresse de ce "
        "compte, ou demandez au fournisseur de l'autoriser à envoyer comme {address}.",
    ),
    "throttled": Problem(
        "sender",
        "{host} takes no mail just now: {answer}. It may be asked again later.",
        "{host} n'accepte pas de message pour l'instant : {answer}. Réessayez plus tard.",
    ),
    "server-error": Problem(
        "sender",
        "{host}:{port} refused a command: {answer}.",
        "{host}:{port} a refusé une commande : {answer}.",
    ),
}

_WORKS = {
    "en": "Mail from {address} can be sent: the server lets us in and takes the address.",
    "fr": "Les messages de {address} peuvent partir : le serveur nous admet et accepte l'adresse.",
}


def works(address: str, capabilities: tuple[str, ...]) -> MailboxSeen:
    """Return that everything works."""
    texts = {language: text.format(address=address) for language, text in _WORKS.items()}
    return MailboxSeen(step="done", texts=texts, capabilities=capabilities)


def fails(
    obstacle: Obstacle, capabilities: tuple[str, ...], certificate: CertificateSeen | None = None
) -> MailboxSeen:
    """Return what is in the way; facts without an end of their own, ``x.``, get one."""
    problem = PROBLEMS[obstacle.problem]
    facts = {name: str(value).rstrip(". ") or "-" for name, value in obstacle.facts.items()}
    return MailboxSeen(
        step=problem.step,
        problem=obstacle.problem,
        texts={"en": problem.en.format_map(facts), "fr": problem.fr.format_map(facts)},
        capabilities=capabilities,
        certificate=certificate,
    )

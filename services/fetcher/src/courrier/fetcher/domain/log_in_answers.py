"""What a refused log-in means: providers say the same thing in many ways, and many in one."""

import re
from dataclasses import dataclass

from courrier.fetcher.domain.failures import CannotFetch, trouble

BUSY = frozenset({"UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "CONTACTADMIN"})


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider of many mailboxes; ``takes`` is what it wants of mail programs.

    ``made`` is the form of the app passwords that it makes, ``where`` it makes them, and
    ``imap_at`` where IMAP is switched on.
    """

    name: str
    hosts: tuple[str, ...]
    takes: str
    where: str = ""
    imap_at: str = ""
    made: str = r".{16,}"


PROVIDERS = (
    Provider(
        "Google",
        ("gmail.com", "googlemail.com", "google.com"),
        "app-password",
        "https://myaccount.google.com/apppasswords",
        "https://mail.google.com/mail/#settings/fwdandpop",
        r"(?:[a-z]{4} ?){4}",
    ),
    Provider(
        "Microsoft",
        ("outlook.com", "office365.com", "hotmail.com", "live.com"),
        "oauth",
        imap_at="https://outlook.live.com/mail/options/mail/forwarding",
    ),
    Provider(
        "Yahoo",
        ("yahoo.com", "yahoodns.net", "ymail.com", "aol.com"),
        "app-password",
        "https://login.yahoo.com/account/security",
        made=r"[a-z]{16}",
    ),
    Provider(
        "iCloud",
        ("mail.me.com", "icloud.com"),
        "app-password",
        "https://account.apple.com",
        made=r"[a-z]{4}(?:-[a-z]{4}){3}",
    ),
    Provider(
        "Fastmail", ("fastmail.com",), "app-password", "https://app.fastmail.com/settings/security"
    ),
    Provider("GMX", ("gmx.net", "gmx.com", "gmx.fr"), "switch", imap_at="https://www.gmx.net"),
    Provider("WEB.DE", ("web.de",), "switch", imap_at="https://web.de"),
    Provider(
        "Zoho",
        ("zoho.com", "zoho.eu", "zoho.in"),
        "password",
        "https://accounts.zoho.com",
        "https://mail.zoho.com",
    ),
    Provider(
        "Yandex",
        ("yandex.com", "yandex.ru"),
        "app-password",
        "https://id.yandex.com/security/app-passwords",
        "https://mail.yandex.com/#setup/client",
        r"[a-z]{16}",
    ),
)

_SAYINGS = (
    ("log-in-or-imap-refused", r"credentials or imap is disabled"),
    ("app-password-needed", r"app(?:lication)?[- ](?:specific[- ])?password"),
    ("browser-log-in-needed", r"(?:via|with|in) your (?:web )?browser|web ?login required"),
    (
        "imap-disabled",
        r"not enabled for imap|enable imap|imap (?:access )?(?:is |has been )?disabled",
    ),
    ("imap-disabled", r"authenticated but not connected"),
    ("oauth-needed", r"basic ?auth(?:entication)? ?(?:is )?(?:disabled|blocked)"),
    ("too-many-connections", r"too many|maximum number of connections"),
    ("throttled", r"throttled|bandwidth limits|backoff time"),
)
_BACKOFF = re.compile(r"backoff time: *(\d{1,9}) *milliseconds")


@dataclass(frozen=True, slots=True)
class Tried:
    """How the log-in was tried, without the secret; ``is_app_password``: it looks like one."""

    host: str
    by_oauth: bool = False
    is_app_password: bool = False


def provider_of(host: str) -> Provider | None:
    """Return whose server this is, None for one of many."""
    name = host.lower().rstrip(".")
    return next(
        (p for p in PROVIDERS if any(name == end or name.endswith(f".{end}") for end in p.hosts)),
        None,
    )


def tried(host: str, password: str, *, by_oauth: bool) -> Tried:
    """Return how a log-in is tried."""
    provider = provider_of(host)
    form = provider.made if provider else r"(?!)"
    return Tried(host, by_oauth, re.fullmatch(form, password) is not None)


def log_in_failure(how: Tried, status: str, code: str, answer: str) -> CannotFetch:
    """Return why a log-in was refused: by the answer's words, else by what the provider wants."""
    provider = provider_of(how.host)
    problem = _said(code, answer) or _usual(provider, how, status, code)
    name = provider.name if provider else how.host
    where = provider and (provider.imap_at if "imap" in problem else provider.where)
    said = answer or "no reason given"
    _, wait_s = says_wait(answer) or ("", None)
    return trouble(problem, wait_s, host=how.host, answer=said, provider=name, where=where or name)


def says_wait(answer: str) -> tuple[str, float | None] | None:
    """Return that a server's words ask us to come later, and in how many seconds, if they tell."""
    problem = _said("", answer)
    if problem not in {"too-many-connections", "throttled"}:
        return None
    told = _BACKOFF.search(answer.lower())
    return problem, (int(told[1]) / 1000 if told else None)


def _said(code: str, answer: str) -> str | None:
    if code == "WEBALERT":
        return "browser-log-in-needed"
    lowered = answer.lower()
    return next((problem for problem, words in _SAYINGS if re.search(words, lowered)), None)


def _usual(provider: Provider | None, how: Tried, status: str, code: str) -> str:
    if status == "BAD" or code in BUSY:
        return "log-in-failed"
    if how.by_oauth:
        return "sign-in-ended"
    if provider and provider.takes == "oauth":
        return "oauth-needed"
    if provider and provider.takes == "app-password" and not how.is_app_password:
        return "app-password-needed"
    is_off_at_first = provider is not None and provider.takes == "switch"
    return "log-in-or-imap-refused" if is_off_at_first else "log-in-refused"

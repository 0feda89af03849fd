"""What a refused log-in to an outgoing server means: providers say the same thing in many ways."""

import re
from dataclasses import dataclass

from courrier.sender.domain.smtp_problems import Obstacle


@dataclass(frozen=True, slots=True)
class _Provider:
    name: str
    hosts: tuple[str, ...]
    takes: str
    where: str = ""


_PROVIDERS = (
    _Provider(
        "Google",
        ("gmail.com", "googlemail.com", "google.com"),
        "app-password",
        "https://myaccount.google.com/apppasswords",
    ),
    _Provider("Microsoft", ("outlook.com", "office365.com", "hotmail.com", "live.com"), "oauth"),
    _Provider(
        "Yahoo",
        ("yahoo.com", "aol.com"),
        "app-password",
        "https://login.yahoo.com/account/security",
    ),
    _Provider("iCloud", ("mail.me.com", "icloud.com"), "app-password", "https://account.apple.com"),
    _Provider(
        "Fastmail", ("fastmail.com",), "app-password", "https://app.fastmail.com/settings/security"
    ),
)
_SAYINGS = (
    ("smtp-disabled", r"smtpclientauthentication is disabled|smtp (?:auth|access) is disabled"),
    ("oauth-needed", r"basic ?auth(?:entication)? ?(?:is )?disabled|5\.7\.139"),
    ("app-password-needed", r"app(?:lication)?[- ](?:specific[- ])?password|invalidsecondfactor"),
    ("browser-log-in-needed", r"(?:via|with|in) your (?:web )?browser|web ?login"),
)


def log_in_obstacle(host: str, code: int, answer: str, *, by_oauth: bool) -> Obstacle:
    """Return why a log-in was refused: by the answer's words, else by what the provider wants."""
    provider = _provider_of(host)
    said = next((name for name, words in _SAYINGS if re.search(words, answer.lower())), None)
    problem = said or _usual(provider, code, by_oauth=by_oauth)
    name = provider.name if provider else host
    where = (provider and provider.where) or name
    return Obstacle(problem, host=host, answer=answer, provider=name, where=where)


def _usual(provider: _Provider | None, code: int, *, by_oauth: bool) -> str:
    if code // 100 == 4:
        return "log-in-failed"
    if by_oauth:
        return "sign-in-ended"
    usual = {"oauth": "oauth-needed", "app-password": "app-password-needed"}
    return usual[provider.takes] if provider else "log-in-refused"


def _provider_of(host: str) -> _Provider | None:
    name = host.lower().rstrip(".")
    return next(
        (p for p in _PROVIDERS if any(name == end or name.endswith(f".{end}") for end in p.hosts)),
        None,
    )

"""Sign in with a provider: what is asked of it, and what comes back (RFC 6749, 7636, 8252).

The state that travels through the browser is sealed with the vault's key: it holds who asked, for
which account, in which session, and the verifier, so that nobody else's answer is taken for theirs.
"""

import base64
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import urlencode, urlsplit

from courrier.events.base import UtcTime, Value
from courrier.events.families.settings import OAuthProvider

from .refusals import Unfit

LIFE = timedelta(minutes=15)
"""How long a person has between asking and agreeing."""

_MICROSOFT = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/"
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class State(Value):
    """What was asked; ``session`` is the id of the browser's session, or ``token``."""

    account_id: str
    provider: str
    person_id: str
    session: str
    verifier: str
    redirect_uri: str
    ends_at: UtcTime


def known_provider(name: str, tenant: str) -> OAuthProvider | None:
    """Return the endpoints of a provider that we know; its client is the administrator's."""
    if name == "google":
        return OAuthProvider(
            name="Google",
            client_id="",
            authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
            token_url="https://oauth2.googleapis.com/token",  # noqa: S106  no password
            revoke_url="https://oauth2.googleapis.com/revoke",
            scopes=("https://mail.google.com/",),
        )
    if name == "microsoft":
        at = _MICROSOFT.format(tenant=tenant)
        return OAuthProvider(
            name="Microsoft",
            client_id="",
            authorize_url=f"{at}authorize",
            token_url=f"{at}token",
            scopes=(
                "https://outlook.office.com/IMAP.AccessAsUser.All",
                "https://outlook.office.com/SMTP.Send",
                "offline_access",
            ),
        )
    return None


def check_urls(provider: OAuthProvider) -> None:
    """Decline an endpoint that a secret would reach in clear.

    Raises:
        Unfit: no ``https``, but for this machine itself.
    """
    for field in ("authorize_url", "token_url", "revoke_url"):
        url = getattr(provider, field)
        if url is None:
            continue
        there = urlsplit(url)
        if there.scheme != "https" and there.hostname not in _LOOPBACK:
            raise Unfit("an https address is needed", pointer=f"/{field}")


def authorization_url(
    provider: OAuthProvider, state: State, sealed_state: str, address: str
) -> str:
    """Return where the person agrees; ``address`` spares them choosing among their mailboxes."""
    digest = sha256(state.verifier.encode()).digest()
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": state.redirect_uri,
        "scope": " ".join(provider.scopes),
        "state": sealed_state,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
        "login_hint": address,
        "access_type": "offline",
        "prompt": "consent",
    }
    joint = "&" if urlsplit(provider.authorize_url).query else "?"
    return f"{provider.authorize_url}{joint}{urlencode(asked)}"


def is_answer_to(state: State, *, person_id: str, session: str, now: datetime) -> bool:
    """Tell whether whoever brings the answer asked for it, in the same session, in time."""
    is_same = (state.person_id, state.session) == (person_id, session)
    return is_same and now < state.ends_at

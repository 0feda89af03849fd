"""Log-in by somebody else's word: OpenID Connect's authorization code flow with PKCE, decided.

OpenID Connect Core 1.0 section 3.1, RFC 7636 (PKCE, S256 only), RFC 9207 (the issuer's name in the
answer). Nothing here speaks to anybody: the browser is sent, a token is judged.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

SCOPES = "openid email"
LEEWAY_S = 60
"""What two clocks may differ by."""
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

Match = Literal["email", "sub"]


class OidcRefused(Exception):
    """The provider's answer lets nobody in; the text says why, for the log."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where a provider is asked."""

    authorization: str
    token: str
    keys: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcClient:
    """What the provider knows us as; without ``endpoints`` they are discovered."""

    issuer: str
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    name: str = ""
    match: Match = "email"
    endpoints: Endpoints | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One log-in under way, kept by the browser; ``until`` is in seconds of the epoch."""

    state: str
    nonce: str
    verifier: str
    onwards: str
    until: int


@dataclass(frozen=True, slots=True)
class Claimed:
    """Who the provider says it is; ``address`` only if it says that it is confirmed."""

    subject: str
    address: str | None


def endpoints_of(document: Mapping[str, Any], issuer: str) -> Endpoints:
    """Return what a discovery document says (OpenID Connect Discovery 1.0 section 3).

    Raises:
        OidcRefused: it is another issuer's, or an address in it is not safe to use.
    """
    if document.get("issuer") != issuer:
        raise OidcRefused(f"the discovery document is that of {document.get('issuer')!r}")
    names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    found = [document.get(name) for name in names]
    for name, address in zip(names, found, strict=True):
        if not isinstance(address, str) or not is_safe(address):
            raise OidcRefused(f"{name} is no https address")
    return Endpoints(*map(str, found))


def is_safe(address: str) -> bool:
    """Tell whether an address is https, or on this machine."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    is_here = parts.scheme == "http" and parts.hostname in LOOPBACK
    return bool(parts.hostname) and (parts.scheme == "https" or is_here)


def authorization_url(
    endpoints: Endpoints, client_id: str, redirect_url: str, attempt: Attempt
) -> str:
    """Return where to send the browser."""
    digest = sha256(attempt.verifier.encode()).digest()
    query = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_url,
        "scope": SCOPES,
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    joint = "&" if urlsplit(endpoints.authorization).query else "?"
    return f"{endpoints.authorization}{joint}{urlencode(query)}"


def check_claims(
    claims: Mapping[str, Any], *, issuer: str, client_id: str, nonce: str, now: float
) -> Claimed:
    """Return who an ID token names; its signature was checked before (Core section 3.1.3.7).

    Raises:
        OidcRefused: it is not for us, not of this log-in, or not of now.
    """
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    party = claims.get("azp")
    subject, ends, issued = claims.get("sub"), claims.get("exp"), claims.get("iat")
    wrong = {
        "issuer": claims.get("iss") != issuer,
        "audience": client_id not in audiences,
        "authorised party": (len(audiences) > 1 or party is not None) and party != client_id,
        "nonce": claims.get("nonce") != nonce,
        "subject": not isinstance(subject, str) or not subject,
        "end": not _is_number(ends) or now >= float(ends or 0) + LEEWAY_S,
        "beginning": not _is_number(issued) or float(issued or 0) > now + LEEWAY_S,
    }
    if found := [name for name, is_wrong in wrong.items() if is_wrong]:
        raise OidcRefused(f"the ID token has the wrong {', '.join(found)}")
    address = claims.get("email")
    is_confirmed = claims.get("email_verified") is True and isinstance(address, str)
    return Claimed(str(subject), str(address) if is_confirmed else None)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)

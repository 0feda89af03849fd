"""What is asked of an OpenID Connect provider, and what of its answer is believed."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from courrier.gateway.domain.oidc import (
    Attempt,
    Claimed,
    OidcRefused,
    authorization_url,
    check_claims,
    endpoints_of,
    is_safe,
)

ISSUER = "https://id.example.test"
NOW = 1_770_000_000.0
GOOD: dict[str, Any] = {
    "iss": ISSUER,
    "aud": "courrier",
    "sub": "s-1",
    "nonce": "n",
    "iat": NOW,
    "exp": NOW + 300,
    "email": "ada@example.test",
    "email_verified": True,
}
DOCUMENT = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/keys",
}


def judged(**claims: Any) -> Claimed:
    """Return who a token with these claims names."""
    return check_claims(GOOD | claims, issuer=ISSUER, client_id="courrier", nonce="n", now=NOW)


def test_a_good_token_names_somebody() -> None:
    """With the address where the provider says that it is confirmed."""
    assert Claimed("s-1", "ada@example.test") == judged()
    assert Claimed("s-1", "ada@example.test") == judged(aud=["courrier", "x"], azp="courrier")


@pytest.mark.parametrize("said", [False, None, "true", 1])
def test_an_address_that_is_not_confirmed_is_none(said: object) -> None:
    """Only the word true itself confirms one."""
    assert Claimed("s-1", None) == judged(email_verified=said)


@pytest.mark.parametrize(
    "lie",
    [
        {"iss": f"{ISSUER}/"},
        {"aud": "another"},
        {"aud": ["courrier", "another"]},
        {"azp": "another"},
        {"nonce": "another"},
        {"nonce": None},
        {"sub": ""},
        {"sub": 7},
        {"exp": NOW - 61},
        {"exp": None},
        {"exp": "tomorrow"},
        {"iat": NOW + 61},
        {"iat": True},
    ],
    ids=str,
)
def test_a_token_of_anything_else_lets_nobody_in(lie: dict[str, Any]) -> None:
    """Of another issuer, for another client or log-in, too old, or from the future."""
    with pytest.raises(OidcRefused):
        judged(**lie)


def test_the_browser_is_sent_with_what_binds_the_answer() -> None:
    """State, nonce and a challenge; the verifier stays here (the pair of RFC 7636 appendix B)."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    attempt = Attempt("s", "n", verifier, "/", 0)
    endpoints = endpoints_of(DOCUMENT, ISSUER)

    address = authorization_url(endpoints, "courrier", "https://crm.example.test/cb", attempt)
    query = {name: value for name, (value,) in parse_qs(urlsplit(address).query).items()}

    assert address.startswith(f"{ISSUER}/authorize?")
    assert ("s", "n", "code") == (query["state"], query["nonce"], query["response_type"])
    assert "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM" == query["code_challenge"]
    assert "S256" == query["code_challenge_method"]
    assert verifier not in address


@pytest.mark.parametrize(
    "lie",
    [
        {"issuer": "https://other.example.test"},
        {"token_endpoint": "http://id.example.test/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": None},
    ],
    ids=str,
)
def test_a_document_that_leads_elsewhere_is_refused(lie: dict[str, Any]) -> None:
    """Another issuer's, or addresses that are not https."""
    with pytest.raises(OidcRefused):
        endpoints_of(DOCUMENT | lie, ISSUER)


def test_only_this_machine_may_do_without_tls() -> None:
    """For trying it out, and for a provider beside us."""
    assert [True, True, False, False] == [
        is_safe(each) for each in ("https://a.test", "http://127.0.0.1:1", "http://a.test", "x")
    ]

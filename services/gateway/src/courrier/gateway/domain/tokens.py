"""API tokens as text: ``courrier_`` and 256 random bits in hexadecimal; we keep a digest only."""

import re
from hashlib import sha256

PREFIX = "courrier_"
TOKEN_BYTES = 32
SCOPES = ("read", "write", "stream", "admin")
"""What a token may be good for; ``admin`` adds what only administrators may do."""

_TOKEN = re.compile(r"courrier_([0-9a-f]{64})\Z")


def token_text(secret: bytes) -> str:
    """Return the token that these random bytes make."""
    return PREFIX + secret.hex()


def token_digest(secret: bytes) -> str:
    """Return what is kept of it: hex SHA-256 of the random bytes."""
    return sha256(secret).hexdigest()


def digest_of_text(text: str) -> str | None:
    """Return the digest of a token as a client presents it; None if it is no token."""
    match = _TOKEN.match(text)
    return token_digest(bytes.fromhex(match[1])) if match else None

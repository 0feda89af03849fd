"""One-time codes by time (RFC 6238: HMAC-SHA-1, six digits, steps of 30 s) and recovery codes."""

import hmac
from base64 import b32encode
from hashlib import sha1, sha256
from urllib.parse import quote, urlencode

STEP_S = 30
DIGITS = 6
SECRET_BYTES = 20
"""RFC 4226 section 4 R6 recommends 160 bits."""
DRIFT = 1
"""Steps by which the person's clock may be wrong, either way."""
RECOVERY_CODES = 10
RECOVERY_BYTES = 10


def code_at(secret: bytes, step: int) -> str:
    """Return the code of a time step (RFC 4226 section 5.3)."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), sha1)
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def matching_step(secret: bytes, code: str, now_s: float) -> int | None:
    """Return the step of which this is the code, None for a wrong one; in constant time."""
    shown = "".join(code.split()).encode("utf-8", "replace")
    present = int(now_s) // STEP_S
    found = None
    for step in range(max(0, present - DRIFT), present + DRIFT + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), shown):
            found = step
    return found


def key_text(secret: bytes) -> str:
    """Return the secret for typing into an authenticator."""
    return b32encode(secret).decode().rstrip("=")


def key_uri(secret: bytes, login: str, issuer: str = "Courrier") -> str:
    """Return what the QR code says (``otpauth://totp/…``)."""
    label = quote(f"{issuer}:{login}", safe="")
    return f"otpauth://totp/{label}?{urlencode({'secret': key_text(secret), 'issuer': issuer})}"


def recovery_code(random: bytes) -> str:
    """Return a recovery code that 80 random bits make, as ``abcd-efgh-ijkl-mnop``."""
    text = b32encode(random).decode().lower()
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))


def recovery_digest(code: str) -> str:
    """Return what is kept of a recovery code; white space, case and dashes do not matter."""
    plain = "".join(filter(str.isalnum, code.lower()))
    return sha256(f"recovery\x1f{plain}".encode("utf-8", "replace")).hexdigest()

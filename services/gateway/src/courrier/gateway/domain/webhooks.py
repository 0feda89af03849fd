"""Webhooks: which addresses are refused, how a delivery is signed, when it is tried again.

Headers and signatures are those of the Standard Webhooks specification, so that its libraries
check them: ``webhook-signature: v1,<base64 of HMAC-SHA-256 of "id.timestamp.body">``.
"""

import hmac
import ipaddress
import zlib
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import SplitResult, urlsplit

from courrier.events.families.webhooks import WebhookFields

from .refusals import Unfit
from .streaming import TYPES

GIVEN_UP_AFTER = timedelta(days=3)
OLD_SECRET_FOR = timedelta(days=1)
PAUSES_S = (5, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800)
"""Seconds before the second try, the third, …; the last one again and again."""
JITTER_PERCENT = 20
GONE = 410
LONGEST_URL = 2000


def check_webhook(fields: WebhookFields, *, private_allowed: bool) -> None:
    """Let pass an address that we may call and types that there are.

    Raises:
        Unfit: with the field at fault.
    """
    parts = _parts(fields.url)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise Unfit("give an address that begins with https://", pointer="/url")
    if parts.username or parts.password or parts.fragment:
        raise Unfit("no user, password or fragment in the address", pointer="/url")
    if not private_allowed and _is_private_host(parts.hostname):
        raise Unfit("this address is not on the public internet", pointer="/url")
    for place, name in enumerate(fields.event_types):
        if name not in TYPES:
            raise Unfit("there is no such type of event", pointer=f"/event_types/{place}")


def is_public(address: str) -> bool:
    """Tell whether an IP address is one of the public internet's.

    An IPv4 address that is written as IPv6 (mapped, 6to4, NAT64) counts as what it stands for.
    """
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if inner is None and found in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast


def secrets_at(fields: WebhookFields, now: datetime) -> tuple[int, ...]:
    """Return the numbers of the secrets that sign now, the newest first."""
    newest = fields.secret_number
    rotated = fields.rotated_at
    if rotated is not None and now - rotated < OLD_SECRET_FOR and newest > 1:
        return newest, newest - 1
    return (newest,)


def secret_text(key: bytes) -> str:
    """Return a secret as the other side keeps it."""
    return f"whsec_{b64encode(key).decode()}"


def signed_headers(
    event_id: str, at: datetime, body: bytes, keys: Sequence[bytes]
) -> dict[str, str]:
    """Return the headers that say which delivery it is, when it was sent, and by whom."""
    stamp = str(int(at.timestamp()))
    content = f"{event_id}.{stamp}.".encode() + body
    digests = (b64encode(hmac.digest(key, content, sha256)).decode() for key in keys)
    return {
        "content-type": "application/json",
        "user-agent": "Courrier-Webhooks/1",
        "webhook-id": event_id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"v1,{digest}" for digest in digests),
    }


def next_try(event_id: str, attempts: int, since: datetime, now: datetime) -> datetime | None:
    """Return when to try again after this many tries; None: not any more.

    The pauses grow and differ a little between events, so that what failed together does not come
    back together.
    """
    pause_s = PAUSES_S[min(attempts, len(PAUSES_S)) - 1]
    spread = zlib.crc32(f"{event_id}.{attempts}".encode()) % (JITTER_PERCENT + 1)
    due = now + timedelta(seconds=pause_s * (100 + spread) / 100)
    return due if due - since <= GIVEN_UP_AFTER else None


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise Unfit("this is not an address", pointer="/url") from error
    return parts


def _is_private_host(host: str) -> bool:
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return not is_public(host)
    except ValueError:
        return False  # a name: what it stands for is looked at before each call

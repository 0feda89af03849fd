"""Webhooks: which addresses are called, how calls are signed, when they are repeated."""

import base64
import hmac
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import pairwise

import pytest

from courrier.events.families.webhooks import WebhookFields
from courrier.gateway.domain.refusals import Unfit
from courrier.gateway.domain.webhooks import (
    GIVEN_UP_AFTER,
    OLD_SECRET_FOR,
    check_webhook,
    is_public,
    next_try,
    secrets_at,
    signed_headers,
)

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
KEY, OLD_KEY = b"k" * 32, b"o" * 32

PUBLIC = ("93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34", "8.8.8.8")
NOT_PUBLIC = (
    "127.0.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0",
    "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::",
    "64:ff9b::7f00:1", "64:ff9b::a00:1", "192.0.2.1", "198.18.0.1", "2001:db8::1",
)  # fmt: skip
REFUSED = (
    "", "billing.example.org", "ftp://billing.example.org/", "javascript:alert(1)", "https://",
    "https://user:password@billing.example.org/", "https://billing.example.org/#part",
    "https://billing.example.org:port/", "https://[::1/", "https://localhost/", "https://127.1.1.1",
    "https://[::1]/", "https://api.localhost/", "http://169.254.169.254/latest/meta-data/",
    "https://printer.local/", "https://metadata.internal/", "http://[::ffff:10.0.0.1]:8080/x",
)  # fmt: skip


def hook(url: str = "https://billing.example.org/courrier", **fields: object) -> WebhookFields:
    """Return a webhook."""
    values = {"owner_id": "u", "name": "Billing", "url": url, "since": NOON} | fields
    return WebhookFields.model_validate(values)


def test_the_public_internet_is_told_from_everything_else() -> None:
    """Loopback, link-local, private, reserved, multicast, and all of these dressed as IPv6."""
    assert [] == [address for address in PUBLIC if not is_public(address)]
    assert [] == [address for address in NOT_PUBLIC if is_public(address)]


def test_an_address_that_we_may_not_call_is_refused_when_it_is_set_up() -> None:
    """The field is named; a server of the company's own network is a setting."""
    for url in REFUSED:
        with pytest.raises(Unfit) as refused:
            check_webhook(hook(url), private_allowed=False)
        assert "/url" == refused.value.pointer, url
    check_webhook(hook(), private_allowed=False)
    check_webhook(hook("http://127.0.0.1:8080/x"), private_allowed=True)


def test_a_type_that_is_never_told_is_refused() -> None:
    """Each type is looked at; which one is wrong is said."""
    known = "courrier.email.EmailImported.v1"
    with pytest.raises(Unfit) as refused:
        check_webhook(hook(event_types=(known, "EmailImported")), private_allowed=False)

    assert "/event_types/1" == refused.value.pointer


def test_the_signature_is_that_of_standard_webhooks() -> None:
    """``v1,`` and the HMAC of id, time and body, once for each secret that is valid."""
    headers = signed_headers("event-1", NOON, b'{"id":"event-1"}', [KEY, OLD_KEY])
    stamp = str(int(NOON.timestamp()))
    content = f"event-1.{stamp}.".encode() + b'{"id":"event-1"}'
    expected = [
        "v1," + base64.b64encode(hmac.digest(key, content, sha256)).decode()
        for key in (KEY, OLD_KEY)
    ]

    assert expected == headers["webhook-signature"].split(" ")
    assert ("event-1", stamp) == (headers["webhook-id"], headers["webhook-timestamp"])


def test_the_old_secret_signs_for_a_day() -> None:
    """The other side has time to learn the new one."""
    rotated = hook(secret_number=3, rotated_at=NOON)

    assert (3, 2) == secrets_at(rotated, NOON + OLD_SECRET_FOR - timedelta(seconds=1))
    assert (3,) == secrets_at(rotated, NOON + OLD_SECRET_FOR)
    assert (1,) == secrets_at(hook(), NOON)


def test_tries_grow_apart_and_end_after_three_days() -> None:
    """Some fifteen tries, the second one within seconds."""
    now, pauses = NOON, []
    for attempts in range(1, 100):
        due = next_try("event-1", attempts, NOON, now)
        if due is None:
            break
        pauses.append((due - now).total_seconds())
        now = due

    assert 5 <= pauses[0] <= 6
    assert all(later >= 0.8 * before for before, later in pairwise(pauses))
    assert now - NOON <= GIVEN_UP_AFTER
    assert 14 <= len(pauses) <= 18


def test_what_failed_together_does_not_come_back_together() -> None:
    """Each event waits a little differently."""
    due = {next_try(f"event-{number}", 5, NOON, NOON) for number in range(50)}

    assert len(due) > 10

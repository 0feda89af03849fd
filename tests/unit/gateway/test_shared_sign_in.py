"""One sign-in serves reading and sending, and no server of somebody else is shown its token."""

import pytest

from courrier.events.families.settings import EmailAccountChanged, Server
from courrier.gateway.domain.shared_sign_in import joined, with_sign_in

IMAP = Server(host="imap.x.test", port=993, user="grace@x.test")


def account(smtp: Server | None) -> EmailAccountChanged:
    """Return Grace's mailbox with this way out."""
    return EmailAccountChanged(
        account_id="a", owner_id="o", name="Work", address="grace@x.test", imap=IMAP, smtp=smtp
    )


@pytest.mark.parametrize(
    ("smtp", "signs_in"),
    [
        (Server(host="smtp.x.test", port=465), True),
        (Server(host="SMTP.X.test", port=465, user="grace", secret="s"), True),
        (Server(host="relay.y.test", port=25), False),
        (Server(host="relay.y.test", port=25, user="grace", secret="s"), False),
        (Server(host="relay.y.test", port=25, user="grace"), True),
        (Server(host="10.0.0.1", port=25), False),
    ],
)
def test_a_sign_in_counts_for_the_way_out_of_the_same_owner(smtp: Server, signs_in: bool) -> None:  # noqa: FBT001  a table
    """And for one that wants a log-in and has none; it ends for both."""
    after = with_sign_in(account(smtp), "google", "oauth.a")
    ended = with_sign_in(after, None, None)

    assert after.imap is not None
    assert after.smtp is not None
    assert ("google", "oauth.a") == (after.imap.oauth, after.imap.secret)
    assert signs_in == (after.smtp.oauth == "google")
    assert after.smtp.user == (smtp.user or ("grace@x.test" if signs_in else None))
    assert ended.smtp is not None
    assert ended.smtp.oauth is None
    assert smtp.secret == after.smtp.secret or signs_in


def test_a_way_out_that_is_added_later_signs_in_as_the_mailbox_does() -> None:
    """Unless it has a password, or stands elsewhere."""
    signed = IMAP.model_copy(update={"oauth": "google", "secret": "oauth.a"})
    near, far = Server(host="smtp.x.test", port=465), Server(host="smtp.y.test", port=465)
    own = near.model_copy(update={"secret": "s"})

    assert ("google", "grace@x.test") == (joined(signed, near).oauth, joined(signed, near).user)
    assert [far, own, near] == [joined(signed, far), joined(signed, own), joined(IMAP, near)]
    assert near == joined(None, near)
    assert account(None) == with_sign_in(account(None), None, None)

"""One sign-in with a provider serves both of a mailbox's servers: reading and sending.

A token is shown only to servers of the same owner: the way out must be at the mailbox's own domain,
or be one that wants a log-in and has no password of its own.
"""

from courrier.events.families.settings import EmailAccountChanged, Server


def is_of_same_provider(imap: Server, smtp: Server) -> bool:
    """Tell whether two servers stand under one domain, as imap.x.test and smtp.x.test do."""
    return _domain(imap.host) == _domain(smtp.host)


def with_sign_in(
    facts: EmailAccountChanged, oauth: str | None, secret: str | None
) -> EmailAccountChanged:
    """Return the account with its servers logging in by these tokens; None: by no tokens."""
    if facts.imap is None:
        return facts
    changes = {"oauth": oauth, "secret": secret}
    update = {"imap": facts.imap.model_copy(update=changes)}
    if facts.smtp is not None and _takes(facts.imap, facts.smtp, oauth):
        user = facts.smtp.user or facts.imap.user
        update["smtp"] = facts.smtp.model_copy(update=changes | {"user": user})
    return facts.model_copy(update=update)


def joined(imap: Server | None, smtp: Server) -> Server:
    """Return a way out that is new, with the sign-in that the mailbox has already."""
    if imap is None or imap.oauth is None or smtp.secret is not None:
        return smtp
    if not is_of_same_provider(imap, smtp):
        return smtp
    user = smtp.user or imap.user
    return smtp.model_copy(update={"oauth": imap.oauth, "secret": imap.secret, "user": user})


def _takes(imap: Server, smtp: Server, oauth: str | None) -> bool:
    if oauth is None:
        return smtp.oauth is not None and smtp.oauth == imap.oauth
    wants_log_in = smtp.user is not None and smtp.secret is None
    return wants_log_in or is_of_same_provider(imap, smtp)


def _domain(host: str) -> tuple[str, ...]:
    labels = host.lower().rstrip(".").split(".")
    is_number = labels[-1].isdigit()
    return tuple(labels if is_number else labels[-2:])

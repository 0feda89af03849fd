"""Why an account cannot be read: in the log's words, in a machine's, and in a person's."""

from typing import Literal

from courrier.fetcher.domain.problems import STEPS, Facts, texts_of

Reason = Literal[
    "name-not-found",
    "refused",
    "timed-out",
    "tls",
    "log-in-refused",
    "folder-missing",
    "disconnected",
    "server-error",
    "not-possible",
    "throttled",
]

SIGN_IN_ENDED = "sign-in-ended"

_REASONS: dict[str, Reason] = {
    "name-not-found": "name-not-found",
    "address-not-allowed": "name-not-found",
    "refused": "refused",
    "timed-out": "timed-out",
    "unreachable": "timed-out",
    "disconnected": "disconnected",
    "too-many-connections": "throttled",
    "throttled": "throttled",
    "said-goodbye": "disconnected",
    "folder-missing": "folder-missing",
    "not-possible": "not-possible",
    "log-in-refused": "log-in-refused",
    "app-password-needed": "log-in-refused",
    "oauth-needed": "log-in-refused",
    "sign-in-ended": "log-in-refused",
    "provider-silent": "timed-out",
    "browser-log-in-needed": "log-in-refused",
    "imap-disabled": "log-in-refused",
    "log-in-or-imap-refused": "log-in-refused",
    "password-needs-tls": "log-in-refused",
}


class CannotFetch(ConnectionError):
    """The account, or one of its folders, cannot be read now; ``text`` says why and what to do.

    ``problem`` is more precise than ``reason``. ``texts`` are by language. All of it is shown to
    people and stored: no password, no content of a mail. ``wait_s`` is how long the server asks to
    be left alone.
    """

    def __init__(
        self,
        reason: Reason,
        text: str,
        *,
        problem: str | None = None,
        texts: dict[str, str] | None = None,
        wait_s: float | None = None,
    ) -> None:
        super().__init__(text)
        self.reason = reason
        self.text = text
        self.problem = problem or reason
        self.wait_s = wait_s
        self.texts = texts or {"en": text}

    @property
    def step(self) -> str:
        """How far we came: the name of the step that failed."""
        return STEPS.get(self.problem, "folder")


class FolderMissing(CannotFetch):
    """One folder is not there; the account's others can be read."""

    def __init__(self, folder: str) -> None:
        texts = texts_of("folder-missing", {"folder": folder})
        super().__init__("folder-missing", texts["en"], texts=texts)
        self.folder = folder


class FetchRefused(CannotFetch):
    """The server said NO to a FETCH and goes on: the connection can be used."""


def trouble(problem: str, wait_s: float | None = None, /, **facts: str | int) -> CannotFetch:
    """Return the failure of this problem, in words that hold these facts.

    Raises:
        KeyError: there is no such problem, or its words need another fact.
    """
    shown: Facts = {name: str(value) for name, value in facts.items()}
    texts = texts_of(problem, shown)
    reason = _REASONS.get(problem, "tls" if STEPS[problem] == "tls" else "server-error")
    return CannotFetch(reason, texts["en"], problem=problem, texts=texts, wait_s=wait_s)

"""Why an account cannot be read, in the log's words and in a person's."""

from typing import Literal

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


class CannotFetch(ConnectionError):
    """The account, or one of its folders, cannot be read now; ``text`` says why and what to do.

    ``text`` is shown to people and stored: no password, no content of a mail. ``wait_s`` is how
    long the server asks to be left alone.
    """

    def __init__(self, reason: Reason, text: str, *, wait_s: float | None = None) -> None:
        super().__init__(text)
        self.reason = reason
        self.text = text
        self.wait_s = wait_s


class FolderMissing(CannotFetch):
    """One folder is not there; the account's others can be read."""

    def __init__(self, folder: str) -> None:
        super().__init__(
            "folder-missing",
            f"The folder {folder!r} is not on the server. Choose another folder, or create it.",
        )
        self.folder = folder

r"""Which received message the server took for junk, by its folder or its mark.

The folder is the one with the special use ``\Junk`` (RFC 6154 section 2); the mark is the keyword
``$Junk``, unless ``$NotJunk`` stands beside it (RFC 9051 section 2.3.2).
"""

from collections.abc import Sequence

from courrier.events.base import Evidence
from courrier.events.families.email import Holding
from courrier.events.families.mailbox import MessageReceived

JUNK = "junk"


def junk_reason(message: MessageReceived) -> Evidence | None:
    """Return why the server's verdict on a message is junk; None if it is not."""
    if (message.special_use or "").lstrip("\\").lower() == JUNK:
        return Evidence(rule="junk-folder", field="special_use", value="\\Junk")
    flags = {flag.lower() for flag in message.flags}
    if "$junk" in flags and "$notjunk" not in flags:
        return Evidence(rule="junk-mark", field="flags", value="$Junk")
    return None


def is_junk(holdings: Sequence[Holding]) -> bool:
    """Tell whether a message is junk to all who have it: then it concerns no record."""
    return bool(holdings) and all(each.folder == JUNK for each in holdings)

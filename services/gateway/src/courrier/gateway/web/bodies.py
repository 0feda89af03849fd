"""What stands in an e-mail, ready to show: what is new apart from what it quotes, HTML or not."""

import json
from dataclasses import dataclass, replace

from courrier.gateway.api.draft_texts import with_texts
from courrier.gateway.ports import Gateway, ReadingTookTooLong
from courrier.gateway.projections.email_views import EmailView

HEIGHTS = ((200, "tiny"), (700, "short"), (2500, "medium"))
"""Up to how many characters a frame has which height; beyond, it is long."""


@dataclass(frozen=True, slots=True)
class Body:
    """Text in two parts, ``quoted`` may be empty; ``has_html`` where a frame shows it better.

    ``has_remote_images``: some of its images are on other servers, and loaded only when asked for.
    """

    text: str
    quoted: str = ""
    has_html: bool = False
    has_remote_images: bool = False

    @property
    def height(self) -> str:
        """How much room its frame begins with: the frame's content cannot be measured."""
        length = len(self.text) + len(self.quoted)
        return next((name for most, name in HEIGHTS if length <= most), "long")


async def body_of(gateway: Gateway, view: EmailView) -> Body:
    """Return the body; a message that cannot be read in time is shown by the text kept of it."""
    if view.draft is not None:
        return Body((await with_texts(gateway, view.draft)).text or "")
    try:
        raw = await gateway.blobs.get(view.raw_digest)
        parsed = json.loads(await gateway.reader.parse(raw))
    except ReadingTookTooLong:
        return Body(view.text or "")
    shown = parsed["html"]
    body = divided(parsed["text"], parsed["reply_text"], has_html=shown is not None)
    return replace(body, has_remote_images=' data-remote-src="' in (shown or ""))


def divided(text: str, new: str, *, has_html: bool = False) -> Body:
    """Return a text divided where what was newly written ends, if it begins with that."""
    whole, fresh = text.strip(), new.strip()
    if fresh and whole.startswith(fresh):
        return Body(fresh, whole[len(fresh) :].strip("\n"), has_html)
    return Body(whole, "", has_html)

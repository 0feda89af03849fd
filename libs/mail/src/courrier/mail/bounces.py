"""Reports of failed or delayed delivery."""

from courrier.mail.message import Bounce
from courrier.mail.mime import Entity


def read_bounce(raw: bytes, root: Entity, text: str) -> Bounce | None:
    """The bounce that a message is, or `None`."""
    del raw, root, text
    return None

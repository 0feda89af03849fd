"""Files that people upload to write with (stream ``SETTINGS``, written by the gateway only).

``settings.<p>.upload.<id>``. Nobody refers to a new one; its bytes go like any blob that nobody
refers to for long, and the fact stays.
"""

from typing import ClassVar

from courrier.events.base import Event
from courrier.events.families.mailbox import BlobRef


class FileUploaded(Event):
    """All bytes of a file are stored. ``email_id`` names the e-mail that it was taken from."""

    TYPE: ClassVar[str] = "courrier.settings.FileUploaded.v1"

    upload_id: str
    owner_id: str
    filename: str
    content_type: str
    content: BlobRef
    content_id: str | None = None
    inline: bool = False
    email_id: str | None = None

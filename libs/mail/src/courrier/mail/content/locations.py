"""Images that HTML names by their Content-Location instead of a Content-ID (RFC 2557, MHTML)."""

import base64
import re
from urllib.parse import urljoin

from courrier.mail.headers.words import field_text
from courrier.mail.limits import MAX_LOCATED_IMAGE_BYTES
from courrier.mail.structure.attachments import decoded_bytes
from courrier.mail.structure.fields import first
from courrier.mail.structure.mime import Entity

_SOURCE = re.compile(
    r"(<img\s[^<>]{0,2000}?\bsrc\s{0,9}=\s{0,9})(?:\"([^\"<>]{1,500})\"|'([^'<>]{1,500})')",
    re.IGNORECASE,
)
_SHOWN = {"image/png", "image/gif", "image/jpeg", "image/jpg", "image/webp", "image/bmp"}
_MAX_IMAGES = 200
_MAX_CHARS = 500


class LocatedImages:
    """A message's images by location, and how much of them may yet be written into its pages."""

    def __init__(self, raw: bytes, files: list[Entity]) -> None:
        self._found = _by_location(raw, files)
        # A page may name one image ten thousand times.
        self._left = 2 * MAX_LOCATED_IMAGE_BYTES

    def put_into(self, source: str, page: Entity) -> str:
        """The HTML with the sources of located images replaced, as far as there is room.

        Args:
            source: of the part `page`, whose own location is the base of others (RFC 2557 5).
            page: a text/html part.
        """
        if not self._found:
            return source
        base = _location(page)

        def replaced(match: re.Match[str]) -> str:
            named = "".join((match[2] or match[3]).split())
            image = self._found.get(named) or self._found.get(_joined(base, named))
            if image is None or len(image) > self._left:
                return match[0]
            self._left -= len(image)
            return f'{match[1]}"{image}"'

        return _SOURCE.sub(replaced, source)


def _by_location(raw: bytes, files: list[Entity]) -> dict[str, str]:
    """What may stand as an image's source: its `cid:`, else the image written out."""
    found: dict[str, str] = {}
    left = MAX_LOCATED_IMAGE_BYTES
    located = [each for each in files if b"content-location" in each.fields]
    for image in [each for each in located if each.content_type in _SHOWN][:_MAX_IMAGES]:
        location = _location(image)
        content_id = first(image.fields, b"content-id")
        if not location or location in found:
            continue
        if content_id:
            found[location] = "cid:" + field_text(content_id).strip("<> \t")
            continue
        content = decoded_bytes(raw, image)
        left -= len(content)
        if left < 0:
            break
        written = base64.b64encode(content).decode("ascii")
        found[location] = f"data:{image.content_type};base64,{written}"
    return found


def _location(part: Entity) -> str:
    value = first(part.fields, b"content-location") or first(part.fields, b"content-base")
    return "".join(field_text(value).split())[:_MAX_CHARS] if value else ""


def _joined(base: str, named: str) -> str:
    try:
        return urljoin(base, named)
    except ValueError:
        # A host in brackets that is no address.
        return named

"""Images that HTML names by their Content-Location instead of a Content-ID (RFC 2557, MHTML)."""

import base64
import re
from collections.abc import Mapping
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


def located_images(raw: bytes, files: list[Entity]) -> dict[str, str]:
    """What may stand as an image's source, by location: its `cid:`, else the image written out."""
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


def with_images(source: str, page: Entity, images: Mapping[str, str]) -> str:
    """The HTML with the sources of located images replaced.

    Args:
        source: of the part `page`, whose own location is the base of relative ones (RFC 2557 5).
        page: a text/html part.
        images: from `located_images`.
    """
    if not images:
        return source
    base = _location(page)

    def replaced(match: re.Match[str]) -> str:
        named = "".join((match[2] or match[3]).split())
        image = images.get(named) or images.get(_joined(base, named))
        return match[0] if image is None else f'{match[1]}"{image}"'

    return _SOURCE.sub(replaced, source)


def _location(part: Entity) -> str:
    value = first(part.fields, b"content-location") or first(part.fields, b"content-base")
    return "".join(field_text(value).split())[:_MAX_CHARS] if value else ""


def _joined(base: str, named: str) -> str:
    try:
        return urljoin(base, named)
    except ValueError:
        # A host in brackets that is no address.
        return named

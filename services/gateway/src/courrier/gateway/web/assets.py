"""Style, script and icon, from the package; their address carries a digest, so they are kept."""

from functools import cache
from hashlib import sha256
from importlib.resources import files

from fastapi import APIRouter
from starlette.responses import Response

router = APIRouter()

TYPES = {
    "courrier.css": "text/css",
    "courrier.js": "text/javascript",
    "courrier.svg": "image/svg+xml",
}
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
UNKNOWN_FOR_LONG = {"Cache-Control": "no-cache"}


@router.get("/assets/{digest}/{name}")
async def asset(digest: str, name: str) -> Response:
    """Return a file; one asked for by an old digest is the new one, and not kept."""
    if name not in TYPES:
        return Response(status_code=404)
    content, current = content_of(name)
    headers = FOR_EVER if digest == current else UNKNOWN_FOR_LONG
    return Response(content, 200, headers | {"X-Content-Type-Options": "nosniff"}, TYPES[name])


def asset_url(name: str) -> str:
    """Return the address of a file as it is now."""
    return f"/assets/{content_of(name)[1]}/{name}"


@cache
def content_of(name: str) -> tuple[bytes, str]:
    """Return a file and its digest."""
    content = files("courrier.gateway.web").joinpath("static", name).read_bytes()
    return content, sha256(content).hexdigest()[:16]

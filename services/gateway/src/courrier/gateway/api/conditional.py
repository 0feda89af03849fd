"""``If-None-Match`` (RFC 9110 section 13.1.2): what the caller has already is not sent again.

A resource with versions answers with its version as ``ETag``; any other JSON with a weak one of its
bytes, so that who looks often at a list moves little.
"""

from hashlib import blake2b

from fastapi import Request
from starlette.responses import Response, StreamingResponse

KEPT_HEADERS = ("etag", "link", "cache-control", "courrier-position")
TAG_BYTES = 12


def if_changed(request: Request, response: Response) -> Response:
    """Return the answer, or 304 if the caller says that they have it."""
    is_json = response.headers.get("content-type", "").startswith("application/json")
    whole = is_json and response.status_code == 200 and not isinstance(response, StreamingResponse)
    if request.method not in {"GET", "HEAD"} or not whole:
        return response
    if "etag" not in response.headers:
        digest = blake2b(bytes(response.body), digest_size=TAG_BYTES).hexdigest()
        response.headers["etag"] = f'W/"{digest}"'
    if _has(request.headers.get("if-none-match", ""), response.headers["etag"]):
        headers = {
            name: response.headers[name] for name in KEPT_HEADERS if name in response.headers
        }
        return Response(status_code=304, headers=headers)
    return response


def _has(given: str, tag: str) -> bool:
    """Compare weakly: a list of tags, each perhaps ``W/``, or ``*`` for any."""
    known = {each.strip().removeprefix("W/") for each in given.split(",")}
    return "*" in known or tag.removeprefix("W/") in known

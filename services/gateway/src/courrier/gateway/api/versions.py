"""``ETag`` and ``If-Match`` (RFC 9110 section 13.1.1): which version the caller saw."""

import re
from typing import Annotated

from fastapi import Depends, Header

from courrier.gateway.domain.refusals import VersionChanged

_ETAG = re.compile(r'(?:W/)?"([0-9]{1,9})"\Z')


def version_seen(
    if_match: Annotated[str | None, Header(max_length=200)] = None,
) -> int | None:
    """Return the version in ``If-Match``; None where any will do.

    Raises:
        VersionChanged: it is no version that we ever gave.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    match = _ETAG.match(if_match.strip())
    if match is None:
        raise VersionChanged("If-Match is no ETag that this ever had")
    return int(match[1])


SeenVersion = Annotated[int | None, Depends(version_seen)]

"""What goes wrong under a lease arrives as it was raised, so that callers can retry by type."""

import pytest

from courrier.events.lease import Leases

pytestmark = pytest.mark.integration


class Trouble(OSError):
    """Something that a caller waits out."""


async def test_an_error_of_the_body_passes_through_as_it_is(leases: Leases) -> None:
    """A lost database under a lease is that error, not a group around it."""
    with pytest.raises(Trouble):
        async with leases.hold("test.body"):
            raise Trouble


async def test_an_error_under_two_leases_passes_through_as_it_is(leases: Leases) -> None:
    """Leases nest: neither of them hides the error."""
    with pytest.raises(Trouble):
        async with leases.hold("test.outer"), leases.hold("test.inner"):
            raise Trouble

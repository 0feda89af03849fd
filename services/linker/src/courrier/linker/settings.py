"""The linker's settings: the shared ``COURRIER_*`` ones and its own ``COURRIER_LINKER_*``."""

from pydantic import Field

from courrier.events.runtime.settings import InfrastructureSettings


class LinkerSettings(InfrastructureSettings):
    """``linker_b2c``: customers are persons, so a contact, not its account, is the parent.

    Holds until an administrator says so, or otherwise, in the system settings.
    """

    linker_b2c: bool = Field(default=False, description="COURRIER_LINKER_B2C")

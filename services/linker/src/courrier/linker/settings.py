"""The linker's settings: the shared ``COURRIER_*`` ones and its own ``COURRIER_LINKER_*``."""

from pydantic import Field

from courrier.events.runtime.settings import InfrastructureSettings


class LinkerSettings(InfrastructureSettings):
    """``linker_b2c``: customers are persons, so a contact, not its account, is the parent.

    Holds until an administrator says so, or otherwise, in the system settings.

    ``linker_authserv_ids``: the names, separated by commas, under which the servers that receive
    our mail write ``Authentication-Results`` (RFC 8601 section 5: they remove what others write
    under these names). Without them only what stands above the first host outside counts.
    """

    linker_b2c: bool = Field(default=False, description="COURRIER_LINKER_B2C")
    linker_authserv_ids: str = Field(default="", description="COURRIER_LINKER_AUTHSERV_IDS")

    @property
    def trusted_servers(self) -> frozenset[str]:
        """Return the servers whose word on From addresses counts, as they call themselves."""
        named = (each.strip().lower() for each in self.linker_authserv_ids.split(","))
        return frozenset(each for each in named if each)

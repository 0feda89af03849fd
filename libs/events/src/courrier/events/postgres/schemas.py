"""Two schemas a service: what the log can give again, and what it cannot.

Schema ``<service>`` holds views: tables made from the log alone, and how far they are. It can be
thrown away, built anew beside itself and swapped by renaming. ``<service>_state`` holds the rest:
sessions, kept answers, cursors of what acts on events. SQL of tables names no schema; the search
path of the connection decides, so that the same statements fill the live views and their shadow.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Schemas:
    """The names of one service's schemas."""

    service: str

    @property
    def views(self) -> str:
        """The views that people and decisions read."""
        return self.service

    @property
    def state(self) -> str:
        """What no rebuild touches."""
        return f"{self.service}_state"

    @property
    def shadow(self) -> str:
        """Views being built, to take the place of the live ones."""
        return f"{self.service}_shadow"

    @property
    def retired(self) -> str:
        """Views whose place was taken, about to be dropped."""
        return f"{self.service}_retired"

    @property
    def trial(self) -> str:
        """Views built only to be compared with the live ones."""
        return f"{self.service}_trial"

    @classmethod
    def owner(cls, schema: str) -> str:
        """Return the service that a schema of any kind belongs to."""
        return schema.partition("_")[0]

    def path(self, views: str | None = None) -> str:
        """Return a search path; ``views`` is the schema of views to work on, the live one if None.

        Views come first, so that a table that exists in both is the view.
        """
        return f"{views or self.views}, {self.state}, public"

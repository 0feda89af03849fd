"""A gateway to read from while its views are rebuilt; its parts are those of its own tests."""

from integration.gateway.conftest import gateway, settings

__all__ = ["gateway", "settings"]

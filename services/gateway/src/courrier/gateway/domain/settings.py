"""Which system settings make sense together."""

from collections.abc import Mapping
from typing import Any

from courrier.events.families.configuration import SystemFields

from .refusals import Unfit


def check_language(now: SystemFields, language: object) -> None:
    """Let a language pass that is in use here; None is no choice.

    Raises:
        Unfit: it is not.
    """
    if language is not None and language not in now.languages:
        text = f"the languages in use here are {', '.join(now.languages)}"
        raise Unfit(text, pointer="/language")


def check_settings(now: SystemFields, changes: Mapping[str, Any]) -> None:
    """Decline a default that is not among what is allowed.

    Raises:
        Unfit: with the pointer of the field to mend.
    """
    after = now.model_copy(update=dict(changes))
    if after.default_privacy not in after.privacy_levels:
        raise Unfit("the default must be one of privacy_levels", pointer="/default_privacy")
    if after.default_language not in after.languages:
        raise Unfit("the default must be one of languages", pointer="/default_language")

"""The form of answers: models that describe them in the OpenAPI document, and never build them.

Bodies and answers each carry an example; ``tests/integration/gateway/test_openapi.py`` checks that
every example fits its schema, so that neither can be forgotten.
"""

from typing import Any, Generic, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, create_model

Item = TypeVar("Item")

OPEN: dict[str, Any] = {"security": []}
"""``openapi_extra`` of an operation that asks nobody who they are."""


class Shown(BaseModel):
    """Something an answer shows. Fields may be added at any time; clients ignore new ones."""


class Page(Shown, Generic[Item]):
    """One page of a list; ``next`` is the cursor of the page after it."""

    items: list[Item]
    next: str | None = Field(description="Send it as `cursor`; null on the last page.")


class FaultShown(Shown):
    """One field at fault."""

    pointer: str = Field(description="RFC 6901 in the body; `?name` in the query; else a header.")
    detail: str


class ProblemShown(Shown):
    """What went wrong (RFC 9457); `type` is stable, the words are not."""

    type: str
    title: str
    status: int
    detail: str
    request_id: str = Field(description="Also in `X-Request-Id` and in the log.")
    errors: list[FaultShown] = Field(default=[], description="The fields at fault.")
    existing_id: str | None = Field(default=None, description="What stands in the way (409).")


class RefShown(Shown):
    """Something by its type and id."""

    type: str
    id: str
    name: str | None


class JobShown(Shown):
    """Work that goes on after its request was answered."""

    id: str
    kind: str
    state: str = Field(
        json_schema_extra={"enum": ["queued", "running", "done", "failed", "cancelled"]}
    )
    done: int = Field(ge=0)
    total: int | None = Field(description="Null while it is not known.")
    errors: list[dict[str, Any]] = Field(description="The first hundred; each with a `detail`.")
    error_count: int
    result: dict[str, Any] | None = Field(description="What came of it.")
    created_at: AwareDatetime
    changed_at: AwareDatetime


Moment = AwareDatetime
"""A time in UTC."""


def example(value: dict[str, Any]) -> ConfigDict:
    """Return the ``model_config`` of a body with this example."""
    return ConfigDict(json_schema_extra={"examples": [value]})


def partly(model: type[Shown]) -> type[Shown]:
    """Return the form that ``fields=`` leaves: everything but the id may be absent."""
    fields: dict[str, Any] = {
        name: (field.annotation, field if name == "id" else None)
        for name, field in model.model_fields.items()
    }
    return create_model(f"{model.__name__}Partly", __base__=Shown, __doc__=model.__doc__, **fields)

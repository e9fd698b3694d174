"""For operators: events whose handler raised, in any service."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import Schema, fields, validate

from chassis.services import service_names
from contracts.api import operations as api
from gateway.api.asking import answer, ask
from gateway.edge.blueprint import EdgeBlueprint, Operation
from gateway.edge.openapi import PREFIX
from gateway.edge.parsing import wrong_fields


def _is_service(name: str) -> None:
    # looked up when it is asked, since nothing happens at import
    validate.OneOf(service_names())(name)


class _OfService(Schema):
    """In which service."""

    service = fields.String(
        required=True,
        validate=_is_service,
        metadata={"description": "The service whose handler raised.", "example": "notifications"},
    )


class ListFailedEvents(_OfService, api.ListFailedEvents):
    """Failed events of a service, newest first."""


class GetFailedEvent(_OfService, api.GetFailedEvent):
    """One failed event with its body."""


class MendFailedEvents(_OfService, api.MendFailedEvents):
    """Failed events to try again or to drop: by `ids`, or by conditions. At least one of them must be given."""


blueprint = EdgeBlueprint(
    "operations", url_prefix=f"{PREFIX}/operations", description="For those who run the platform."
)

_LIST = Operation(
    verb="GET", rule="/events/failed", id="operations.list_failed_events", takes=ListFailedEvents,
    answers=api.FailedEventPage,
)  # fmt: skip
_GET = Operation(
    verb="GET", rule="/events/failed/<uuid:id>", id="operations.get_failed_event",
    takes=GetFailedEvent(only=("service",)), answers=api.FailedEvent,
)  # fmt: skip
_RETRY = Operation(
    verb="POST", rule="/events/failed/retry", id="operations.retry_failed_events", takes=MendFailedEvents,
    answers=api.Mended,
)  # fmt: skip
_DROP = Operation(
    verb="POST", rule="/events/failed/drop", id="operations.drop_failed_events", takes=MendFailedEvents,
    answers=api.Mended,
)  # fmt: skip


@blueprint.operation(_LIST)
def list_failed_events(asked: dict[str, Any]) -> Response:
    """Failed events of a service, newest first."""
    return answer(ask(asked.pop("service"), "list_failed_events", asked))


@blueprint.operation(_GET)
def get_failed_event(asked: dict[str, Any], id: UUID) -> Response:  # noqa: A002 - the name in the path
    """One failed event with its body."""
    return answer(ask(asked["service"], "get_failed_event", {"id": str(id)}))


@blueprint.operation(_RETRY)
def retry_failed_events(asked: dict[str, Any]) -> Response:
    """Have failed events tried again at once, dead and dropped ones too."""
    return _mend("retry_failed_events", asked)


@blueprint.operation(_DROP)
def drop_failed_events(asked: dict[str, Any]) -> Response:
    """Drop failed events: they are kept, and tried no more."""
    return _mend("drop_failed_events", asked)


def _mend(method: str, asked: dict[str, Any]) -> Response:
    service = asked.pop("service")
    if not any(asked.values()):
        # an empty selection would be all of them: that is asked for by state
        raise wrong_fields({"ids": ["Sebutkan ids atau syarat lain. / Give ids or another condition."]})
    return answer(ask(service, method, asked))

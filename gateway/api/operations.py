"""For operators: events whose handler raised, in any service."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import Schema, fields, validate

from chassis.services import service_names
from contracts.api import operations as api
from gateway.api.asking import answer, ask
from gateway.edge.blueprint import EdgeBlueprint
from gateway.edge.openapi import PREFIX
from gateway.edge.parsing import wrong_fields


class _OfService(Schema):
    """In which service."""

    service = fields.String(
        required=True,
        validate=lambda name: validate.OneOf(service_names())(name),
        metadata={"description": "The service whose handler raised.", "example": "notifications"},
    )


class ListFailedEvents(_OfService, api.ListFailedEvents):
    """Failed events of a service, newest first."""


class GetFailedEvent(_OfService, api.GetFailedEvent):
    """One failed event with its body."""


class MendFailedEvents(_OfService, api.MendFailedEvents):
    """Failed events to try again or to drop: by `ids`, or by conditions. At least one of them must be given."""


blueprint = EdgeBlueprint(
    "operations", __name__, url_prefix=f"{PREFIX}/operations", description="For those who run the platform."
)


@blueprint.route("/events/failed")
@blueprint.describe(operation_id="operations.list_failed_events")
@blueprint.arguments(ListFailedEvents, location="query")
@blueprint.response(200, api.FailedEventPage)
def list_failed_events(asked: dict[str, Any]) -> Response:
    """Failed events of a service, newest first."""
    return answer(ask(asked.pop("service"), "list_failed_events", asked))


@blueprint.route("/events/failed/<uuid:id>")
@blueprint.describe(operation_id="operations.get_failed_event")
@blueprint.arguments(GetFailedEvent(only=("service",)), location="query")
@blueprint.response(200, api.FailedEvent)
def get_failed_event(asked: dict[str, Any], id: UUID) -> Response:  # noqa: A002 - the name in the path
    """One failed event with its body."""
    return answer(ask(asked["service"], "get_failed_event", {"id": str(id)}))


@blueprint.route("/events/failed/retry", methods=["POST"])
@blueprint.describe(operation_id="operations.retry_failed_events")
@blueprint.arguments(MendFailedEvents)
@blueprint.response(200, api.Mended)
def retry_failed_events(asked: dict[str, Any]) -> Response:
    """Have failed events tried again at once, dead and dropped ones too."""
    return _mend("retry_failed_events", asked)


@blueprint.route("/events/failed/drop", methods=["POST"])
@blueprint.describe(operation_id="operations.drop_failed_events")
@blueprint.arguments(MendFailedEvents)
@blueprint.response(200, api.Mended)
def drop_failed_events(asked: dict[str, Any]) -> Response:
    """Drop failed events: they are kept, and tried no more."""
    return _mend("drop_failed_events", asked)


def _mend(method: str, asked: dict[str, Any]) -> Response:
    service = asked.pop("service")
    if not any(asked.values()):
        # an empty selection would be all of them: that is asked for by state
        raise wrong_fields({"ids": ["Sebutkan ids atau syarat lain. / Give ids or another condition."]})
    return answer(ask(service, method, asked))

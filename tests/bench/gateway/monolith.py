"""Two monoliths: one process per gunicorn worker, the same work in the same database, and no service behind it.

`plain` is what somebody would write first: Flask views, the same sign-in, the same marshmallow schemas, the same use cases.
`modular` is the platform's own API (problems, ETags, log lines, metrics, headers) with the registry as a module of it: what it
leaves out is the way from the gateway to a service, and nothing else. Both run under the gateway's gunicorn settings.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson
from flask import Flask, Response, request

from chassis.database import Database
from chassis.idempotency import once
from chassis.rpc import Endpoint
from chassis.rpc_client import Reply
from chassis.unit_of_work import UnitOfWork
from contracts.access import OFFICE, AccessContext
from contracts.api import registry as api
from gateway.app import create_app, make_resources
from gateway.resources import hold
from gateway.settings import GatewaySettings
from services.registry.queries.enterprises import get_enterprise
from services.registry.queries.search_enterprises import search_enterprises
from services.registry.use_cases.register_enterprise import register_enterprise

_METHODS = {
    each.name: each
    for each in (
        Endpoint("get_enterprise", lambda _, uow, asked: get_enterprise(uow=uow, request=asked), api.GetEnterprise,
                 OFFICE, once=False),
        Endpoint("search_enterprises", lambda _, uow, asked: search_enterprises(uow=uow, request=asked),
                 api.SearchEnterprises, OFFICE, once=False),
        Endpoint("register_enterprise", lambda _, uow, asked: register_enterprise(uow=uow, request=asked),
                 api.RegisterEnterprise, OFFICE, once=True),
    )
}  # fmt: skip


def modular() -> Flask:
    """The platform's API over a registry in the same process."""
    settings = GatewaySettings.from_environment()
    held = make_resources(settings)
    inside = InProcess(Database(settings, "registry", pool_size=settings.gateway_threads))
    return create_app(settings, replace(held, rpc=inside))


class InProcess:
    """Stands where the way to the services stands."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def request(
        self, service: str, method: str, request: Mapping[str, Any], context: AccessContext, **_: Any
    ) -> Reply:  # fmt: skip
        """Run the registry's method."""
        del service
        return Reply(*_METHODS[method]._run(None, self._database, context, dict(request)))

    def is_ready(self) -> bool:
        """There is nothing to wait for."""
        return True


def plain() -> Flask:
    """Three views."""
    settings = GatewaySettings.from_environment()
    held = make_resources(settings)
    lookup, database = held.lookup, Database(settings, "registry", pool_size=settings.gateway_threads)
    app = Flask("monolith", static_folder=None)
    hold(app, held)

    def unit_of_work() -> UnitOfWork:
        assert request.authorization is not None
        who = lookup.find(request.authorization.token or "")
        assert who is not None
        context = AccessContext(
            account=str(who.account),
            name=who.email,
            grants=who.grants,
            correlation_id=str(uuid.uuid4()),
            idempotency_key=request.headers.get("Idempotency-Key"),
        )
        return UnitOfWork(database, context, roles=OFFICE)

    @app.get("/healthz")
    def healthz() -> Response:
        return answer({"alive": True})

    @app.get("/api/v1/registry/enterprises/<uuid:enterprise>")
    def get(enterprise: uuid.UUID) -> Response:
        with unit_of_work() as uow:
            return answer(get_enterprise(uow=uow, request={"id": enterprise}))

    @app.get("/api/v1/registry/enterprises")
    def search() -> Response:
        loaded = api.SearchEnterprises().load(request.args.to_dict())
        with unit_of_work() as uow:
            return answer(search_enterprises(uow=uow, request=loaded))

    @app.post("/api/v1/registry/enterprises")
    def register() -> Response:
        sent = request.get_json()
        loaded = api.RegisterEnterprise().load(sent)
        with unit_of_work() as uow:
            made, _ = once(uow, "register_enterprise", sent, lambda: register_enterprise(uow=uow, request=loaded))
            return answer(made, status=201)

    return app


def answer(body: Any, *, status: int = 200) -> Response:
    """JSON."""
    return Response(orjson.dumps(body, option=orjson.OPT_NON_STR_KEYS), status=status, content_type="application/json")

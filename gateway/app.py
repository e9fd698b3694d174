"""The gateway's application: `gunicorn -c gateway/gunicorn_conf.py "gateway.app:create_app()"`."""

from __future__ import annotations

from functools import partial
from typing import Final

from flask import Flask

from chassis.database import Database
from chassis.files import FileStore
from chassis.rpc_client import RpcClient
from gateway import health, pages
from gateway.api import (
    accounts,
    assistance,
    authentication,
    history,
    notifications,
    operations,
    partners,
    password,
    phone,
    record,
    registry,
    second_factor,
    session,
)
from gateway.courier import Courier, Services, Task, send
from gateway.edge import correlation, headers, metrics, problems, proxies, rate_limits
from gateway.edge.openapi import make_api
from gateway.identity import assistance as assistances
from gateway.identity import assistance_letters, one_time_codes, password_tokens
from gateway.identity.account_key import AccountKey
from gateway.identity.breached import BreachedPasswords
from gateway.identity.history import note_refusal
from gateway.identity.lookup import Lookup
from gateway.identity.provider import Provider
from gateway.leases import Leases
from gateway.pages import documents, single_sign_on
from gateway.resources import Resources, hold, lifetime_of
from gateway.settings import GatewaySettings

#: The database's part of a request's time: its queries are small, and most of the time is the services'.
_DATABASE_SECONDS: Final = 4.0


def create_app(settings: GatewaySettings | None = None, held: Resources | None = None) -> Flask:
    """One process's application; `held` is given by tests. Connects to nothing yet, so it may be made before a fork."""
    settings = settings or GatewaySettings.from_environment()
    app = Flask("gateway", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.body_limit_kib * 1024
    app.config["MAX_FORM_PARTS"] = 20
    if trusted := proxies.networks(settings.trusted_proxies):
        app.wsgi_app = proxies.BehindProxies(app.wsgi_app, trusted)  # type: ignore[method-assign]
    hold(app, held or make_resources(settings))

    problems.register(app)
    correlation.register(app)
    metrics.register(app)
    headers.register(app)
    rate_limits.register(app)
    authentication.register(app)

    api = make_api(app)
    for blueprint in (
        session.blueprint,
        second_factor.blueprint,
        password.blueprint,
        phone.blueprint,
        accounts.blueprint,
        history.blueprint,
        partners.blueprint,
        assistance.blueprint,
        *registry.blueprints(),
        notifications.blueprint(),
        record.blueprint,
        operations.blueprint(),
    ):
        api.register_blueprint(blueprint)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(documents.blueprint)
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(single_sign_on.blueprint)
    return app


def make_resources(settings: GatewaySettings) -> Resources:
    """What the settings name."""
    database = Database(settings, "gateway", pool_size=settings.gateway_threads, statement_timeout=_DATABASE_SECONDS)
    key = AccountKey.from_file(settings.account_key_file)
    rpc = RpcClient(settings)
    return Resources(
        settings=settings,
        database=database,
        lookup=Lookup(database, lifetime_of(settings).idle),
        leases=Leases(database),
        rpc=rpc,
        files=FileStore(settings),
        key=key,
        courier=make_courier(settings, database, rpc, key),
        breached=BreachedPasswords(settings.breached_passwords_url),
        provider=Provider(settings),
    )


def make_courier(settings: GatewaySettings, database: Database, services: Services, key: AccountKey) -> Courier:
    """What is done after an answer, by the names that errands have."""
    tasks: dict[str, Task] = {
        "send": send,
        "reset-password": partial(password_tokens.send_reset, settings.public_url),
        "send-code": one_time_codes.send_code,
        "note-refusal": note_refusal,
        "tell-owner": partial(assistance_letters.tell_owner, settings.public_url),
        "end-assistance": assistances.end_in_time,
    }
    return Courier(database, services, key, tasks)

"""The registry over HTTP: enterprises and what hangs on them, imports and exports, places and figures."""

from __future__ import annotations

from contracts.api.registry import METHODS
from gateway.api.endpoints import register
from gateway.api.registry import enterprises, imports, my, persons, reference, work
from gateway.edge.blueprint import EdgeBlueprint
from gateway.edge.openapi import PREFIX


def blueprints() -> tuple[EdgeBlueprint, ...]:
    """One per group of endpoints, which is also a chapter of the documentation."""
    prefix = f"{PREFIX}/registry"
    about_enterprises = EdgeBlueprint("enterprises", url_prefix=prefix, description="Who there is.")
    register(about_enterprises, "registry", METHODS, enterprises.ENDPOINTS)
    about_own = EdgeBlueprint("my", url_prefix=f"{prefix}/my", description="An owner's own enterprises.")
    register(about_own, "registry", METHODS, my.ENDPOINTS)
    persons.register(about_enterprises, about_own)
    about_work = EdgeBlueprint("imports", url_prefix=prefix, description="Imports, exports, jobs.")
    register(about_work, "registry", METHODS, work.ENDPOINTS)
    imports.register(about_work)
    about_reference = EdgeBlueprint("reference", url_prefix=prefix, description="Units, places, figures.")
    register(about_reference, "registry", METHODS, reference.ENDPOINTS)
    return about_enterprises, about_own, about_work, about_reference

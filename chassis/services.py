"""Which services there are: the packages under `services/`, and the gateway, which has accounts to answer for."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType
from typing import Final

GATEWAY: Final = "gateway"


def service_names() -> tuple[str, ...]:
    """Names of all that have a database, events and failed events of their own, sorted."""
    package = importlib.import_module("services")
    return tuple(sorted([GATEWAY, *(module.name for module in pkgutil.iter_modules(package.__path__) if module.ispkg)]))


def load(service: str, module: str) -> ModuleType | None:
    """A service's module (`handlers`, `jobs`, `service`), or None where the service has none."""
    name = f"{GATEWAY if service == GATEWAY else f'services.{service}'}.{module}"
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name == name:
            return None
        raise

"""Which services there are: the packages under `services/`."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType


def service_names() -> tuple[str, ...]:
    """Names of all services, sorted."""
    package = importlib.import_module("services")
    return tuple(sorted(module.name for module in pkgutil.iter_modules(package.__path__) if module.ispkg))


def load(service: str, module: str) -> ModuleType | None:
    """A service's module (`handlers`, `jobs`, `service`), or None where the service has none."""
    name = f"services.{service}.{module}"
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name == name:
            return None
        raise

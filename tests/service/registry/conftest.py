"""A registry for each module of tests, empty for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chassis.sealing import key_service
from deploy.local.stack import LocalStack
from services.registry.storage import nik_vault
from tests.service.registry.registry import Registry
from tests.stack import Corner


@pytest.fixture(scope="module")
def module_registry(stack: LocalStack) -> Iterator[Registry]:
    """One corner for a module."""
    with pytest.MonkeyPatch.context() as patch:
        corner = Corner(stack, "registry")
        corner.make()
        patch.setenv("PLUT_DATA_KEY_FILE", corner.environment["PLUT_DATA_KEY_FILE"])
        forget_keys()
        one = Registry(corner)
        one.load_regions()
        yield one
        one.close()
        corner.remove()
        forget_keys()


def forget_keys() -> None:
    """Those of another module's corner."""
    key_service.cache_clear()
    nik_vault._kept.cache_clear()


@pytest.fixture
def registry(module_registry: Registry) -> Registry:
    """The registry, its tables empty."""
    module_registry.empty()
    return module_registry

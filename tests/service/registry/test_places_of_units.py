"""A unit is somewhere: a code that no region has is refused wherever it comes in, once regions are known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from contracts.api import registry as api
from contracts.errors import PlutError
from services.registry.use_cases.put_unit import put_unit
from services.registry.use_cases.register_enterprise import register_enterprise
from services.registry.use_cases.start_import import start_import
from services.registry.use_cases.transfer_enterprise import transfer_enterprise
from tests.service.registry.registry import Registry

ENTRANCES: dict[str, tuple[Any, Callable[..., Any], str, dict[str, Any]]] = {
    "import": (api.StartImport, start_import, "unit", {"file": "registry/uploads/a", "name": "a", "sha256": "0" * 64}),
    "unit": (api.PutUnit, put_unit, "code", {"name": "PLUT"}),
    "registration": (api.RegisterEnterprise, register_enterprise, "unit", {"name": "Toko", "owner": {"name": "Ani"}}),
}


@pytest.mark.parametrize("entrance", ENTRANCES)
def test_a_unit_that_is_nowhere_is_refused(registry: Registry, entrance: str) -> None:
    schema, use_case, field, request = ENTRANCES[entrance]
    for nowhere in ("99.99", "99", "21.99"):
        with pytest.raises(PlutError) as refused:
            registry.call(schema, use_case, scope="", **{field: nowhere}, **request)
        assert (refused.value.code, list(refused.value.fields)) == ("invalid-request", [field])
    for somewhere in ("21", "21.71", "21.72"):
        registry.call(schema, use_case, scope="", **{field: somewhere}, **request)


def test_nothing_goes_to_a_unit_that_is_nowhere(registry: Registry) -> None:
    made = registry.register()
    with pytest.raises(PlutError) as refused:
        registry.call(
            api.TransferEnterprise, transfer_enterprise, scope="", id=made["id"], expected_version=1, to_unit="99.99"
        )
    assert list(refused.value.fields) == ["to_unit"]
    assert registry.get(made["id"])["version"] == 1


@pytest.mark.parametrize("entrance", ENTRANCES)
def test_any_code_is_good_while_no_regions_are_loaded(registry: Registry, entrance: str) -> None:
    schema, use_case, field, request = ENTRANCES[entrance]
    registry.look.execute("TRUNCATE region")
    try:
        registry.call(schema, use_case, scope="", **{field: "99.99"}, **request)
    finally:
        registry.load_regions()

"""Which owners have a phone: asked by the gateway when an owner signs in."""

from __future__ import annotations

from typing import Any

from contracts.api.for_gateway import FindOwnersByPhone, OwnersWithPhone
from services.registry.queries import owners
from tests.service.registry.registry import Registry

PHONE = "+6281270001234"


def find(registry: Registry, phone: str = PHONE) -> list[dict[str, Any]]:
    found = registry.call(FindOwnersByPhone, owners.find_owners_by_phone, scope="", phone=phone)
    assert OwnersWithPhone().validate(found) == {}
    items: list[dict[str, Any]] = found["items"]
    return items


def test_an_owner_is_found_by_the_own_phone_once_per_unit(registry: Registry) -> None:
    made = registry.register(owner_fields={"phone": "0812 7000 1234"})
    registry.register("Kedai Siti", owner_fields={"phone": "0812 7000 1234"})
    registry.register("Toko Budi", "Budi", phone="0812 7000 1234")
    found = find(registry)
    assert {each["unit"] for each in found} == {"21.71"}
    assert str(made["owner"]["id"]) in {each["owner"] for each in found}
    known = registry.look.execute(
        "SELECT count(DISTINCT owner_id) FROM enterprise WHERE name <> 'Toko Budi'"
    ).fetchone()
    assert known is not None
    assert len(found) == known[0], "the phone of Budi's shop is nobody's own"
    assert find(registry, "+6281270009999") == []


def test_who_has_moved_is_found_where_the_business_is_now(registry: Registry) -> None:
    made = registry.register(owner_fields={"phone": PHONE})
    registry.look.execute("UPDATE enterprise SET unit = '21.72' WHERE id = %s", (made["id"],))
    assert [each["unit"] for each in find(registry)] == ["21.72"]


def test_a_merged_record_is_nobody_s_business(registry: Registry) -> None:
    made = registry.register(owner_fields={"phone": PHONE})
    registry.look.execute("UPDATE enterprise SET state = 'merged' WHERE id = %s", (made["id"],))
    assert find(registry) == []


def test_a_phone_of_very_many_is_nobody_s_own(registry: Registry) -> None:
    for number in range(owners.MOST + 1):
        registry.register(f"Usaha {number}", f"Pemilik {number}", owner_fields={"phone": PHONE}, even_if_similar=True)
    assert find(registry) == []

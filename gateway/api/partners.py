"""Partner systems and their keys, for those who may give the role partner."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from gateway.api.asking import answer
from gateway.api.authentication import unit_of_work
from gateway.api.once import once
from gateway.api.schemas.accounts import AccountView
from gateway.api.schemas.partners import CreatePartner, Keys, MakeKey, NewKey, RotateKey
from gateway.edge.blueprint import EdgeBlueprint, Operation
from gateway.edge.openapi import PREFIX
from gateway.identity import accounts, partner_keys

blueprint = EdgeBlueprint("partners", url_prefix=f"{PREFIX}/accounts", description="Partner systems and their keys.")

_CREATE = Operation(
    verb="POST", rule="/partners", id="partners.create", takes=CreatePartner, answers=AccountView, status=201,
    versioned=True, located=True,
)  # fmt: skip
_KEYS = "/<uuid:id>/keys"
_LIST = Operation(verb="GET", rule=_KEYS, id="partners.list_keys", answers=Keys)
_MAKE = Operation(verb="POST", rule=_KEYS, id="partners.make_key", takes=MakeKey, answers=NewKey, status=201)
_ROTATE = Operation(
    verb="POST",
    rule=f"{_KEYS}/<uuid:key>/rotate",
    id="partners.rotate_key",
    takes=RotateKey,
    answers=NewKey,
    status=201,
)
_REVOKE = Operation(verb="DELETE", rule=f"{_KEYS}/<uuid:key>", id="partners.revoke_key", status=204)


@blueprint.operation(_CREATE)
def create_partner(asked: dict[str, Any]) -> Response:
    """Make the account of a partner system. It signs in with keys, and has the role partner only."""
    with unit_of_work() as uow:
        made = once(uow, "create_partner", asked, lambda: accounts.create_partner(uow=uow, **asked))
    return answer(made, status=201, versioned=True, location=f"{PREFIX}/accounts/{{id}}")


@blueprint.operation(_LIST)
def list_keys(id: UUID) -> Response:  # noqa: A002 - the name in the path
    """A partner's keys, without the keys themselves."""
    with unit_of_work() as uow:
        return answer({"items": partner_keys.list_keys(uow=uow, who=id)})


@blueprint.operation(_MAKE)
def make_key(asked: dict[str, Any], id: UUID) -> Response:  # noqa: A002 - the name in the path
    """Make a key for a partner system; it can't be read again. Several hold at once."""
    with unit_of_work() as uow:
        made = once(
            uow, "make_key", {**asked, "id": id}, lambda: partner_keys.make_key(uow=uow, who=id, **asked), secret=True
        )
    return answer(made, status=201)


@blueprint.operation(_ROTATE)
def rotate_key(asked: dict[str, Any], id: UUID, key: UUID) -> Response:  # noqa: A002 - the name in the path
    """Make a new key in the place of another, which goes on for the hours of the overlap."""
    with unit_of_work() as uow:
        made = once(
            uow, "rotate_key", {**asked, "id": id, "key": key},
            lambda: partner_keys.rotate_key(uow=uow, who=id, key=key, **asked), secret=True,
        )  # fmt: skip
    return answer(made, status=201)


@blueprint.operation(_REVOKE)
def revoke_key(id: UUID, key: UUID) -> Response:  # noqa: A002 - the name in the path
    """End a key at once."""
    with unit_of_work() as uow:
        partner_keys.revoke_key(uow=uow, who=id, key=key)
    return Response(status=204)

"""Accounts, for those who administer them within their own scope."""

from __future__ import annotations

import base64
from typing import Any
from uuid import UUID

from flask import Response

from gateway.api.asking import answer
from gateway.api.authentication import unit_of_work
from gateway.api.once import once
from gateway.api.schemas.accounts import (
    AccountPage,
    AccountView,
    ChangeAccount,
    CreateAccount,
    Invite,
    InviteAgain,
    ListAccounts,
)
from gateway.edge import conditions
from gateway.edge.blueprint import EdgeBlueprint, Operation
from gateway.edge.openapi import PREFIX
from gateway.edge.parsing import wrong_fields
from gateway.identity import account_views, accounts, invitations
from gateway.resources import resources

blueprint = EdgeBlueprint(
    "accounts", url_prefix=f"{PREFIX}/accounts", description="Accounts, by those who administer them."
)

_CREATE = Operation(
    verb="POST", rule="", id="accounts.create", takes=CreateAccount, answers=AccountView, status=201,
    versioned=True, located=True,
)  # fmt: skip
_LIST = Operation(verb="GET", rule="", id="accounts.list", takes=ListAccounts, answers=AccountPage)
_GET = Operation(verb="GET", rule="/<uuid:id>", id="accounts.get", answers=AccountView, versioned=True)
_CHANGE = Operation(
    verb="PATCH", rule="/<uuid:id>", id="accounts.change", takes=ChangeAccount, answers=AccountView,
    versioned=True, if_match=True,
)  # fmt: skip
_INVITE = Operation(
    verb="POST", rule="/invitations", id="accounts.invite", takes=Invite, answers=AccountView, status=201,
    versioned=True, located=True,
)  # fmt: skip
_INVITE_AGAIN = Operation(
    verb="POST", rule="/<uuid:id>/invitation", id="accounts.invite_again", takes=InviteAgain, answers=AccountView
)
_RESET = Operation(verb="DELETE", rule="/<uuid:id>/second-factor", id="accounts.reset_second_factor", status=204)


@blueprint.operation(_CREATE)
def create_account(asked: dict[str, Any]) -> Response:
    """Make an account. Nobody gives a role, or a scope, that is more than one's own."""
    resources().breached.refuse(asked["password"])
    with unit_of_work() as uow:
        made = once(uow, "create_account", asked, lambda: accounts.create_account(uow=uow, **asked))
    return answer(made, status=201, versioned=True, location=f"{PREFIX}/accounts/{{id}}")


@blueprint.operation(_LIST)
def list_accounts(asked: dict[str, Any]) -> Response:
    """Accounts of a kind with a role in your scope: people by e-mail, others as they were made."""
    after = _read_cursor(asked.get("cursor"), asked["kind"])
    with unit_of_work() as uow:
        page = account_views.list_accounts(
            uow=uow, kind=asked["kind"], q=asked.get("q"), after=after, limit=asked["limit"]
        )
    return answer(page | {"next": _as_cursor(page["next"])})


@blueprint.operation(_GET)
def get_account(id: UUID) -> Response:  # noqa: A002 - the name in the path
    """One account."""
    with unit_of_work() as uow:
        return answer(account_views.get_account(uow=uow, who=id), versioned=True)


@blueprint.operation(_CHANGE)
def change_account(asked: dict[str, Any], id: UUID) -> Response:  # noqa: A002 - the name in the path
    """Change somebody's account: what is sent. Disabling, and a new password, end its sign-ins at once."""
    version = conditions.expected_version()
    if "password" in asked:
        resources().breached.refuse(asked["password"])
    with unit_of_work() as uow:
        return answer(accounts.change_account(uow=uow, who=id, version=version, changes=asked), versioned=True)


@blueprint.operation(_RESET)
def reset_second_factor(id: UUID) -> Response:  # noqa: A002 - the name in the path
    """Take somebody's second factor away who has lost it. All sign-ins of the account end."""
    with unit_of_work() as uow:
        accounts.reset_second_factor(uow=uow, who=id)
    return Response(status=204)


@blueprint.operation(_INVITE)
def invite(asked: dict[str, Any]) -> Response:
    """Make an account whose owner chooses the password. Nobody gives a role, or a scope, that is more than one's own."""
    held = resources()
    given = asked | {"key": held.key, "place": held.settings.public_url}
    with unit_of_work() as uow:
        made = once(uow, "invite", asked, lambda: invitations.invite(uow=uow, **given))
    held.courier.wake()
    return answer(made, status=201, versioned=True, location=f"{PREFIX}/accounts/{{id}}")


@blueprint.operation(_INVITE_AGAIN)
def invite_again(asked: dict[str, Any], id: UUID) -> Response:  # noqa: A002 - the name in the path
    """Send an invitation once more; the earlier link is void."""
    held = resources()
    given = asked | {"key": held.key, "place": held.settings.public_url}
    with unit_of_work() as uow:
        sent = once(
            uow, "invite_again", {**asked, "id": id}, lambda: invitations.invite_again(uow=uow, who=id, **given)
        )
    held.courier.wake()
    return answer(sent)


def _as_cursor(last: str | None) -> str | None:
    return None if last is None else base64.urlsafe_b64encode(last.encode()).decode()


def _read_cursor(cursor: str | None, kind: str) -> str | None:
    try:
        last = None if cursor is None else base64.b64decode(cursor, altchars=b"-_", validate=True).decode()
        if last is not None and kind != account_views.PERSON:
            UUID(last)
    except ValueError:
        last = "\x00"
    if last is not None and "\x00" in last:
        raise wrong_fields({"cursor": ["Bukan penanda halaman. / Not a mark of a page."]})
    return last

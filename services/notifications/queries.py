"""What can be read: the inbox of an account, the messages of units, where an account's notices go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, false, or_, select

from chassis.scope import in_scope
from chassis.unit_of_work import UnitOfWork
from contracts.access import OFFICE
from contracts.errors import INVALID_REQUEST, NOT_FOUND, PlutError
from services.notifications.domain.addresses import masked
from services.notifications.domain.templates import labels
from services.notifications.domain.templates.rendering import Rendered, UnrenderableError, render
from services.notifications.storage import deliveries, inbox
from services.notifications.storage.tables import message, recipient

#: What stands in the place of a secret, which only its recipient reads.
_MASK: Final = "•••"


def list_inbox(*, uow: UnitOfWork, request: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the caller's inbox, newest first: `{items, next, unread}`."""
    units = inbox_units(uow, request.get("unit"))
    account = uow.context.account
    query = inbox.listing(account).where(inbox.visible(account, units))
    if request["unread"]:
        query = query.where(~inbox.was_read(account))
    rows, following = _page(uow, query, request)
    return {
        "items": [inbox_view(row, request["language"]) for row in rows],
        "next": following,
        "unread": inbox.count_unread(uow.session, account, inbox_units(uow)),
    }


def count_unread(*, uow: UnitOfWork) -> dict[str, Any]:
    """`{unread}` of the caller's inbox."""
    return {"unread": inbox.count_unread(uow.session, uow.context.account, inbox_units(uow))}


def inbox_units(uow: UnitOfWork, unit: str | None = None) -> ColumnElement[bool]:
    """Which units' messages are in the caller's inbox: of those it works in, not of all that lie below them.

    A province that wants to see a city's asks for that `unit`. Raises PlutError `out-of-scope`. An owner's or a partner's
    account works in no unit.
    """
    scopes = uow.context.scopes_for(OFFICE)
    if unit is None:
        return message.c.unit.in_(scopes) if scopes else false()
    uow.require_scope(unit)
    return in_scope(message.c.unit, scopes) & (message.c.unit == unit)


def inbox_reach(uow: UnitOfWork) -> ColumnElement[bool]:
    """Which units' messages the caller can come to see at all."""
    return in_scope(message.c.unit, uow.context.scopes_for(OFFICE))


def list_messages(*, uow: UnitOfWork, request: Mapping[str, Any]) -> dict[str, Any]:
    """A page of the messages that were written in the caller's scope, newest first: `{items, next}`."""
    query = _messages().where(in_scope(message.c.unit, uow.scopes))
    for name in ("state", "channel", "template"):
        if request.get(name) is not None:
            query = query.where(message.c[name] == request[name])
    if enterprise := request.get("enterprise"):
        # a message about two records is found by either
        query = query.where(or_(message.c.enterprise == enterprise, message.c.other == enterprise))
    if request.get("unit"):
        query = query.where(in_scope(message.c.unit, [request["unit"]]))
    rows, following = _page(uow, query, request)
    return {"items": [message_summary(row, request["language"]) for row in rows], "next": following}


def get_message(*, uow: UnitOfWork, request: Mapping[str, Any]) -> dict[str, Any]:
    """One message with its text, in the language that it is or was sent in unless another is asked for.

    Raises PlutError `not-found`, also where it lies outside the caller's scope.
    """
    row = find_message(uow, request["id"])
    language = request.get("language") or row.language or "id"
    rendered = _rendered(row, language)
    return message_summary(row, language) | {"body": rendered.body, "language": language}


def find_message(uow: UnitOfWork, message_id: UUID) -> Row[Any]:
    """A message's row in the caller's scope; raises PlutError `not-found`."""
    query = _messages().where(message.c.id == message_id, in_scope(message.c.unit, uow.scopes))
    row = uow.session.execute(query).one_or_none()
    if row is None:
        raise no_such_message()
    return row


def get_delivery(*, uow: UnitOfWork) -> dict[str, Any]:
    """`{email, language}` of the caller."""
    return deliveries.get(uow.session, uow.context.account)


def no_such_message() -> PlutError:
    """There is none, or none that the caller may see."""
    return PlutError(NOT_FOUND, "There is no such message.", "Pesan itu tidak ada.")


def inbox_view(row: Row[Any], language: str) -> dict[str, Any]:
    """A message of the inbox as its reader sees it."""
    rendered = _rendered(row, language)
    return {
        "id": row.id,
        "template": row.template,
        "unit": row.unit,
        "title": rendered.title,
        "body": rendered.body,
        "enterprise": row.enterprise,
        "link": rendered.link,
        "read": row.read,
        "created_at": row.created_at,
    }


def message_summary(row: Row[Any], language: str) -> dict[str, Any]:
    """A message and what came of it, its address masked."""
    names = ("id", "template", "channel", "unit", "enterprise", "account", "state", "attempts", "error", "created_at")
    return {name: getattr(row, name) for name in names} | {
        "title": _rendered(row, language).title,
        "to": masked(row.address) if row.address else None,
        "error_text": labels.reason(row.error, language) if row.error else None,
        "next_attempt_at": row.next_attempt_at if row.state == "waiting" else None,
        "sent_at": row.sent_at,
    }


def _messages() -> Select[Any]:
    other = recipient.alias()
    return (
        select(message, recipient.c.business, recipient.c.person, other.c.business.label("other_business"))
        .outerjoin(recipient, recipient.c.enterprise == message.c.enterprise)
        .outerjoin(other, other.c.enterprise == message.c.other)
    )


def _page(uow: UnitOfWork, query: Select[Any], request: Mapping[str, Any]) -> tuple[list[Row[Any]], str | None]:
    if request.get("cursor"):
        query = query.where(message.c.id < _cursor(request["cursor"]))
    limit = request["limit"]
    rows = list(uow.session.execute(query.order_by(message.c.id.desc()).limit(limit + 1)).all())
    return rows[:limit], str(rows[limit - 1].id) if len(rows) > limit else None


def _cursor(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        expected = "Gunakan `next` dari halaman sebelumnya. / Use `next` of the page before."
        raise PlutError(
            INVALID_REQUEST, "The cursor can't be read.", "Cursor tidak dapat dibaca.", fields={"cursor": [expected]}
        ) from None


def _rendered(row: Row[Any], language: str) -> Rendered:
    facts = {
        **row.params,
        "business": row.business,
        "other_business": getattr(row, "other_business", None),
        "person": row.person,
        "unit": row.unit,
        "enterprise": row.enterprise,
        "secret": _MASK,
    }
    try:
        return render(row.template, facts, language=language, on=row.created_at.date())
    except UnrenderableError:
        # a list must not fail for one row whose words are gone
        return Rendered(row.template, (), None, language)

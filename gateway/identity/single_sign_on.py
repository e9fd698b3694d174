"""Signing in to an account that is there already, by what an organisation's provider says of somebody. It never makes one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from chassis.database import Database
from chassis.unit_of_work import UnitOfWork
from contracts.access import AccessContext
from gateway.identity import provider, sessions, tokens
from gateway.identity.account_views import PERSON
from gateway.identity.callers import Caller, Terms
from gateway.identity.tables import account, account_subject
from gateway.settings import GatewaySettings

#: What RFC 8176 calls several factors.
_SEVERAL: Final = "mfa"
_NOBODY: Final = "nobody"


def sign_in(
    *, database: Database, terms: Terms, settings: GatewaySettings, claims: Mapping[str, Any], caller: Caller
) -> dict[str, Any]:
    """Begin a sign-in, as `sessions.begin` answers it. Raises `sign-in-refused`.

    An account is found by the provider's subject; at the first time by its e-mail, which the provider must have verified.
    Where the provider has asked for several factors, that counts as ours; who administers accounts proves one here otherwise.
    """
    email = _email(settings, claims)
    method = tokens.SINGLE_SIGN_ON_STRONG if _SEVERAL in (claims.get("amr") or ()) else tokens.SINGLE_SIGN_ON
    nobody = AccessContext(account=_NOBODY, name=_NOBODY, grants=(), correlation_id=caller.correlation_id)
    with UnitOfWork(database, nobody, own_only=True) as uow:
        who = _account(uow.session.connection(), settings.oidc_issuer, str(claims["sub"]), email, uow)
    context = AccessContext(account=str(who), name=email, grants=(), correlation_id=caller.correlation_id)
    with UnitOfWork(database, context, own_only=True) as uow:
        return sessions.begin(uow=uow, who=who, caller=caller, terms=terms, method=method)


def _email(settings: GatewaySettings, claims: Mapping[str, Any]) -> str:
    """The e-mail that the provider stands in for. Another claim than `email` is the organisation's own, and its own risk."""
    email = str(claims.get(settings.oidc_email_claim) or "").casefold()
    domains = {each.strip().casefold() for each in settings.oidc_domains.split(",") if each.strip()}
    verified = settings.oidc_email_claim != "email" or claims.get("email_verified") is True
    if not email or not verified or (domains and email.rpartition("@")[2] not in domains):
        raise provider.refused()
    return email


def _account(connection: Connection, issuer: str, subject: str, email: str, uow: UnitOfWork) -> UUID:
    of_subject = (account_subject.c.issuer == issuer) & (account_subject.c.subject == subject)
    linked = select(account).join(account_subject, account_subject.c.account_id == account.c.id).where(of_subject)
    row = connection.execute(linked).one_or_none()
    if row is None:
        known = (account.c.email == email) & (account.c.kind == PERSON)
        row = connection.execute(select(account).where(known, account.c.disabled_at.is_(None))).one_or_none()
        if row is None:
            raise provider.refused()
        link = insert(account_subject).values(issuer=issuer, subject=subject, account_id=row.id, linked_at=uow.now)
        made = connection.execute(
            link.on_conflict_do_nothing().returning(account_subject.c.subject)
        ).scalar_one_or_none()
        # an account that somebody else there is linked to stays theirs
        if made is None:
            raise provider.refused()
        uow.audit("account.linked", subject=row.id, detail={"issuer": issuer})
    if row.disabled_at is not None:
        raise provider.refused()
    return UUID(int=row.id.int)

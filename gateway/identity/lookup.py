"""Who stands behind a bearer token: a sign-in's, or a partner's key."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from chassis.database import Database
from chassis.unit_of_work import UnitOfWork
from contracts.access import OWNER, SYSTEM
from gateway.identity import partner_keys
from gateway.identity.tables import account_owner
from gateway.identity.tokens import TOKEN, SignedIn, find

#: A connection that the server had closed says so at once; after a longer wait the server itself is in trouble.
_PROMPT: Final = 1.0


class Lookup:
    """Finds who tokens stand for, for every request: one indexed query, and one more for an owner's account."""

    def __init__(self, database: Database, idle: timedelta) -> None:
        self._database = database
        # no BEGIN and COMMIT around the one query
        self._engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._idle = idle

    def find(self, token: str) -> SignedIn | None:
        """Whose sign-in or key it is; tried once again where the server had closed the pooled connection."""
        if not TOKEN.fullmatch(token) and not partner_keys.is_key(token):
            return None
        started = time.monotonic()
        try:
            return self._find(token)
        except DBAPIError as error:
            if not error.connection_invalidated or time.monotonic() - started > _PROMPT:
                raise
            return self._find(token)

    def _find(self, token: str) -> SignedIn | None:
        with self._engine.connect() as connection:
            now = datetime.now(UTC)
            if partner_keys.is_key(token):
                return partner_keys.find(connection, token, now=now)
            who = find(connection, token, idle=self._idle, now=now)
        if who is None or not any(grant.role == OWNER for grant in who.grants):
            return who
        return replace(who, owners=self._owners_of(who))

    def _owners_of(self, who: SignedIn) -> tuple[UUID, ...]:
        """Whom the account stands for, in the units that it is an owner's in."""
        units = [grant.scope for grant in who.grants if grant.role == OWNER]
        query = select(account_owner.c.owner_id).where(
            account_owner.c.account_id == who.account, account_owner.c.unit.in_(units)
        )
        # the platform's own question, as in signing in: the answer is what an owner's own rights are made of
        with UnitOfWork(self._database, SYSTEM) as uow:
            return tuple(uow.session.execute(query.distinct().order_by(account_owner.c.owner_id)).scalars())

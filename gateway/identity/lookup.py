"""Who stands behind a bearer token: a sign-in's, or a partner's key."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy.exc import DBAPIError

from chassis.database import Database
from gateway.identity import partner_keys
from gateway.identity.tokens import TOKEN, SignedIn, find

#: A connection that the server had closed says so at once; after a longer wait the server itself is in trouble.
_PROMPT: Final = 1.0


class Lookup:
    """Finds who tokens stand for, for every request: one indexed query, in a transaction of its own."""

    def __init__(self, database: Database, idle: timedelta) -> None:
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
            return find(connection, token, idle=self._idle, now=now)

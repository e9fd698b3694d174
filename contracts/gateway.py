"""Facts that the gateway publishes: what became of accounts. `subject` is the account, or the request that is answered."""

from __future__ import annotations

from uuid import UUID

from contracts.events import Event
from contracts.personal_data import Answer


class AccountDeleted(Event, frozen=True, kw_only=True):
    """An account is gone, with its sign-ins: whoever keeps something of it forgets that."""

    account: UUID


class PersonDataAnswered(Answer, frozen=True, kw_only=True):
    """The gateway has handed over, or destroyed, what it held about a person: the account."""

"""The unit of work: one transaction that holds a change, its events and its audit rows, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from sqlalchemy.orm import Session

from chassis import outbox, scope
from chassis.audit import chain
from chassis.audit.keys import AuditKeys
from chassis.database import Database
from chassis.identifiers import new_id
from contracts.access import OFFICE, ROLES, AccessContext, contains, widest
from contracts.errors import OUT_OF_SCOPE, PlutError
from contracts.events import Envelope, Event

# the driver's own statement: every request has it
_SET_UP = (
    "SELECT set_config('plut.scope', %s, true), set_config('plut.owners', %s, true),"
    " set_config('synchronous_commit', %s, true)"
)


def utc_now() -> datetime:
    """The present, aware, in UTC."""
    return datetime.now(UTC)


class UnitOfWork:
    """`with UnitOfWork(database, context) as uow:` commits at the end of the block and rolls back when it raises.

    `session` is SQLAlchemy's; `now` one moment for everything in the transaction; `scopes` the places that the caller
    may touch, which every query filters by (`chassis.scope.in_scope`) and which the database holds all rows against.
    `owners` are those whose rows it may touch at most, where the caller has no role of an office among `roles`; else None.
    With `bulk` its events go by the lane of those that come by the thousand, so that nobody else's wait behind them.
    Raises PlutError `out-of-scope` for a context without any scope, unless all is about the caller's own account (`own_only`):
    then the database shows no unit's rows. With `snapshot` all of its queries see one state of the database.
    Without `awaits_disk` the commit doesn't wait for the disk: a power cut may take back the last half second.
    """

    session: Session

    def __init__(
        self,
        database: Database,
        context: AccessContext,
        *,
        clock: Callable[[], datetime] = utc_now,
        roles: Iterable[str] = ROLES,
        bulk: bool = False,
        own_only: bool = False,
        snapshot: bool = False,
        awaits_disk: bool = True,
    ) -> None:
        self._database = database
        self._bulk = bulk
        self._own_only = own_only
        self._commit = "on" if awaits_disk else "off"
        self._isolation = {"isolation_level": "REPEATABLE READ"} if snapshot else {}
        self._correlation_id: str | None = context.correlation_id or None
        self._causation_id: str | None = None
        self._outbox: list[outbox.Row] = []
        self._audits: list[dict[str, Any]] = []
        self.context = context
        wanted = frozenset(roles)
        self.scopes = context.scopes_for(wanted)
        self.owners = None if context.has_role(OFFICE & wanted) else context.owners
        self.now = clock()

    def __enter__(self) -> Self:
        """Begin the transaction and tell the database the caller's scope, and whom an owner may speak for."""
        if not self.scopes and not self._own_only:
            raise PlutError(OUT_OF_SCOPE, "Your account has no scope.", "Akun Anda tidak mempunyai wilayah.")
        self.session = self._database.sessions()
        try:
            self._set_scope()
        except BaseException:
            self.session.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Commit, or roll back when the block raised."""
        try:
            if kind is None:
                self.flush()
                self.session.commit()
            else:
                self.session.rollback()
        finally:
            self.session.close()

    def publish(self, event: Event, *, subject: UUID, unit: str, sequence: int, also: Iterable[Event] = ()) -> None:
        """Publish `event` about aggregate `subject` of `unit`, now at version `sequence`, with this transaction.

        `also` says the same fact in other major versions, for readers that don't know this one yet. They share its id, so
        whoever hears several takes one. Raises ValueError where one tells of something else.
        """
        event_id = new_id()
        for each in (event, *also):
            if (each.service, each.fact) != (event.service, event.fact):
                raise ValueError(f"{each.type} is no version of {event.type}")
            self._outbox.append(self._row(each, event_id, subject, unit, sequence))

    def publish_many(self, publications: Iterable[outbox.Publication]) -> None:
        """Publish many `(event, subject, unit, sequence)`; from twenty on they are written by COPY."""
        self._outbox.extend(
            self._row(event, new_id(), subject, unit, sequence) for event, subject, unit, sequence in publications
        )

    def _row(self, event: Event, event_id: UUID, subject: UUID, unit: str, sequence: int) -> outbox.Row:
        return outbox.row(
            event,
            event_id=event_id,
            subject=subject,
            unit=unit,
            version=sequence,
            now=self.now,
            actor=self.context.account,
            correlation_id=self._correlation_id,
            causation_id=self._causation_id,
        )

    def caused_by(self, cause: Envelope[Any]) -> None:
        """From here on, what is published was caused by `cause`."""
        self._causation_id = str(cause.id)
        self._correlation_id = cause.correlationid or str(cause.id)

    def audit(
        self,
        action: str,
        *,
        subject: UUID | str | None = None,
        unit: str | None = None,
        detail: Any = None,
        purpose: str | None = None,
    ) -> None:
        """Record that the caller did or saw `action`; `detail` is JSON without personal data.

        Without a `unit` it is on record in the caller's own, or in the nation's; without a `purpose` that of the request.
        """
        self._audits.append(
            {
                "id": self.new_id(),
                "at": self.now,
                "account": self.context.account,
                "on_behalf_of": self.context.on_behalf_of,
                "action": action,
                "subject": None if subject is None else str(subject),
                "unit": unit or next(iter(self.scopes), None) or None,
                "purpose": purpose or self.context.purpose,
                "correlation_id": self.context.correlation_id,
                "detail": detail,
            }
        )

    @property
    def on_record(self) -> bool:
        """Whether something was put on record that isn't written yet."""
        return bool(self._audits)

    def hand_over_to(self, unit: str) -> None:
        """Also touch rows of `unit` in this transaction: of what the caller hands over to it, and nothing else."""
        self.scopes = widest((*self.scopes, unit))
        self._set_scope()

    def _set_scope(self) -> None:
        connection = self.session.connection(execution_options=self._isolation)
        owners = scope.owners_setting(self.owners)
        connection.exec_driver_sql(_SET_UP, (scope.setting(self.scopes), owners, self._commit))

    def require_scope(self, unit: str) -> None:
        """Raise PlutError `out-of-scope` unless the caller may touch rows of `unit`."""
        if not any(contains(each, unit) for each in self.scopes):
            raise PlutError(
                OUT_OF_SCOPE,
                f"Your account does not cover {unit}.",
                f"Akun Anda tidak mencakup wilayah {unit}.",
                unit=unit,
            )

    def flush(self) -> None:
        """Write what was changed, published and audited so far, without committing."""
        self.session.flush()
        rows, self._outbox = self._outbox, []
        outbox.write(self.session, rows, bulk=self._bulk)
        audits, self._audits = self._audits, []
        if audits:
            chain.write(self.session, self.keys, audits)

    def discard(self) -> None:
        """Forget what was published and audited but not flushed: its savepoint is being rolled back."""
        self._outbox.clear()
        self._audits.clear()

    @property
    def keys(self) -> AuditKeys:
        """The keys of what is on record, for keyed hashes of other things, too."""
        return self._database.audit_keys

    @staticmethod
    def new_id() -> UUID:
        """A fresh UUIDv7."""
        return new_id()

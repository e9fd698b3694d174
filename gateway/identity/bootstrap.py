"""`python -m gateway.identity.bootstrap`: the first accounts of a deployment, and a token for its command line.

Safe to run at every start. Prints JSON, and with `--file` keeps it there, readable by its owner alone: a token in that
file that still holds is kept. `--demo` adds accounts to try the platform with.
"""

from __future__ import annotations

import json
import os
import secrets
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import click
import pyotp
from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert

from chassis import log
from chassis.database import Database
from chassis.identifiers import new_id
from chassis.unit_of_work import UnitOfWork
from contracts.access import CONSULTANT, HEAD, NATIONAL, OPERATOR, PROVINCE, STAFF, SYSTEM, Grant
from gateway.identity import passwords, powers, second_factor, tokens
from gateway.identity.account_key import AccountKey
from gateway.identity.account_views import ENROLLED
from gateway.identity.tables import account, account_grant, sign_in
from gateway.settings import GatewaySettings

OPERATOR_EMAIL: Final = "operator@plut.localhost"
CLI_LABEL: Final = "command line"
_CLI_LIFETIME: Final = tokens.Lifetime(idle=timedelta(days=90), whole=timedelta(days=90))
#: A token that ends sooner than this is replaced.
_CLI_RENEWAL: Final = timedelta(days=30)

DEMO: Final = (
    ("staf.batam@plut.localhost", "Staf PLUT Kota Batam", Grant(STAFF, "21.71")),
    ("kepala.batam@plut.localhost", "Kepala PLUT Kota Batam", Grant(HEAD, "21.71")),
    ("konsultan.batam@plut.localhost", "Konsultan PLUT Kota Batam", Grant(CONSULTANT, "21.71")),
    ("staf.tanjungpinang@plut.localhost", "Staf PLUT Kota Tanjungpinang", Grant(STAFF, "21.72")),
    ("provinsi.kepri@plut.localhost", "Dinas Provinsi Kepulauan Riau", Grant(PROVINCE, "21")),
    ("nasional@plut.localhost", "Kementerian UMKM", Grant(NATIONAL, "")),
)


def bootstrap(database: Database, key: AccountKey, known: dict[str, Any], *, demo: bool) -> dict[str, Any]:
    """Make what is missing; `known` is what an earlier run returned (empty for none), whose secrets are kept.

    Returns `{token, expires_at, account: {id, email}, accounts: [{email, name, password, grants}]}`; demo accounts that
    need a second factor have its secret as `second_factor`.
    """
    with UnitOfWork(database, SYSTEM) as uow:
        connection = uow.session.connection()
        operator = _ensure_account(connection, OPERATOR_EMAIL, "Operator", Grant(OPERATOR, ""), uow.now)
        token, expires = _cli_token(connection, operator, known, uow.now)
        accounts = _demo_accounts(connection, key, known, uow.now) if demo else known.get("accounts", [])
        uow.audit("accounts.bootstrapped", subject=operator, detail={"demo": demo})
    return {
        "token": token,
        "expires_at": expires.isoformat(),
        "account": {"id": str(operator), "email": OPERATOR_EMAIL},
        "accounts": accounts,
    }


def _cli_token(connection: Connection, operator: UUID, known: dict[str, Any], now: datetime) -> tuple[str, datetime]:
    held = known.get("token", "")
    if tokens.find(connection, held, idle=_CLI_LIFETIME.idle, now=now + _CLI_RENEWAL):
        return held, datetime.fromisoformat(known["expires_at"])
    connection.execute(delete(sign_in).where(sign_in.c.account_id == operator, sign_in.c.label == CLI_LABEL))
    return tokens.issue(
        connection, operator, label=CLI_LABEL, address=None, lifetime=_CLI_LIFETIME, now=now, method=tokens.MACHINE
    )


def _demo_accounts(
    connection: Connection, key: AccountKey, known: dict[str, Any], now: datetime
) -> list[dict[str, Any]]:
    """The demo accounts with their secrets: those of an earlier run, or new ones where they aren't known any more."""
    kept = {each["email"]: each for each in known.get("accounts", [])}
    shown = []
    for email, name, grant in DEMO:
        before = kept.get(email, {})
        password = before.get("password")
        there = connection.execute(select(account.c.id).where(account.c.email == email)).scalar_one_or_none()
        if password is None or there is None:
            password = secrets.token_urlsafe(12)
            who = _ensure_account(connection, email, name, grant, now)
            connection.execute(
                account.update().where(account.c.id == who).values(password_hash=passwords.make_hash(password))
            )
        grants = [{"role": grant.role, "scope": grant.scope}]
        shown.append({"email": email, "name": name, "password": password, "grants": grants})
        if powers.administers([grant]):
            shown[-1]["second_factor"] = _demo_factor(connection, key, email, before.get("second_factor"), now)
    return shown


def _demo_factor(connection: Connection, key: AccountKey, email: str, kept: str | None, now: datetime) -> str:
    """The secret of a demo account's second factor, as an authenticator takes it."""
    account_row = connection.execute(
        select(account.c.id, ENROLLED.label("enrolled")).where(account.c.email == email)
    ).one()
    if kept is None or not account_row.enrolled:
        kept = pyotp.random_base32()
        second_factor.install(connection, key, account_row.id, kept, now)
    return kept


def _ensure_account(connection: Connection, email: str, name: str, grant: Grant, now: datetime) -> UUID:
    connection.execute(
        insert(account)
        .values(id=new_id(), email=email, name=name, created_at=now, version=1)
        .on_conflict_do_nothing(index_elements=["email"])
    )
    who: UUID = connection.execute(select(account.c.id).where(account.c.email == email)).scalar_one()
    connection.execute(
        insert(account_grant).values(account_id=who, role=grant.role, scope=grant.scope).on_conflict_do_nothing()
    )
    return who


def _write_secret(path: Path, text: str) -> None:
    """Write a file that nobody else can read, not even for a moment, and never half."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)


@click.command(help=__doc__)
@click.option("--file", "path", type=click.Path(path_type=Path), help="Keep the answer here, with mode 0600.")
@click.option("--demo", is_flag=True, help="Make accounts to try the platform with.")
def main(path: Path | None, *, demo: bool) -> None:
    """Run `bootstrap` on the database of the environment."""
    settings = GatewaySettings.from_environment()
    log.configure("bootstrap", settings.log_level)
    known = json.loads(path.read_text()) if path is not None and path.exists() else {}
    database = Database(settings, "gateway", pool_size=1)
    try:
        made = bootstrap(database, AccountKey.from_file(settings.account_key_file), known, demo=demo)
    finally:
        database.close()
    text = json.dumps(made, indent=2)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_secret(path, text)
    click.echo(text)


if __name__ == "__main__":
    main()

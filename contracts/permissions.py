"""Which role may do what: one table for HTTP and for services, and nothing else decides it.

A name is a service and its method (`registry.get_enterprise`), which the HTTP endpoint in front of it shares, or an endpoint of
the gateway's own (`accounts.create`). In which units a role may do it follows from the scope that it was given for. What every
service answers alike stands under `*`. docs/reference/permissions.md shows the same as a page.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from contracts.access import HEADS, HELPERS, OFFICE, OFFICERS, OPERATORS, OWNERS, ROLES


@dataclass(frozen=True, slots=True)
class Who:
    """Who may do something: accounts with one of `roles`; where there are none, every account, or everybody."""

    roles: frozenset[str] = frozenset()
    signed_in: bool = True

    def allows(self, roles: Iterable[str]) -> bool:
        """Whether an account with these roles may."""
        return not self.roles or not self.roles.isdisjoint(roles)


EVERYBODY: Final = Who(signed_in=False)
"""Who hasn't signed in, too."""
OWN: Final = Who()
"""Every account, for what is its own: also one that has no role yet."""

_ANY_ROLE: Final = frozenset(ROLES)


def _rows(area: str, *rows: tuple[Who | frozenset[str], str]) -> dict[str, Who]:
    return {
        f"{area}.{name}": who if isinstance(who, Who) else Who(who) for who, names in rows for name in names.split()
    }


TABLE: Final[dict[str, Who]] = {
    **_rows(
        "session",
        (EVERYBODY, "sign_in ask_for_code confirm_phone"),
        (OWN, "sign_out me list_own end_own change_password"),
    ),
    **_rows("password", (EVERYBODY, "forgotten set")),
    **_rows("second_factor", (OWN, "get enrol confirm verify disable")),
    **_rows("history", (OWN, "list_own"), (HEADS, "list end_sessions")),
    **_rows("accounts", (HEADS, "create list get change invite invite_again reset_second_factor")),
    **_rows("partners", (HEADS, "create list_keys make_key rotate_key revoke_key")),
    **_rows("assistance", (HELPERS, "begin"), (OFFICE | OWNERS, "list get end list_acts")),
    **_rows("record", (HEADS, "list")),
    **_rows(
        "registry",
        (_ANY_ROLE, "list_regions get_region list_kbli"),
        (
            OFFICE,
            (
                "register_enterprise update_enterprise record_measurement get_enterprise search_enterprises"
                " get_enterprise_history list_merges list_duplicates give_consent withdraw_consent list_consents begin_binaan"
                " end_binaan list_binaan put_cooperative record_rat get_cooperative get_unit list_units get_statistics get_job"
                " list_jobs get_job_file"
            ),
        ),
        (
            OFFICERS,
            (
                "transfer_enterprise reveal_nik merge_enterprises undo_merge decide_duplicate start_import get_import"
                " list_imports list_import_rows get_import_report set_import_mapping decide_import_row commit_import"
                " stop_import resume_import undo_import start_export stop_job resume_job request_person_export"
                " list_person_requests get_person_request get_person_file"
            ),
        ),
        (
            OWNERS,
            (
                "list_my_enterprises get_my_enterprise list_my_consents give_my_consent withdraw_my_consent"
                " list_my_looks request_my_export list_my_requests get_my_file"
            ),
        ),
        (HEADS, "list_access_log put_unit request_person_erasure"),
        (OPERATORS, "load_reference rotate_keys find_owners_by_phone"),
        (HELPERS | OPERATORS, "get_owner_contact"),
    ),
    **_rows(
        "notifications",
        (_ANY_ROLE, "list_inbox count_unread mark_read mark_all_read get_delivery set_delivery"),
        (OFFICE, "list_messages get_message"),
        (OFFICERS, "resend_message"),
        (OPERATORS, "send_secret"),
    ),
    **_rows(
        "*",
        (HEADS, "list_audit"),
        (OFFICE | OWNERS, "list_acts_on_behalf"),
        (
            OPERATORS,
            (
                "list_failed_events get_failed_event retry_failed_events drop_failed_events list_parked_events"
                " get_parked_event release_parked_events drop_parked_events list_published_events list_published_ids"
                " list_subscriptions find_missed_events plan_replay start_replay list_replays get_replay stop_replay"
                " resume_replay"
            ),
        ),
    ),
}


def who_may(name: str) -> Who:
    """Who may do what is called `name`; KeyError says where to add it."""
    found = TABLE.get(name) or TABLE.get(f"*.{name.partition('.')[2]}")
    if found is None:
        raise KeyError(f"{name} stands in no row of contracts/permissions.py")
    return found

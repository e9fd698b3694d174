"""The registry's entrypoints: each loads, calls and answers. What they take and answer is in contracts/api/registry."""

from __future__ import annotations

from typing import Any

from chassis import jobs
from chassis.runtime import Service, command, query
from chassis.unit_of_work import UnitOfWork
from contracts.api import for_gateway
from contracts.api import registry as api
from services.registry.queries import (
    enterprises,
    history,
    merges,
    my,
    owners,
    person_requests,
    reference,
    relations,
    statistics,
    units,
)
from services.registry.queries import imports as import_queries
from services.registry.queries import search_enterprises as searching
from services.registry.use_cases import (
    binaan,
    cooperative,
    decide_duplicate,
    export_enterprises,
    give_consent,
    hand_over_person_data,
    load_reference,
    merge_enterprises,
    my_consents,
    my_export,
    put_unit,
    record_measurement,
    register_enterprise,
    request_person_data,
    reveal_nik,
    rotate_keys,
    start_import,
    steer_import,
    transfer_enterprise,
    undo_merge,
    update_enterprise,
    withdraw_consent,
)

Request = dict[str, Any]


class RegistryService(Service):
    """Who there is."""

    name = "registry"

    @command(api.RegisterEnterprise)
    def register_enterprise(self, uow: UnitOfWork, request: Request) -> Any:
        """Register one enterprise."""
        return register_enterprise.register_enterprise(uow=uow, request=request)

    @command(api.UpdateEnterprise)
    def update_enterprise(self, uow: UnitOfWork, request: Request) -> Any:
        """Change the fields that are sent; a null empties a field."""
        return update_enterprise.update_enterprise(uow=uow, request=request)

    @command(api.RecordMeasurement)
    def record_measurement(self, uow: UnitOfWork, request: Request) -> Any:
        """Write down capital, sales and workers of a day."""
        return record_measurement.record_measurement(uow=uow, request=request)

    @command(api.TransferEnterprise)
    def transfer_enterprise(self, uow: UnitOfWork, request: Request) -> Any:
        """Hand an enterprise over to another unit."""
        return transfer_enterprise.transfer_enterprise(uow=uow, request=request)

    @query(api.GetEnterprise)
    def get_enterprise(self, uow: UnitOfWork, request: Request) -> Any:
        """Read one enterprise."""
        return enterprises.get_enterprise(uow=uow, request=request)

    @query(api.SearchEnterprises)
    def search_enterprises(self, uow: UnitOfWork, request: Request) -> Any:
        """Search."""
        return searching.search_enterprises(uow=uow, request=request)

    @query(api.GetEnterpriseHistory)
    def get_enterprise_history(self, uow: UnitOfWork, request: Request) -> Any:
        """What became of an enterprise: measurements, size classes, units, merges, changes."""
        return history.get_enterprise_history(uow=uow, request=request)

    @command(api.RevealNik, keep_reply=False)
    def reveal_nik(self, uow: UnitOfWork, request: Request) -> Any:
        """Show a NIK in full."""
        return reveal_nik.reveal_nik(uow=uow, request=request)

    @query(api.ListAccessLog)
    def list_access_log(self, uow: UnitOfWork, request: Request) -> Any:
        """Who looked at personal numbers."""
        return relations.list_access_log(uow=uow, request=request)

    @command(api.MergeEnterprises)
    def merge_enterprises(self, uow: UnitOfWork, request: Request) -> Any:
        """Two records are one business: `other` goes into `id`."""
        return merge_enterprises.merge_enterprises(uow=uow, request=request)

    @command(api.UndoMerge)
    def undo_merge(self, uow: UnitOfWork, request: Request) -> Any:
        """Take a merge back: both records are again what they were."""
        return undo_merge.undo_merge(uow=uow, request=request)

    @query(api.ListMerges)
    def list_merges(self, uow: UnitOfWork, request: Request) -> Any:
        """Merges of a unit or of an enterprise."""
        return merges.list_merges(uow=uow, request=request)

    @query(api.ListDuplicates)
    def list_duplicates(self, uow: UnitOfWork, request: Request) -> Any:
        """Pairs that may be one business, for a person to decide."""
        return merges.list_duplicates(uow=uow, request=request)

    @command(api.DecideDuplicate)
    def decide_duplicate(self, uow: UnitOfWork, request: Request) -> Any:
        """A person decides: two businesses, or one."""
        return decide_duplicate.decide_duplicate(uow=uow, request=request)

    @command(api.GiveConsent)
    def give_consent(self, uow: UnitOfWork, request: Request) -> Any:
        """Write down that the owner allows a purpose (UU 27/2022)."""
        return give_consent.give_consent(uow=uow, request=request)

    @command(api.WithdrawConsent)
    def withdraw_consent(self, uow: UnitOfWork, request: Request) -> Any:
        """The owner takes a consent back; as easily as it was given."""
        return withdraw_consent.withdraw_consent(uow=uow, request=request)

    @query(api.ListConsents)
    def list_consents(self, uow: UnitOfWork, request: Request) -> Any:
        """All consents of an enterprise, withdrawn ones too."""
        return relations.list_consents(uow=uow, request=request)

    @command(api.RequestPersonExport)
    def request_person_export(self, uow: UnitOfWork, request: Request) -> Any:
        """The owner asks for everything that is known about them."""
        return request_person_data.request_person_export(uow=uow, request=request)

    @command(api.RequestPersonErasure)
    def request_person_erasure(self, uow: UnitOfWork, request: Request) -> Any:
        """The owner asks that what identifies them be destroyed."""
        return request_person_data.request_person_erasure(uow=uow, request=request)

    @query(api.ListPersonRequests)
    def list_person_requests(self, uow: UnitOfWork, request: Request) -> Any:
        """Requests of persons about their own data, newest first."""
        return person_requests.list_person_requests(uow=uow, request=request)

    @query(api.GetPersonRequest)
    def get_person_request(self, uow: UnitOfWork, request: Request) -> Any:
        """Read one request of a person."""
        return person_requests.get_person_request(uow=uow, request=request)

    @command(api.GetPersonFile, keep_reply=False)
    def get_person_file(self, uow: UnitOfWork, request: Request) -> Any:
        """Put what an export has found into the file store, for the officer who hands it over."""
        return hand_over_person_data.hand_over_person_data(uow=uow, request=request)

    @query(api.ListMyEnterprises)
    def list_my_enterprises(self, uow: UnitOfWork, _: Request) -> Any:
        """The caller's own enterprises."""
        return my.list_my_enterprises(uow=uow)

    @query(api.GetMyEnterprise)
    def get_my_enterprise(self, uow: UnitOfWork, request: Request) -> Any:
        """Read one of the caller's own."""
        return my.get_my_enterprise(uow=uow, request=request)

    @query(api.ListMyConsents)
    def list_my_consents(self, uow: UnitOfWork, request: Request) -> Any:
        """What the caller has allowed."""
        return my.list_my_consents(uow=uow, request=request)

    @command(api.GiveMyConsent)
    def give_my_consent(self, uow: UnitOfWork, request: Request) -> Any:
        """The caller allows a purpose."""
        return my_consents.give_my_consent(uow=uow, request=request)

    @command(api.WithdrawMyConsent)
    def withdraw_my_consent(self, uow: UnitOfWork, request: Request) -> Any:
        """The caller takes a consent back."""
        return my_consents.withdraw_my_consent(uow=uow, request=request)

    @command(api.RequestMyExport)
    def request_my_export(self, uow: UnitOfWork, request: Request) -> Any:
        """The caller asks for everything that is known about them."""
        return my_export.request_my_export(uow=uow, request=request)

    @query(api.ListMyRequests)
    def list_my_requests(self, uow: UnitOfWork, _: Request) -> Any:
        """What was asked about the caller's own data."""
        return my.list_my_requests(uow=uow)

    @command(api.GetMyFile, keep_reply=False)
    def get_my_file(self, uow: UnitOfWork, request: Request) -> Any:
        """Put what is known about the caller into the file store, for them to fetch."""
        return my_export.get_my_file(uow=uow, request=request)

    @query(api.ListMyLooks)
    def list_my_looks(self, uow: UnitOfWork, request: Request) -> Any:
        """Who has looked at the caller's data."""
        return my.list_my_looks(uow=uow, request=request)

    @command(api.BeginBinaan)
    def begin_binaan(self, uow: UnitOfWork, request: Request) -> Any:
        """The unit accompanies the enterprise from a day on."""
        return binaan.begin_binaan(uow=uow, request=request)

    @command(api.EndBinaan)
    def end_binaan(self, uow: UnitOfWork, request: Request) -> Any:
        """The unit no longer accompanies it."""
        return binaan.end_binaan(uow=uow, request=request)

    @query(api.ListBinaan)
    def list_binaan(self, uow: UnitOfWork, request: Request) -> Any:
        """Since when, and by which unit, an enterprise was accompanied."""
        return relations.list_binaan(uow=uow, request=request)

    @command(api.PutCooperative)
    def put_cooperative(self, uow: UnitOfWork, request: Request) -> Any:
        """What only a cooperative has: its legal entity and its members."""
        return cooperative.put_cooperative(uow=uow, request=request)

    @command(api.RecordRat)
    def record_rat(self, uow: UnitOfWork, request: Request) -> Any:
        """The yearly meeting of members (rapat anggota tahunan)."""
        return cooperative.record_rat(uow=uow, request=request)

    @query(api.GetCooperative)
    def get_cooperative(self, uow: UnitOfWork, request: Request) -> Any:
        """Read a cooperative's own figures."""
        return relations.get_cooperative(uow=uow, request=request)

    @command(api.PutUnit)
    def put_unit(self, uow: UnitOfWork, request: Request) -> Any:
        """Make a unit known, or change it."""
        return put_unit.put_unit(uow=uow, request=request)

    @query(api.GetUnit)
    def get_unit(self, uow: UnitOfWork, request: Request) -> Any:
        """Read one unit."""
        return units.get_unit(uow=uow, request=request)

    @query(api.ListUnits)
    def list_units(self, uow: UnitOfWork, request: Request) -> Any:
        """Units that the caller may see."""
        return units.list_units(uow=uow, request=request)

    @query(api.ListRegions)
    def list_regions(self, uow: UnitOfWork, request: Request) -> Any:
        """Places: the children of one, or those whose name is like `q`."""
        return reference.list_regions(uow=uow, request=request)

    @query(api.GetRegion)
    def get_region(self, uow: UnitOfWork, request: Request) -> Any:
        """Read one region."""
        return reference.get_region(uow=uow, request=request)

    @query(api.ListKbli)
    def list_kbli(self, uow: UnitOfWork, request: Request) -> Any:
        """Business classification codes."""
        return reference.list_kbli(uow=uow, request=request)

    @command(api.LoadReference)
    def load_reference(self, uow: UnitOfWork, request: Request) -> Any:
        """Load a reference file as a job: regions (`code,name`) or KBLI (`code,title`)."""
        return jobs.get_job(uow, load_reference.start_load(uow=uow, request=request))

    @query(api.GetStatistics)
    def get_statistics(self, uow: UnitOfWork, request: Request) -> Any:
        """How many enterprises, by size, district, sector, and over time."""
        return statistics.get_statistics(uow=uow, request=request)

    @command(api.StartImport)
    def start_import(self, uow: UnitOfWork, request: Request) -> Any:
        """Take in a file that was put into the file store."""
        return start_import.start_import(uow=uow, request=request)

    @query(api.GetImport)
    def get_import(self, uow: UnitOfWork, request: Request) -> Any:
        """Read an import, by its own id or that of a job of its."""
        return import_queries.import_view(uow, request["id"])

    @query(api.ListImports)
    def list_imports(self, uow: UnitOfWork, request: Request) -> Any:
        """Imports of a unit, newest first."""
        return import_queries.list_imports(uow=uow, request=request)

    @query(api.ListImportRows)
    def list_import_rows(self, uow: UnitOfWork, request: Request) -> Any:
        """The rows of an import with what was found."""
        return import_queries.list_import_rows(uow=uow, request=request)

    @query(api.GetImportReport)
    def get_import_report(self, uow: UnitOfWork, request: Request) -> Any:
        """Put the report of an import into the file store: sheet,row,outcome,enterprise,candidate,reasons."""
        return import_queries.get_import_report(uow=uow, request=request)

    @command(api.SetImportMapping)
    def set_import_mapping(self, uow: UnitOfWork, request: Request) -> Any:
        """Correct what the columns mean, and read the file again."""
        return steer_import.set_import_mapping(uow=uow, request=request)

    @command(api.DecideImportRow)
    def decide_import_row(self, uow: UnitOfWork, request: Request) -> Any:
        """A person decides about a row for review: a repeat of its candidate, or a business of its own."""
        return steer_import.decide_import_row(uow=uow, request=request)

    @command(api.CommitImport)
    def commit_import(self, uow: UnitOfWork, request: Request) -> Any:
        """Take in the rows of a preview."""
        return steer_import.commit_import(uow=uow, request=request)

    @command(api.StopImport)
    def stop_import(self, uow: UnitOfWork, request: Request) -> Any:
        """Stop after the rows that are being written."""
        return steer_import.stop_import(uow=uow, request=request)

    @command(api.ResumeImport)
    def resume_import(self, uow: UnitOfWork, request: Request) -> Any:
        """Go on where a stopped or failed import ended."""
        return steer_import.resume_import(uow=uow, request=request)

    @command(api.UndoImport)
    def undo_import(self, uow: UnitOfWork, request: Request) -> Any:
        """Take a whole import back."""
        return steer_import.undo_import(uow=uow, request=request)

    @command(api.StartExport)
    def start_export(self, uow: UnitOfWork, request: Request) -> Any:
        """Write the result of a search into a file, as a job."""
        return jobs.get_job(uow, export_enterprises.start_export(uow=uow, request=request))

    @command(api.RotateKeys)
    def rotate_keys(self, uow: UnitOfWork, request: Request) -> Any:
        """Replace keys of identity numbers, as jobs."""
        return rotate_keys.start_rotation(uow=uow, request=request)

    @query(api.GetJob)
    def get_job(self, uow: UnitOfWork, request: Request) -> Any:
        """Read a job."""
        return jobs.get_job(uow, request["id"])

    @query(api.ListJobs)
    def list_jobs(self, uow: UnitOfWork, request: Request) -> Any:
        """Jobs, newest first."""
        return import_queries.list_jobs(uow=uow, request=request)

    @command(api.StopJob)
    def stop_job(self, uow: UnitOfWork, request: Request) -> Any:
        """Stop a job at its next step."""
        return jobs.stop_job(uow, request["id"])

    @command(api.ResumeJob)
    def resume_job(self, uow: UnitOfWork, request: Request) -> Any:
        """Go on with a stopped or failed job."""
        return jobs.resume_job(uow, request["id"])

    @query(for_gateway.FindOwnersByPhone)
    def find_owners_by_phone(self, uow: UnitOfWork, request: Request) -> Any:
        """Which owners have a phone: what the gateway itself asks for, when an owner signs in."""
        return owners.find_owners_by_phone(uow=uow, request=request)

    @query(for_gateway.GetOwnerContact)
    def get_owner_contact(self, uow: UnitOfWork, request: Request) -> Any:
        """An owner's unit, office and phone: what the gateway itself asks for, when somebody is to act for the owner."""
        return owners.get_owner_contact(uow=uow, request=request)

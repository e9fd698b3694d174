"""The registry's entrypoints: each loads, calls and answers. What they take and answer is in contracts/api/registry."""

from __future__ import annotations

from typing import Any

from chassis import jobs
from chassis.runtime import Service, command, query
from chassis.unit_of_work import UnitOfWork
from contracts import access
from contracts.api import registry as api
from services.registry.queries import enterprises, history, merges, reference, relations, statistics, units
from services.registry.queries import imports as import_queries
from services.registry.queries import search_enterprises as searching
from services.registry.use_cases import (
    binaan,
    cooperative,
    decide_duplicate,
    export_enterprises,
    give_consent,
    load_reference,
    merge_enterprises,
    put_unit,
    record_measurement,
    register_enterprise,
    reveal_nik,
    start_import,
    steer_import,
    transfer_enterprise,
    undo_merge,
    update_enterprise,
    withdraw_consent,
)

Request = dict[str, Any]
ANYBODY = frozenset(access.ROLES)
HEADS = frozenset({access.HEAD, access.PROVINCE, access.NATIONAL, access.OPERATOR})


class RegistryService(Service):
    """Who there is."""

    name = "registry"

    # enterprises

    @command(api.RegisterEnterprise, roles=access.OFFICE)
    def register_enterprise(self, uow: UnitOfWork, request: Request) -> Any:
        return register_enterprise.register_enterprise(uow=uow, request=request)

    @command(api.UpdateEnterprise, roles=access.OFFICE)
    def update_enterprise(self, uow: UnitOfWork, request: Request) -> Any:
        return update_enterprise.update_enterprise(uow=uow, request=request)

    @command(api.RecordMeasurement, roles=access.OFFICE)
    def record_measurement(self, uow: UnitOfWork, request: Request) -> Any:
        return record_measurement.record_measurement(uow=uow, request=request)

    @command(api.TransferEnterprise, roles=access.OFFICERS)
    def transfer_enterprise(self, uow: UnitOfWork, request: Request) -> Any:
        return transfer_enterprise.transfer_enterprise(uow=uow, request=request)

    @query(api.GetEnterprise, roles=access.OFFICE)
    def get_enterprise(self, uow: UnitOfWork, request: Request) -> Any:
        return enterprises.get_enterprise(uow=uow, request=request)

    @query(api.SearchEnterprises, roles=access.OFFICE)
    def search_enterprises(self, uow: UnitOfWork, request: Request) -> Any:
        return searching.search_enterprises(uow=uow, request=request)

    @query(api.GetEnterpriseHistory, roles=access.OFFICE)
    def get_enterprise_history(self, uow: UnitOfWork, request: Request) -> Any:
        return history.get_enterprise_history(uow=uow, request=request)

    @query(api.RevealNik, roles=access.OFFICERS)
    def reveal_nik(self, uow: UnitOfWork, request: Request) -> Any:
        return reveal_nik.reveal_nik(uow=uow, request=request)

    @query(api.ListAccessLog, roles=HEADS)
    def list_access_log(self, uow: UnitOfWork, request: Request) -> Any:
        return relations.list_access_log(uow=uow, request=request)

    # duplicates

    @command(api.MergeEnterprises, roles=access.OFFICERS)
    def merge_enterprises(self, uow: UnitOfWork, request: Request) -> Any:
        return merge_enterprises.merge_enterprises(uow=uow, request=request)

    @command(api.UndoMerge, roles=access.OFFICERS)
    def undo_merge(self, uow: UnitOfWork, request: Request) -> Any:
        return undo_merge.undo_merge(uow=uow, request=request)

    @query(api.ListMerges, roles=access.OFFICE)
    def list_merges(self, uow: UnitOfWork, request: Request) -> Any:
        return merges.list_merges(uow=uow, request=request)

    @query(api.ListDuplicates, roles=access.OFFICE)
    def list_duplicates(self, uow: UnitOfWork, request: Request) -> Any:
        return merges.list_duplicates(uow=uow, request=request)

    @command(api.DecideDuplicate, roles=access.OFFICERS)
    def decide_duplicate(self, uow: UnitOfWork, request: Request) -> Any:
        return decide_duplicate.decide_duplicate(uow=uow, request=request)

    # consent, binaan, cooperatives

    @command(api.GiveConsent, roles=access.OFFICE)
    def give_consent(self, uow: UnitOfWork, request: Request) -> Any:
        return give_consent.give_consent(uow=uow, request=request)

    @command(api.WithdrawConsent, roles=access.OFFICE)
    def withdraw_consent(self, uow: UnitOfWork, request: Request) -> Any:
        return withdraw_consent.withdraw_consent(uow=uow, request=request)

    @query(api.ListConsents, roles=access.OFFICE)
    def list_consents(self, uow: UnitOfWork, request: Request) -> Any:
        return relations.list_consents(uow=uow, request=request)

    @command(api.BeginBinaan, roles=access.OFFICE)
    def begin_binaan(self, uow: UnitOfWork, request: Request) -> Any:
        return binaan.begin_binaan(uow=uow, request=request)

    @command(api.EndBinaan, roles=access.OFFICE)
    def end_binaan(self, uow: UnitOfWork, request: Request) -> Any:
        return binaan.end_binaan(uow=uow, request=request)

    @query(api.ListBinaan, roles=access.OFFICE)
    def list_binaan(self, uow: UnitOfWork, request: Request) -> Any:
        return relations.list_binaan(uow=uow, request=request)

    @command(api.PutCooperative, roles=access.OFFICE)
    def put_cooperative(self, uow: UnitOfWork, request: Request) -> Any:
        return cooperative.put_cooperative(uow=uow, request=request)

    @command(api.RecordRat, roles=access.OFFICE)
    def record_rat(self, uow: UnitOfWork, request: Request) -> Any:
        return cooperative.record_rat(uow=uow, request=request)

    @query(api.GetCooperative, roles=access.OFFICE)
    def get_cooperative(self, uow: UnitOfWork, request: Request) -> Any:
        return relations.get_cooperative(uow=uow, request=request)

    # units, places, classifications, figures

    @command(api.PutUnit, roles=HEADS)
    def put_unit(self, uow: UnitOfWork, request: Request) -> Any:
        return put_unit.put_unit(uow=uow, request=request)

    @query(api.GetUnit, roles=access.OFFICE)
    def get_unit(self, uow: UnitOfWork, request: Request) -> Any:
        return units.get_unit(uow=uow, request=request)

    @query(api.ListUnits, roles=access.OFFICE)
    def list_units(self, uow: UnitOfWork, request: Request) -> Any:
        return units.list_units(uow=uow, request=request)

    @query(api.ListRegions, roles=ANYBODY)
    def list_regions(self, uow: UnitOfWork, request: Request) -> Any:
        return reference.list_regions(uow=uow, request=request)

    @query(api.GetRegion, roles=ANYBODY)
    def get_region(self, uow: UnitOfWork, request: Request) -> Any:
        return reference.get_region(uow=uow, request=request)

    @query(api.ListKbli, roles=ANYBODY)
    def list_kbli(self, uow: UnitOfWork, request: Request) -> Any:
        return reference.list_kbli(uow=uow, request=request)

    @command(api.LoadReference, roles=access.OPERATORS)
    def load_reference(self, uow: UnitOfWork, request: Request) -> Any:
        return jobs.get_job(uow, load_reference.start_load(uow=uow, request=request))

    @query(api.GetStatistics, roles=access.OFFICE)
    def get_statistics(self, uow: UnitOfWork, request: Request) -> Any:
        return statistics.get_statistics(uow=uow, request=request)

    # imports and exports

    @command(api.StartImport, roles=access.OFFICERS)
    def start_import(self, uow: UnitOfWork, request: Request) -> Any:
        return start_import.start_import(uow=uow, request=request)

    @query(api.GetImport, roles=access.OFFICERS)
    def get_import(self, uow: UnitOfWork, request: Request) -> Any:
        return import_queries.import_view(uow, request["id"])

    @query(api.ListImports, roles=access.OFFICERS)
    def list_imports(self, uow: UnitOfWork, request: Request) -> Any:
        return import_queries.list_imports(uow=uow, request=request)

    @query(api.ListImportRows, roles=access.OFFICERS)
    def list_import_rows(self, uow: UnitOfWork, request: Request) -> Any:
        return import_queries.list_import_rows(uow=uow, request=request)

    @query(api.GetImportReport, roles=access.OFFICERS)
    def get_import_report(self, uow: UnitOfWork, request: Request) -> Any:
        return import_queries.get_import_report(uow=uow, request=request)

    @command(api.SetImportMapping, roles=access.OFFICERS)
    def set_import_mapping(self, uow: UnitOfWork, request: Request) -> Any:
        return steer_import.set_import_mapping(uow=uow, request=request)

    @command(api.DecideImportRow, roles=access.OFFICERS)
    def decide_import_row(self, uow: UnitOfWork, request: Request) -> Any:
        return steer_import.decide_import_row(uow=uow, request=request)

    @command(api.CommitImport, roles=access.OFFICERS)
    def commit_import(self, uow: UnitOfWork, request: Request) -> Any:
        return steer_import.commit_import(uow=uow, request=request)

    @command(api.StopImport, roles=access.OFFICERS)
    def stop_import(self, uow: UnitOfWork, request: Request) -> Any:
        return steer_import.stop_import(uow=uow, request=request)

    @command(api.ResumeImport, roles=access.OFFICERS)
    def resume_import(self, uow: UnitOfWork, request: Request) -> Any:
        return steer_import.resume_import(uow=uow, request=request)

    @command(api.UndoImport, roles=access.OFFICERS)
    def undo_import(self, uow: UnitOfWork, request: Request) -> Any:
        return steer_import.undo_import(uow=uow, request=request)

    @command(api.StartExport, roles=access.OFFICERS)
    def start_export(self, uow: UnitOfWork, request: Request) -> Any:
        return jobs.get_job(uow, export_enterprises.start_export(uow=uow, request=request))

    # jobs

    @query(api.GetJob, roles=access.OFFICE)
    def get_job(self, uow: UnitOfWork, request: Request) -> Any:
        return jobs.get_job(uow, request["id"])

    @query(api.ListJobs, roles=access.OFFICE)
    def list_jobs(self, uow: UnitOfWork, request: Request) -> Any:
        return import_queries.list_jobs(uow=uow, request=request)

    @command(api.StopJob, roles=access.OFFICERS)
    def stop_job(self, uow: UnitOfWork, request: Request) -> Any:
        return jobs.stop_job(uow, request["id"])

    @command(api.ResumeJob, roles=access.OFFICERS)
    def resume_job(self, uow: UnitOfWork, request: Request) -> Any:
        return jobs.resume_job(uow, request["id"])

"""The service as it runs: events through the broker, mail out of the worker, the inbox by RPC."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pika
import pytest

from chassis.broker.topology import EVENTS_EXCHANGE, EXPRESS
from chassis.identifiers import new_id
from chassis.rpc_client import RpcClient
from contracts.access import CONSULTANT, NATIONAL, OWNER, PARTNER, PROVINCE, STAFF, AccessContext, Grant
from contracts.api.notifications import METHODS
from contracts.errors import PlutError
from contracts.events import Envelope, decode, encode, routing_key
from contracts.notifications import MessageDelivered
from contracts.registry import Contact
from deploy.local import ports
from deploy.processes import ROOT
from tests.service.chassis.probe import _ready as is_ready
from tests.service.notifications.mail_server import SmtpServer
from tests.service.notifications.office import Office, advanced, imported, registered
from tests.stack import eventually

OFFICER = AccessContext(account="0199-officer", name="Petugas", grants=(Grant(STAFF, "21.71"),))
COLLEAGUE = AccessContext(account="0199-colleague", name="Rekan", grants=(Grant(CONSULTANT, "21.71"),))
ELSEWHERE = AccessContext(account="0199-binjai", name="Petugas", grants=(Grant(STAFF, "12.75"),))
PROVINCIAL = AccessContext(account="0199-kepri", name="Provinsi", grants=(Grant(PROVINCE, "21"),))
MINISTRY = AccessContext(account="0199-national", name="Nasional", grants=(Grant(NATIONAL, ""),))
OWNERS = AccessContext(account="0199-owner", name="Siti", grants=(Grant(OWNER, "21.71"),))
PARTNERS = AccessContext(account="0199-bank", name="Bank", grants=(Grant(PARTNER, ""),))


@dataclass
class Running:
    """The service's processes around an office."""

    office: Office
    smtp: SmtpServer
    rpc: RpcClient
    processes: dict[str, subprocess.Popen[bytes]]
    logs: Path

    def publish(self, *envelopes: Envelope[Any]) -> None:
        """As the relay of the registry would."""
        with pika.BlockingConnection(pika.URLParameters(self.office.settings.amqp_url)) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            for each in envelopes:
                channel.basic_publish(EXPRESS.exchange, routing_key(type(each.data), each.unit), encode(each))

    def call(self, method: str, context: AccessContext = OFFICER, **request: Any) -> dict[str, Any]:
        """Ask the service; what it answers fits its contract."""
        reply = self.rpc.request("notifications", method, request, context).result
        assert isinstance(reply, dict)
        schema = METHODS[method][1]()
        dumped = schema.dump(schema.load(dict(reply), unknown="raise"))
        assert dumped.keys() == schema.fields.keys()
        return reply


@pytest.fixture(scope="module")
def started(module_office: Office, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    logs = tmp_path_factory.mktemp("notifications")
    rpc = RpcClient(module_office.settings, name="tests")
    processes = {}
    with SmtpServer() as smtp:
        mail = {"PLUT_SMTP_URL": f"smtp://127.0.0.1:{smtp.port}"}
        for module in ("chassis.runtime", "chassis.worker", "chassis.relay"):
            port = ports.reserve()
            with (logs / f"{module}.log").open("ab") as log:
                processes[module] = subprocess.Popen(
                    [sys.executable, "-m", module, "notifications"],
                    cwd=ROOT, stderr=log, stdout=log,
                    env=os.environ | module_office.corner.environment_of(module) | mail | {"PLUT_HEALTH_PORT": str(port)},
                )  # fmt: skip
            eventually(lambda p=port: is_ready(p), 40)  # type: ignore[misc]
        yield Running(module_office, smtp, rpc, processes, logs)
        for process in processes.values():
            process.send_signal(signal.SIGTERM)
        for process in processes.values():
            assert process.wait(25) == 0
    rpc.close()


@pytest.fixture
def running(started: Running, office: Office) -> Running:  # noqa: ARG001 - its tables are empty
    started.smtp.mails.clear()
    return started


def test_an_event_becomes_a_mail_and_the_mail_an_event(running: Running) -> None:
    with pika.BlockingConnection(pika.URLParameters(running.office.settings.amqp_url)) as connection:
        channel = connection.channel()
        queue = channel.queue_declare("", exclusive=True).method.queue
        channel.queue_bind(queue, EVENTS_EXCHANGE, "notifications.message-delivered.v1.#")
        event = registered()
        running.publish(event, event)
        eventually(lambda: running.smtp.recipients == ["siti@umkm.example"])
        body = eventually(lambda: channel.basic_get(queue, auto_ack=True)[2])
    assert body is not None
    told = decode(body)
    assert isinstance(told.data, MessageDelivered)
    assert (told.data.enterprise, told.data.cause, told.unit) == (event.data.enterprise, event.id, "21.71")
    assert b"siti@" not in body
    assert running.office.rows("SELECT count(*) FROM message") == [(1,)]


def test_a_finished_import_is_in_the_inbox_of_who_started_it(running: Running) -> None:
    running.publish(imported(OFFICER.account))
    page = eventually(lambda: (found := running.call("list_inbox"))["items"] and found)
    message = page["items"][0]
    assert message["title"] == "Impor selesai: 4.812 usaha baru"
    assert message["link"].startswith("/api/v1/registry/imports/")
    assert (page["unread"], message["read"]) == (1, False)
    assert running.call("list_inbox", language="en")["items"][0]["title"] == "Import completed: 4,812 new enterprises"
    assert running.call("count_unread", COLLEAGUE) == {"unread": 0}
    assert running.call("mark_read", id=message["id"])["read"] is True
    assert running.call("count_unread") == {"unread": 0}
    assert running.call("list_inbox", unread=True)["items"] == []
    with pytest.raises(PlutError, match="not-found"):
        running.call("mark_read", COLLEAGUE, id=message["id"])


def test_an_officer_who_asked_for_copies_gets_them_by_mail(running: Running) -> None:
    assert running.call("get_delivery") == {"email": None, "language": "id"}
    running.call("set_delivery", email="petugas@batam.example", language="en")
    assert running.call("get_delivery") == {"email": "petugas@batam.example", "language": "en"}
    running.publish(imported(OFFICER.account), imported(COLLEAGUE.account))
    eventually(lambda: running.smtp.mails)
    assert running.smtp.recipients == ["petugas@batam.example"]
    assert running.smtp.mails[0]["Subject"] == "Import completed: 4,812 new enterprises"
    with pytest.raises(PlutError, match="invalid-request") as refused:
        running.call("set_delivery", email='"a b"@x.example', language="id")
    assert "email" in refused.value.fields


def test_a_unit_s_news_is_for_everybody_in_the_unit_and_nobody_else(running: Running) -> None:
    enterprise = new_id()
    running.publish(registered(enterprise, job=new_id()), advanced(enterprise))
    eventually(lambda: running.call("count_unread")["unread"] == 1)
    assert running.call("count_unread", COLLEAGUE) == {"unread": 1}
    for other in (ELSEWHERE, PROVINCIAL, MINISTRY, OWNERS, PARTNERS):
        assert running.call("list_inbox", other)["items"] == []
    # those above a unit look into its inbox when they want to
    assert len(running.call("list_inbox", PROVINCIAL, unit="21.71")["items"]) == 1
    for other in (OWNERS, PARTNERS):
        assert running.call("list_inbox", other, unit="21.71")["items"] == []
    with pytest.raises(PlutError, match="out-of-scope"):
        running.call("list_inbox", ELSEWHERE, unit="21.71")
    # one has read it; to the other it is new
    assert running.call("mark_all_read") == {"marked": 1}
    assert running.call("mark_all_read") == {"marked": 0}
    assert running.call("count_unread", COLLEAGUE) == {"unread": 1}


def test_staff_see_what_was_sent_to_an_enterprise_of_theirs(running: Running) -> None:
    ours, theirs = registered(), registered(unit="12.75", contact=Contact(name="Budi", email="never@umkm.example"))
    running.publish(ours, theirs)
    eventually(lambda: len(running.smtp.mails) == 1)
    eventually(lambda: running.call("list_messages", ELSEWHERE, state="failed")["items"])
    [message] = running.call("list_messages")["items"]
    assert (message["to"], message["state"], message["title"]) == (
        "s***@umkm.example", "sent", "Dapur Siti terdaftar di PLUT",
    )  # fmt: skip
    whole = running.call("get_message", id=message["id"])
    assert whole["body"].startswith("Yth. Siti Rahmawati,")
    failed = running.call("list_messages", ELSEWHERE, channel="email")["items"][0]
    assert (failed["error"], failed["error_text"]) == ("refused", "server surel penerima menolaknya.")
    for method in ("get_message", "resend_message"):
        with pytest.raises(PlutError, match="not-found"):
            running.call(method, id=failed["id"])
    assert running.call("list_messages", enterprise=str(theirs.data.enterprise))["items"] == []
    for other in (OWNERS, PARTNERS):
        with pytest.raises(PlutError, match="not-allowed"):
            running.call("list_messages", other)


def test_a_mail_that_failed_is_sent_again_to_the_address_of_today(running: Running) -> None:
    event = registered(contact=Contact(name="Siti", email="never@umkm.example"))
    running.publish(event)
    [failed] = eventually(lambda: running.call("list_messages", state="failed")["items"])
    running.office.rows("UPDATE recipient SET email = 'right@umkm.example' RETURNING 1")
    assert running.call("resend_message", id=failed["id"])["state"] == "waiting"
    eventually(lambda: running.smtp.recipients == ["right@umkm.example"])
    eventually(lambda: running.call("list_messages", state="sent", channel="email")["items"])
    with pytest.raises(PlutError, match="resend-refused"):
        running.call("resend_message", id=failed["id"])


def test_pages_follow_each_other(running: Running) -> None:
    running.publish(*(imported(OFFICER.account) for _ in range(5)))
    eventually(lambda: running.call("count_unread")["unread"] == 5)
    seen, cursor = [], None
    while True:
        page = running.call("list_inbox", limit=2, **({"cursor": cursor} if cursor else {}))
        seen += [each["id"] for each in page["items"]]
        if not (cursor := page["next"]):
            break
    assert len(seen) == len(set(seen)) == 5
    assert seen == sorted(seen, reverse=True)
    # what came after the newest that was seen stays unread
    assert running.call("mark_all_read", until=seen[1]) == {"marked": 4}
    with pytest.raises(PlutError, match="invalid-request"):
        running.call("list_inbox", cursor="nonsense")


def test_personal_data_is_not_in_the_logs(running: Running) -> None:
    running.publish(registered(contact=Contact(name="Namanya Rahasia", email="later.rahasia@umkm.example")))
    eventually(lambda: running.office.rows("SELECT 1 FROM message WHERE attempts = 1 AND state = 'waiting'"))
    for log in running.logs.iterdir():
        assert "ahasia" not in log.read_text()

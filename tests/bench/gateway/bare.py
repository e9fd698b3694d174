"""The platform without what keeps units apart and on record: what row-level security, signing and auditing cost is the rest.

`python -m tests.bench.gateway.bare chassis.runtime registry`, and `gateway()` for gunicorn. The database's role is one that
policies don't hold for; contexts travel unsigned; nothing is written into the record. For the benchmark alone.
"""

from __future__ import annotations

if __name__ == "__main__":
    import chassis.runtime  # noqa: F401 - patches the process, so it comes before everything else

import base64
import runpy
import sys
from typing import Any

import msgspec

from chassis import database, direct, unit_of_work
from chassis.access import Signer, Verifier
from chassis.audit import chain
from contracts.access import AccessContext


def switch_off() -> None:
    """Take the three out of this process."""
    database._refuse_who_is_above_policies = lambda *_: None  # type: ignore[assignment]
    chain.write = lambda *_: None  # type: ignore[assignment]
    unit_of_work.UnitOfWork._set_scope = lambda _: None  # type: ignore[method-assign]
    Signer.sign = _plain  # type: ignore[method-assign]
    Verifier.verify = _as_it_is  # type: ignore[assignment, method-assign]


def gateway() -> Any:
    """The gateway's application, bare; it waits for its registry's port, since nobody at the queue can read what it sends."""
    switch_off()
    direct._CONNECT = 10.0  # type: ignore[misc]
    from gateway.app import create_app  # noqa: PLC0415 - after that

    return create_app()


def _plain(_: Signer, context: AccessContext, __: str) -> str:
    return base64.b64encode(msgspec.json.encode(context)).decode()


def _as_it_is(_: Verifier, token: str) -> AccessContext:
    return msgspec.json.decode(base64.b64decode(token), type=AccessContext)


def leave_the_queue_alone() -> None:
    """Take requests at the port alone: those in the queue are signed, and for the platform's own registry."""
    from chassis.runtime.rpc_queue import RpcQueue  # noqa: PLC0415 - only after the process was patched

    RpcQueue.start = lambda _: None  # type: ignore[method-assign]
    RpcQueue.is_connected = property(lambda _: True)  # type: ignore[assignment, method-assign]


if __name__ == "__main__":
    switch_off()
    leave_the_queue_alone()
    module, name = sys.argv[1:]
    sys.argv = [module, name]
    runpy.run_module(module, run_name="__main__", alter_sys=False)

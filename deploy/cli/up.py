"""`./plut up`: from nothing to a running platform with demo data."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click
import psutil

from deploy.cli.addresses import show_addresses
from deploy.cli.language import words
from deploy.cli.local import known_stack
from deploy.cli.state import STATE, layout
from deploy.local import install_broker
from deploy.local.ports import PortTakenError, choose, read
from deploy.local.stack import LocalStack, StackError


@click.command()
@click.option("--detach", is_flag=True, help="Return when everything is ready, and let it run.")
@click.option("--reset", is_flag=True, help="Begin anew: forget all data, accounts and addresses in .plut/.")
@click.option(
    "--port", type=click.IntRange(1, 65535), help="Port of the portal and the API.  [default: 8080 or the next free]"
)
@click.option("--demo/--no-demo", default=True, help="Load regions, units, accounts and some businesses.")
def up(detach: bool, reset: bool, port: int | None, demo: bool) -> None:  # noqa: FBT001
    """Start everything and load the demo. Ctrl-C stops all of it."""
    began = time.monotonic()
    layout().make()
    with _only_one():
        known = known_stack()
        if known is not None and known.supervisor.pid() is not None:
            _refuse_to_disturb(reset=reset, port=port)
            click.echo(words("Platform sudah berjalan.", "The platform is running already."))
            complete = _load_demo(known) if demo else True
            show_addresses(known)
            sys.exit(0 if complete else 1)
        signal.signal(signal.SIGTERM, _interrupt)
        signal.signal(signal.SIGHUP, _interrupt)  # the terminal was closed
        if reset:
            _reset(known)
        try:
            stack = _start(port, detach=detach)
            complete = _load_demo(stack) if demo else True
        except KeyboardInterrupt:
            _say(words("Dibatalkan; menghentikan semuanya …", "Interrupted; stopping everything …"))
            _stop_what_is_known()
            sys.exit(130)
        except (StackError, PortTakenError, install_broker.BrokerMissingError, TimeoutError) as error:
            _stop_what_is_known()
            raise click.ClickException(str(error)) from None
        except BaseException:
            _stop_what_is_known()
            raise
    show_addresses(stack)
    _say(words("Siap dalam", "Ready in") + f" {time.monotonic() - began:.1f} s")
    if detach:
        click.echo(words("Hentikan dengan: ./plut down", "Stop it with: ./plut down"))
        sys.exit(0 if complete else 1)
    click.echo(words("Ctrl-C menghentikan semuanya.", "Ctrl-C stops everything."))
    _stay(stack)


def _start(port: int | None, *, detach: bool) -> LocalStack:
    _say(words("Memeriksa RabbitMQ", "Looking for RabbitMQ"))
    try:
        install_broker.ensure(
            layout(), lambda: _say(words("Memasang RabbitMQ dari Debian", "Installing RabbitMQ from Debian"))
        )
    except install_broker.BrokerMissingError as error:
        text = words("RabbitMQ belum ada; ketik", "RabbitMQ is missing; type")
        raise StackError(f"{text}: {error}") from None
    known = known_stack()
    if known is not None:
        known.clear_leftovers()  # they would hold the ports that are about to be chosen
    ports = choose(layout().ports, port)
    for moved in ports.moved:
        _say(moved)
    stack = LocalStack(STATE, ports)
    _say(words("Menjalankan database, broker, dan penangkap surat", "Starting database, broker and mail catcher"))
    stack.start_stores(detach=detach, tables=True, say=_done)
    _say(words("Menjalankan layanan", "Starting the services"))
    stack.start_processes(say=_done)
    return stack


def _load_demo(stack: LocalStack) -> bool:
    """Load what is missing of the demo. The platform runs without it, too: False, and a word about what is missing."""
    # imported late: a start without a demo needs none of it
    from deploy.demo.load import DemoError, load  # noqa: PLC0415

    try:
        load(stack, _say, _done)
    except DemoError as error:
        text = words(
            "Data contoh belum lengkap; ./plut up mencobanya lagi", "The demo is incomplete; ./plut up tries again"
        )
        click.echo(f"✗ {text}\n{error}", err=True)
        return False
    return True


def _stay(stack: LocalStack) -> None:
    """Until Ctrl-C, SIGTERM, a closed terminal, or an end that came from elsewhere."""
    manager = psutil.Process(stack.supervisor.pid() or 0)
    try:
        while manager.is_running() and manager.status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.5)
    except KeyboardInterrupt:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # once is enough: stopping is bounded
        _say(words("Menghentikan semuanya …", "Stopping everything …"))
        stack.stop()
        _say(words("Platform berhenti.", "Stopped."))
        return
    except psutil.NoSuchProcess:
        pass
    stack.stop()
    click.echo(words("Platform dihentikan dari tempat lain.", "The platform was stopped from elsewhere."))


def _stop_what_is_known() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    stack = known_stack()
    if stack is not None:
        stack.stop()


def _reset(known: LocalStack | None) -> None:
    _say(words("Menghapus data lama", "Removing the old data"))
    if known is not None:
        known.clear_leftovers()
    for path in STATE.iterdir():
        if path.name in {"stack.lock", "setup.lock", "node", "debian-13"}:
            continue
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    layout().make()


def _refuse_to_disturb(*, reset: bool, port: int | None) -> None:
    if reset:
        text = words(
            "platform sedang berjalan; hentikan dulu: ./plut down",
            "the platform is running; stop it first: ./plut down",
        )
        raise click.ClickException(text)
    current = read(layout().ports)["gateway"]
    if port is not None and port != current:
        text = words(
            f"platform sudah berjalan di port {current}", f"the platform is running already, on port {current}"
        )
        raise click.ClickException(text)


@contextmanager
def _only_one() -> Iterator[None]:
    with layout().lock.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            text = words("sedang dijalankan oleh ./plut up yang lain", "another ./plut up is just starting it")
            raise click.ClickException(text) from None
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _say(text: str) -> None:
    click.echo(f"· {text}")


def _done(text: str) -> None:
    click.echo(f"  ✓ {text}")

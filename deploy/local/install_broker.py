"""RabbitMQ from Debian's package, where it isn't there yet."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable

from deploy.local import broker
from deploy.local.layout import Layout
from deploy.processes import ROOT

SCRIPT = ROOT / "deploy" / "setup" / "install-rabbitmq.sh"
BY_HAND = "sudo apt install --no-install-recommends rabbitmq-server"


class BrokerMissingError(Exception):
    """RabbitMQ is missing and can't be installed from here; the text says what to type."""


def ensure(layout: Layout, say: Callable[[], None]) -> None:
    """Install RabbitMQ unless it is there; as root, or through a sudo that asks no password. Calls `say` before."""
    if broker.is_installed():
        return
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if shutil.which("apt-get") is None or (sudo and not _sudo_is_free()):
        raise BrokerMissingError(BY_HAND)
    say()
    log = layout.logs / "install-rabbitmq.log"
    with log.open("w") as stream:
        code = subprocess.run(
            [*sudo, "sh", str(SCRIPT)], stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT, check=False
        ).returncode
    if code != 0 or not broker.is_installed():
        raise BrokerMissingError(f"{BY_HAND}   ({log})")


def _sudo_is_free() -> bool:
    try:
        return subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False

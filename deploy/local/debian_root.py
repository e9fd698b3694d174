"""RabbitMQ 4 for the tests: Debian 13's package in a folder of its own, whose programs run inside chroot.

Everything that is mounted for it, by debootstrap or for a running node, is mounted in a mount namespace of that process
alone and ends with it: nothing can be left over, and removing the folder can never reach the machine's own files.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

RELEASE = "trixie"
PACKAGE = "rabbitmq-server"
_PRIVATE = ("unshare", "--mount", "--propagation", "private", "--")
#: What a node needs of /dev, with the numbers that Linux knows them by.
_DEVICES = {"null": (1, 3), "zero": (1, 5), "random": (1, 8), "urandom": (1, 9)}
#: $1 is the folder, $2 is where the node's own files lie, inside and outside alike. RabbitMQ 4 doesn't boot without /proc.
#: One line, as the process manager's configuration wants it.
_ENTER = (
    'mount -t proc proc "$1/proc" && mount -t tmpfs tmpfs "$1/tmp" && mkdir -p "$1$2" && mount --bind "$2" "$1$2"'
    ' && root="$1" && shift 2 && exec chroot "$root" "$@"'
)


class RootUnavailableError(Exception):
    """The folder can't be had on this machine; the text says why and what to do."""


def ensure(root: Path, log: Path, say: Callable[[], None]) -> None:
    """Make the folder unless it is there, which takes a minute or two; one process at a time. Calls `say` before.

    Raises RootUnavailableError.
    """
    if root.exists():
        return
    _require_rights()
    with root.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if root.exists():
            return
        say()
        _require_debootstrap(log)
        draft = root.with_suffix(".draft")
        shutil.rmtree(draft, ignore_errors=True)
        _bootstrap(draft, log)
        _make_devices(draft / "dev")
        draft.replace(root)


def enter(root: Path, folder: Path, command: Sequence[str]) -> list[str]:
    """The command line that runs `command` inside `root`, where `folder` lies at the same path as outside."""
    return [*_PRIVATE, "sh", "-c", _ENTER, "sh", str(root), str(folder), *command]


def _require_rights() -> None:
    if os.geteuid() != 0:
        raise RootUnavailableError("RabbitMQ 4 runs in a folder that only root can make and enter; call this as root")
    if subprocess.run([*_PRIVATE, "true"], capture_output=True, check=False).returncode != 0:
        raise RootUnavailableError(
            "this machine (a container?) allows no mount namespaces, which RabbitMQ 4's folder needs; "
            "use a machine that does, or allow CAP_SYS_ADMIN"
        )


def _require_debootstrap(log: Path) -> None:
    if shutil.which("debootstrap"):
        return
    apt = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120"]
    if shutil.which("apt-get"):
        with log.open("w") as stream:
            for arguments in (["update"], ["install", "-y", "--no-install-recommends", "debootstrap"]):
                _run([*apt, *arguments], stream.fileno())
    if not shutil.which("debootstrap"):
        raise RootUnavailableError("debootstrap is missing and could not be installed; type: apt install debootstrap")


def _bootstrap(draft: Path, log: Path) -> None:
    options = ["--variant=minbase", f"--include={PACKAGE}"]
    # the packages' signatures are checked wherever the machine has Debian's keys, which Debian has
    options += ["--force-check-gpg"] if Path("/usr/share/keyrings/debian-archive-keyring.gpg").exists() else []
    with log.open("w") as stream:
        code = _run([*_PRIVATE, "debootstrap", *options, RELEASE, str(draft)], stream.fileno())
    if code != 0:
        shutil.rmtree(draft, ignore_errors=True)
        last = (log.read_text(errors="replace").strip().splitlines() or ["(nothing)"])[-1]
        raise RootUnavailableError(f"Debian {RELEASE} could not be fetched ({last}); check the network, see {log}")


def _run(command: Sequence[str], output: int) -> int:
    # it ends with us: a second call must not meet a half-made folder that is still being filled
    return subprocess.run(
        ["setpriv", "--pdeathsig=KILL", "--", *command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
        check=False,
    ).returncode


def _make_devices(folder: Path) -> None:
    """What debootstrap could only bind from the machine, and what is gone with its namespace, is made here."""
    for name, numbers in _DEVICES.items():
        node = folder / name
        if not node.is_char_device():
            node.unlink(missing_ok=True)
            os.mknod(node, stat.S_IFCHR | 0o666, os.makedev(*numbers))
            node.chmod(0o666)

"""RabbitMQ of the local stack: a private node beside whatever the machine runs, on loopback only.

Works with Debian's 3.10 and with 4.x, as root and as an ordinary user. Erlang's port mapper (epmd) is one of its own,
too, supervised like the rest: the usual one would be shared with others and outlive the stack.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import requests

from chassis.key_files import write_private
from deploy import broker_definitions
from deploy.broker_definitions import ADMIN, USERS, user_of
from deploy.local import debian_root
from deploy.local.layout import Layout
from deploy.local.ports import HOST, Ports
from deploy.local.secrets import Passwords

SERVER = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
NODE = "plut@localhost"
PLUGINS = "[rabbitmq_management,rabbitmq_prometheus].\n"


def is_installed() -> bool:
    """True when Debian's package (or RabbitMQ's own, same place) is here with an Erlang."""
    return SERVER.exists() and shutil.which("erl") is not None


def epmd() -> str:
    """Path of Erlang's port mapper; it isn't on PATH in every packaging."""
    found = shutil.which("epmd")
    if found:
        return found
    root = subprocess.run(
        ["erl", "-noshell", "-eval", "io:put_chars(code:root_dir()),halt()."],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return str(next(Path(root).glob("erts-*/bin/epmd")))


def configure(layout: Layout, ports: Ports, passwords: Passwords) -> None:
    """Write the node's configuration, and its users, rights and exchanges, which it takes in whenever it is started."""
    lines = {
        "listeners.tcp.default": f"{HOST}:{ports['amqp']}",
        "management.tcp.ip": HOST,
        "management.tcp.port": ports["management"],
        "prometheus.tcp.ip": HOST,
        "prometheus.tcp.port": ports["prometheus"],
        "definitions.import_backend": "local_filesystem",
        "definitions.local.path": str(layout.broker / "definitions.json"),
        "definitions.skip_if_unchanged": "true",
        "collect_statistics_interval": 2000,
        "raft.wal_max_size_bytes": 64 * 1024 * 1024,  # half a gigabyte by default: much for a laptop
        "disk_free_limit.absolute": "100MB",
        "log.console": "true",
        "log.console.level": "info",
        "log.file": "false",
    }
    write_private(layout.broker / "rabbitmq.conf", "".join(f"{name} = {value}\n" for name, value in lines.items()))
    (layout.broker / "enabled_plugins").write_text(PLUGINS)
    defined = broker_definitions.definitions(
        {ADMIN: passwords.broker} | {name: passwords.of_role(name) for name in USERS}
    )
    write_private(layout.broker / "definitions.json", json.dumps(defined, indent=1))


def environment(layout: Layout, ports: Ports) -> dict[str, str]:
    """Environment of the node; nothing is read from /etc/rabbitmq or from the user's home."""
    return {
        "HOME": str(layout.broker / "home"),
        "TMPDIR": "/tmp",  # noqa: S108 - also inside another Debian's folder, which has no other
        "ERL_EPMD_PORT": str(ports["epmd"]),
        "ERL_EPMD_ADDRESS": HOST,
        "RABBITMQ_NODENAME": NODE,
        "RABBITMQ_DIST_PORT": str(ports["distribution"]),
        "RABBITMQ_CONFIG_FILE": str(layout.broker / "rabbitmq.conf"),
        "RABBITMQ_ADVANCED_CONFIG_FILE": str(layout.broker / "advanced.config"),
        "RABBITMQ_CONF_ENV_FILE": str(layout.broker / "rabbitmq-env.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(layout.broker / "enabled_plugins"),
        "RABBITMQ_MNESIA_BASE": str(layout.broker / "data"),
        "RABBITMQ_LOG_BASE": str(layout.broker / "log"),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-start_epmd false -kernel inet_dist_use_interface {127,0,0,1}",
        # makes the start script become the node instead of watching over it: one process to supervise, not two
        "RUNNING_UNDER_SYSTEMD": "true",
    }


def epmd_command(layout: Layout, ports: Ports, root: Path | None = None) -> list[str]:
    """Command line of the port mapper, in the foreground; `root` is where another Debian's is to be taken from."""
    arguments = ["-address", HOST, "-port", str(ports["epmd"])]
    if root:
        return debian_root.enter(root, layout.broker, ["epmd", *arguments])
    return [epmd(), *arguments]


def command(layout: Layout, root: Path | None = None) -> list[str]:
    """Command line of the node, in the foreground; `root` is where another Debian's is to be taken from."""
    if root:
        return debian_root.enter(root, layout.broker, [str(SERVER)])
    return [str(SERVER)]


def amqp_url(ports: Ports, passwords: Passwords, process: str | None = None) -> str:
    """PLUT_AMQP_URL of a process; without one the administrator's."""
    user = ADMIN if process is None else user_of(process)
    password = passwords.broker if process is None else passwords.of_role(user)
    return f"amqp://{user}:{password}@{HOST}:{ports['amqp']}/%2F"


def management_url(ports: Ports, passwords: Passwords) -> str:
    """PLUT_MANAGEMENT_URL, with user and password."""
    return f"http://{ADMIN}:{passwords.broker}@{HOST}:{ports['management']}"


def answers(ports: Ports, passwords: Passwords) -> bool:
    """True when the node takes connections: a channel opened and closed, through the management interface."""
    try:
        # `aliveness` checks are gone in 4.x; a listener on the port appears only when the boot has ended
        reply = requests.get(
            f"{management_url(ports, passwords)}/api/health/checks/port-listener/{ports['amqp']}", timeout=2
        )
    except requests.RequestException:
        return False
    return reply.ok

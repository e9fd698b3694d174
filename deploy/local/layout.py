"""Where the local stack keeps what: one folder, readable by nobody else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Layout:
    """Paths below the state folder (`.plut`, or a temporary folder for tests)."""

    state: Path

    def make(self) -> None:
        """Create the folders that programs expect to find. The state folder is closed to other users of the machine."""
        self.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.state.chmod(0o700)
        for folder in (self.broker, self.broker / "home", self.files, self.logs, self.keys):
            folder.mkdir(mode=0o700, exist_ok=True)

    @property
    def broker(self) -> Path:
        """The RabbitMQ node: configuration, data, cookie."""
        return self.state / "broker"

    @property
    def debian_13(self) -> Path:
        """Another Debian, for the tests on its RabbitMQ 4."""
        return self.state / "debian-13"

    @property
    def database(self) -> Path:
        """PostgreSQL's data folder; as root it belongs to the user that PostgreSQL runs as."""
        return self.state / "database"

    @property
    def mail(self) -> Path:
        """Mails that the catcher has taken: one SQLite file."""
        return self.state / "mail.sqlite3"

    @property
    def files(self) -> Path:
        """Uploads and exports."""
        return self.state / "files"

    @property
    def temporary(self) -> Path:
        """Temporary files of the processes."""
        return self.state / "tmp"

    @property
    def logs(self) -> Path:
        """One log file per process, rotated."""
        return self.state / "logs"

    @property
    def keys(self) -> Path:
        """Key files of access contexts and of personal numbers."""
        return self.state / "keys"

    @property
    def passwords(self) -> Path:
        """Generated passwords."""
        return self.state / "passwords.json"

    @property
    def ports(self) -> Path:
        """Ports that were chosen, so that addresses stay the same from start to start."""
        return self.state / "ports.json"

    @property
    def supervisor(self) -> Path:
        """Configuration of the process manager."""
        return self.state / "supervisor.conf"

    @property
    def token(self) -> Path:
        """The operator account and token that the command line uses."""
        return self.state / "cli-token.json"

    @property
    def demo(self) -> Path:
        """Demo accounts and what of the demo has been loaded."""
        return self.state / "demo.json"

    @property
    def lock(self) -> Path:
        """Held while the stack is being started or stopped."""
        return self.state / "stack.lock"

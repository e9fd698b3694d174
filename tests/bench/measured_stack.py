"""The stack on which commits are timed."""

from __future__ import annotations

from deploy.local.stack import LocalStack
from deploy.local.supervision import Program


class MeasuredStack(LocalStack):
    """A stack whose database remembers when each transaction was committed: the one clock by which all are measured."""

    def programs(self) -> list[Program]:
        """The usual ones."""
        programs = super().programs()
        for program in programs:
            if program.name == "database":
                program.command.extend(["-c", "track_commit_timestamp=on"])
        return programs

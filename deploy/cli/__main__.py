"""`./plut`: the command line. A command's module is imported when the command is called, so that help costs nothing."""

from __future__ import annotations

from deploy.cli.commands import plut

if __name__ == "__main__":
    plut(prog_name="./plut")

"""The list of commands: name, where it lives, what it is for. A new command is one line."""

from __future__ import annotations

import importlib

import click

COMMANDS = {
    "up": ("deploy.cli.up:up", "Start everything and load the demo."),
    "down": ("deploy.cli.down:down", "Stop everything."),
    "status": ("deploy.cli.status:status", "Show what runs, and what is unsent or failed."),
    "logs": ("deploy.cli.logs:logs", "Show the logs of one process or of all."),
    "code": ("deploy.cli.code:code", "Print the present code of a demo account's second factor."),
    "import": (
        "deploy.cli.imports:imports",
        "Take in lists of businesses: enterprises, undo, list, status, stop, resume.",
    ),
    "reference": ("deploy.cli.reference:reference", "Load reference data: KBLI, regions."),
    "events": ("deploy.cli.events:events", "See what became of events, and mend it: failed, parked, missed ones."),
    "audit": ("deploy.cli.audit:audit", "Verify that nobody has changed what is on record."),
    "test": (
        "deploy.cli.test:test",
        "Run the tests: all of them, or unit, contract, architecture, service, system, chaos.",
    ),
    "chaos": ("deploy.cli.chaos:chaos", "Break a platform of its own, and count what became of every event."),
    "fuzz": ("deploy.cli.fuzz:fuzz", "Ask the HTTP API whatever its document allows, and whatever it doesn't."),
    "check": ("deploy.cli.check:check", "Run the linters, the type checker and the checks of the documents."),
    "docs": ("deploy.cli.docs:docs", "Write the generated documents anew."),
    "sbom": ("deploy.cli.sbom:sbom", "Write the software bill of materials."),
    "bench": ("deploy.cli.bench:bench", "Run the benchmarks."),
    "run": ("deploy.cli.run:run", "Become one process of the platform, from the environment alone."),
    "env": ("deploy.cli.run:env", "Print the settings of one process of the local stack."),
    "keys": ("deploy.cli.keys:keys", "Replace keys while everything runs."),
    "migrate": ("deploy.cli.run:migrate", "Bring the databases up to date."),
    "broker-definitions": (
        "deploy.cli.broker:definitions",
        "Print users, rights and exchanges for a RabbitMQ of your own.",
    ),
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(module), name)
        if not isinstance(command, click.Command):
            raise TypeError(f"{COMMANDS[cmd_name][0]} is no command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def plut() -> None:
    """PLUT: one platform for the offices that serve micro and small businesses.

    `./plut up` starts it, `./plut test` tests it.
    """

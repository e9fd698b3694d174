"""`python -m chassis.runtime <service> [--only rpc|events]`."""

from __future__ import annotations

import argparse

from chassis.runtime.service import run

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="chassis.runtime", description="Run one service.")
    parser.add_argument("service")
    parser.add_argument("--only", choices=["rpc", "events"])
    arguments = parser.parse_args()
    run(arguments.service, arguments.only)

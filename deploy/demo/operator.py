"""The first account of a platform: an operator, whose token the command line uses; and accounts to try it with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from deploy.local.stack import LocalStack, StackError
from deploy.processes import ROOT, find


def make_operator(stack: LocalStack, *, demo: bool = False) -> dict[str, Any]:
    """Make what is missing, keep what there is; returns `{token, account, accounts: [{email, password, …}]}`.

    The gateway knows how (`gateway.identity.bootstrap`); it leaves its answer in the stack's token file.
    """
    command = [sys.executable, "-m", "gateway.identity.bootstrap", "--file", str(stack.layout.token)]
    done = subprocess.run(
        [*command, *(["--demo"] if demo else [])],
        cwd=ROOT,
        env=os.environ | stack.environment(find("gateway")),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise StackError(f"the operator's account could not be made:\n{done.stderr[-2000:]}")
    made = json.loads(stack.layout.token.read_text())
    assert isinstance(made, dict)
    return made

"""Where the local stack keeps its things: the folder `.plut` of the project. Cheap to import, as most commands ask no more."""

from __future__ import annotations

import os
from pathlib import Path

from deploy.local.layout import Layout
from deploy.processes import ROOT

#: Another folder is for the tests, whose stack lives elsewhere.
STATE = Path(os.environ.get("PLUT_STATE") or ROOT / ".plut")


def layout() -> Layout:
    """The folder's parts."""
    return Layout(STATE)

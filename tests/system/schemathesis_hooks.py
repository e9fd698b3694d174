"""What schemathesis can't know of this API: an Idempotency-Key is good for one request, and accounts are of several kinds."""

from __future__ import annotations

import json
import os
import random
import re
import uuid
from typing import Any

import schemathesis

TOKENS = "PLUT_FUZZ_TOKENS"
"""Environment variable: tokens as JSON; each request is made with one of them."""
_KEY = "Idempotency-Key"
_GOOD = re.compile(r"[\x21-\x7e]{8,128}")
_tokens = json.loads(os.environ.get(TOKENS, "[]"))


@schemathesis.hook
def before_call(_: Any, case: schemathesis.Case, options: dict[str, Any]) -> None:
    """A new key in the place of a good one; bad ones, which are tried on purpose, stay, and so does what has no token."""
    given = (case.headers or {}).get(_KEY)
    if isinstance(given, str) and _GOOD.fullmatch(given):
        case.headers[_KEY] = str(uuid.uuid4())
    headers = options.get("headers") or {}
    if "Authorization" in headers:
        headers["Authorization"] = f"Bearer {random.choice(_tokens)}"  # noqa: S311

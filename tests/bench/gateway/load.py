"""The load: wrk, with requests that differ as people's do."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click
import orjson

_MISSING: Final = "this benchmark's load comes from wrk: sudo apt install wrk"
#: Each connection goes through the paths in an order of its own; a POST's key never repeats, and its names are words that
#: are like no other's.
_SCRIPT: Final = """
local paths = {%(paths)s}
math.randomseed(%(seed)d)
local at, sent = math.random(#paths), 0
local mark = string.format("%(seed)d-%%x", math.random(2^30))
local function name()
  local found = {}
  for word = 1, 2 do
    local parts = {}
    for syllable = 1, 4 do
      local consonant, vowel = math.random(16), math.random(5)
      parts[syllable] = string.sub("bcdfghjklmnprstw", consonant, consonant) .. string.sub("aeiou", vowel, vowel)
    end
    found[word] = table.concat(parts)
  end
  return table.concat(found, " ")
end
function request()
  at = at %% #paths + 1
  sent = sent + 1
  local headers = {["Authorization"] = "Bearer %(token)s", ["Content-Type"] = "application/json"}
  if "%(method)s" == "GET" then return wrk.format("GET", paths[at], headers) end
  headers["Idempotency-Key"] = string.format("%%s-%%08d", mark, sent)
  local body = string.gsub([[%(body)s]], "@", name)
  return wrk.format("POST", paths[at], headers, body)
end
function done(summary, latency, requests)
  io.write(string.format("\\nFIGURES %%d %%d %%d %%d %%d\\n", summary.requests, summary.duration,
    summary.errors.status + summary.errors.timeout + summary.errors.read + summary.errors.connect,
    latency:percentile(50), latency:percentile(99)))
end
"""


@dataclass(frozen=True, slots=True)
class Work:
    """What is asked: paths in turn, and for a POST a body in which `@` stands for something new."""

    name: str
    method: str
    paths: list[str]
    body: Any = None


def run(work: Work, url: str, token: str, *, clients: int, seconds: float, seed: int) -> dict[str, float]:
    """Requests per second, p50 and p99 in milliseconds, and answers that were no success."""
    wrk = shutil.which("wrk")
    if wrk is None:
        raise click.ClickException(_MISSING)
    script = _SCRIPT % {
        "paths": ", ".join(f'"{path}"' for path in work.paths), "token": token, "method": work.method, "seed": seed,
        "body": orjson.dumps(work.body).decode(),
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "work.lua"
        file.write_text(script)
        command = [wrk, "-t1", f"-c{clients}", f"-d{seconds:g}s", "--timeout", "15s", "-s", str(file), url]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"FIGURES (\d+) (\d+) (\d+) (\d+) (\d+)", said)
    assert found, said
    requests, microseconds, errors, p50, p99 = map(int, found.groups())
    return {
        "per_second": round(requests / (microseconds / 1e6), 1),
        "p50_ms": p50 / 1000,
        "p99_ms": p99 / 1000,
        "errors": errors,
    }

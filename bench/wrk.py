"""Runs the load generator `wrk` on a server, the paths in turn, and reads its requests a second."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from bench.processes import Server

__all__ = ["find_wrk", "requests_a_second"]

CONNECTIONS = 16
SCRIPT = """\
local paths = {%s}
local at = 0
request = function()
  at = at %% #paths + 1
  return wrk.format("GET", paths[at])
end
"""
RATE = re.compile(r"^Requests/sec:\s+([\d.]+)", re.MULTILINE)
FAULT = re.compile(r"^\s*((?:Non-2xx|Socket errors).*)", re.MULTILINE)


def find_wrk() -> str | None:
    """Where `wrk` is installed."""
    return shutil.which("wrk")


def requests_a_second(wrk: str, server: Server, paths: Sequence[str], seconds: float, scratch: Path) -> float:
    """Ask with 16 connections for that long. Raises `RuntimeError` when any answer was an error."""
    script = scratch / "paths.lua"
    # The paths are percent-encoded, so that JSON's quotation marks are Lua's too.
    script.write_text(SCRIPT % ", ".join(json.dumps(path) for path in paths), "ascii")
    command = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", "-s", str(script)]
    command.append(f"http://{server.host}:{server.port}{paths[0]}")
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    rate, fault = RATE.search(ended.stdout), FAULT.search(ended.stdout)
    if ended.returncode or not rate or fault:
        raise RuntimeError(f"wrk failed: {fault[1] if fault else ended.stderr.strip() or ended.stdout.strip()}")
    return float(rate[1])

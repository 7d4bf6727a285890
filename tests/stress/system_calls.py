"""The system calls of a process on the files below one folder, as a hook sees them before they happen.

The process must have been started with the library that `compiled` makes of `system_calls.c`.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests import ROOT

__all__ = ["Call", "compiled", "environment", "watch"]

HOOK = ctypes.CFUNCTYPE(
    ctypes.c_int,
    ctypes.c_char_p,
    ctypes.c_int,
    ctypes.c_char_p,
    ctypes.c_char_p,
    ctypes.c_void_p,
    ctypes.c_long,
    ctypes.c_long,
)
WRITING = ("write", "pwrite", "ftruncate", "fsync", "fdatasync", "rename", "unlink", "rmdir", "mkdir")


class Call(NamedTuple):
    """A call that is about to happen: `offset` is where `data` is to be written, and `size` what a file is cut to.

    `flags` are those of `open`, and `fd` is -1 where a path is named.
    """

    name: str
    fd: int
    path: str
    to: str
    data: bytes
    size: int
    offset: int
    flags: int

    @property
    def writes(self) -> bool:
        """Whether it may change what is on disk, or makes that last."""
        return self.name in WRITING or (self.name == "open" and self.flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) > 0)

    def happen_in_part(self, size: int) -> None:
        """Write only the first bytes."""
        os.pwrite(self.fd, self.data[:size], self.offset)


held: list[object] = []
"""The hook that C calls must not be collected."""


def watch(folder: Path, hook: Callable[[Call], int] | None) -> None:
    """Have the hook asked before each call on files below the folder; None ends that.

    It gives 0 to let the call happen, or the number of the error with which it is to fail.
    """

    def ask(name: bytes, fd: int, path: bytes, to: bytes, data: int, size: int, offset: int) -> int:
        assert hook
        call = name.decode().removesuffix("64")
        where = os.fsdecode(path) if path else str(Path(f"/proc/self/fd/{fd}").readlink())
        content = ctypes.string_at(data, size) if data else b""
        if call == "write":
            offset = os.lseek(fd, 0, os.SEEK_END if appends(fd) else os.SEEK_CUR)
        flags = offset if call == "open" else 0
        return hook(Call(call, fd, where, os.fsdecode(to or b""), content, size, offset, flags))

    library = ctypes.CDLL(None)
    held.append(HOOK(ask) if hook else None)
    library.watch_calls(held[-1], os.fsencode(folder))


def appends(fd: int) -> bool:
    """Whether what is written to the descriptor goes to the end of its file."""
    flags = next(line for line in Path(f"/proc/self/fdinfo/{fd}").read_text().splitlines() if line.startswith("flags"))
    return bool(int(flags.split()[1], 8) & os.O_APPEND)


def compiled(folder: Path) -> Path:
    """The library, made in the folder. Skips the test where there is no compiler of C."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if not compiler:
        pytest.skip("there is no compiler of C (cc, gcc or clang)")
    library = folder / "system_calls.so"
    source = Path(__file__).with_suffix(".c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(source), "-ldl"], check=True)
    return library


def environment(library: Path) -> dict[str, str]:
    """The environment of a process whose calls can be watched."""
    return {**os.environ, "LD_PRELOAD": str(library), "PYTHONPATH": str(ROOT)}

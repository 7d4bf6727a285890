"""What killed runs leave in the index folder, which the next run removes: by the names that ours have, nothing else."""

from __future__ import annotations

import contextlib
import re
import shutil
import stat
from pathlib import Path

from index.errors import IndexDamaged
from index.segments.files import open_regular
from index.storage.builds import BUILD, MAX_POINTER_BYTES, POINTER, POINTER_TEMPORARY
from index.storage.codec import SPILL_PREFIX, SPILL_SUFFIX
from index.storage.toc import SEGMENT_ID, SUFFIX, TOC_NAME, newest_toc, read_toc, toc_path

__all__ = ["sweep_builds", "sweep_files"]

SEGMENT_NAME = re.compile(f"MAIN_{SEGMENT_ID.pattern}{re.escape(SUFFIX)}")

TEMPORARY = re.compile(rf"{TOC_NAME.pattern}\.\d+\.\d+|{SPILL_PREFIX}[0-9a-z_]{{8}}{re.escape(SPILL_SUFFIX)}")
"""A table of contents before it is renamed, and what is merged from on file systems where each file has a name."""


def sweep_builds(root: Path) -> None:
    """Remove the builds in the index folder that no reader opens. The caller holds the lock of the index.

    Besides the live build, the one before it stays: readers may still be opening its files. One that is counted from
    generations of the live one was never published. Where the pointer can't be read, nothing is removed.
    """
    live = None
    try:
        with open_regular(root / POINTER) as file:
            # Also the pointer of another version, or a damaged one, may name what is of use to somebody.
            live = BUILD.search(file.read(MAX_POINTER_BYTES).decode("utf-8", "replace"))
        if not live:
            return
    except FileNotFoundError:
        pass
    except (IndexDamaged, OSError):
        return
    remove(root / POINTER_TEMPORARY)
    builds = sorted((int(found[1]), path) for path in root.glob("build-*") if (found := BUILD.fullmatch(path.name)))
    before = [path for base, path in builds if live and base < int(live[1])]
    for _, path in builds:
        kept = path in before[-1:] or (live and path.name == live[0])
        if not kept and stat.S_ISDIR(path.lstat().st_mode):  # of what only bears the name, `rmtree` may wait for ever
            shutil.rmtree(path, ignore_errors=True)


def sweep_files(folder: Path) -> None:
    """Remove the files in the folder of a build that its newest commit does not name.

    The caller holds Whoosh's lock of the build as well, as another writer of Whoosh's may be about to name them. Raises
    what `read_toc` raises.
    """
    toc = read_toc(folder, newest_toc(folder))
    named = {toc_path(folder, toc.number), *(segment.path(folder) for segment in toc.segments)}
    for path in folder.iterdir():
        ours = any(form.fullmatch(path.name) for form in (TEMPORARY, TOC_NAME, SEGMENT_NAME))
        if ours and path not in named:
            remove(path)


def remove(path: Path) -> None:
    """Remove the file, if it is there and the system lets us: a run goes on without."""
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)

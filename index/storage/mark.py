"""The mark of damage, a file in the index folder: whoever finds the index damaged leaves it there.

It lasts until a writer has looked at all files anew, and built the index anew where one is damaged. A watcher sees it
within a second, and the health report tells of it.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

__all__ = ["is_marked", "mark_damaged", "unmark"]

MARK_NAME = "damage.txt"


def mark_damaged(root: Path, reason: object) -> None:
    """Leave the mark with the reason as its text, unless there is one or nothing may be written to the index folder."""
    path = root / MARK_NAME
    if not is_marked(root):
        for remove in (
            path.unlink,
            path.rmdir,
        ):  # a pipe, a link to nothing, or a folder
            with suppress(OSError):
                remove()
    with suppress(OSError), path.open("x", encoding="utf-8", errors="replace") as file:
        file.write(f"{reason}\n")


def is_marked(root: Path) -> bool:
    """Whether damage is known that has not been looked into."""
    return (root / MARK_NAME).is_file()


def unmark(root: Path) -> None:
    """Take the mark away."""
    with suppress(OSError):
        (root / MARK_NAME).unlink()

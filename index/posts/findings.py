"""What is wrong with a post without stopping it from being indexed: a sentence, and where in the file."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Finding"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark on a post; `line` and `column` count from 1 in the file, 0 where no place can be named."""

    message: str
    line: int = 0
    column: int = 0

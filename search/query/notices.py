"""What is told of a query, as data that is put into words where the language of who reads it is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from search.sentences import ENGLISH, Sentences

__all__ = ["Notice"]


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence, by its code, which is its name among the `notices` of the tables, and what fills its gaps."""

    code: str
    params: Mapping[str, str | int] = field(default_factory=dict)

    def text(self, say: Sentences = ENGLISH) -> str:
        """The sentence in words."""
        return say(self.code, **self.params)

    def to_dict(self) -> dict[str, Any]:
        """As JSON answers hold it."""
        return {"code": self.code, "params": dict(self.params)}

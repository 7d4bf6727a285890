"""Where the memory engine keeps its documents: one store a folder, for as long as the process lives."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from index.schema import Document

__all__ = ["STORES", "Store"]


@dataclass(frozen=True, slots=True)
class Store:
    """One commit: the documents by id, the generation and when it was made."""

    documents: dict[str, Document] = field(default_factory=dict)
    generation: int = 0
    updated_at: datetime = field(default_factory=lambda: datetime.now(UTC))


STORES: dict[Path, Store] = {}
"""The newest commit by the index folder of the settings."""

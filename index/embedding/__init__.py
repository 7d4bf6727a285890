"""Embeddings: what a text means, as a vector; texts of like meaning have vectors of like direction.

Here is the contract of a model, and the model that the setting `meaning` names. Nothing else is imported before one is
named.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cache

import numpy as np
from numpy.typing import NDArray

from index.errors import SettingsError

__all__ = ["Embedder", "open_embedder"]


class Embedder(ABC):
    """Embeds texts; the same text always has the same vector. Can be pickled, and shared between threads."""

    @property
    @abstractmethod
    def id(self) -> bytes:
        """16 bytes that tell the model from any other."""

    @property
    @abstractmethod
    def size(self) -> int:
        """How many numbers a vector has."""

    @abstractmethod
    def embed(self, text: str) -> NDArray[np.float32]:
        """The vector of a text [size], of length 1; zeros where it holds no word that the model knows."""


@cache
def open_embedder(name: str) -> Embedder | None:
    """The model that the setting `meaning` names: "wordllama" or a folder; None for "". Opened once in a process.

    Raises `SettingsError` where it can't be used.
    """
    if not name:
        return None
    try:
        from index.embedding.static import StaticEmbedder  # packages that only this setting needs

        return StaticEmbedder(name)
    except ModuleNotFoundError as error:
        raise SettingsError(f"meaning: {name!r} needs {error.name}; run `pip install 'postsearch[meaning]'`") from error

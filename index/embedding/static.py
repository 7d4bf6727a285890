"""Static word vectors: the vector of a text is the mean of those of its tokens, as in WordLlama and Model2Vec."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load
from tokenizers import Tokenizer

from index.embedding import Embedder, open_embedder
from index.errors import SettingsError

__all__ = ["StaticEmbedder"]

WORDLLAMA = "wordllama"
WORDLLAMA_FILES = "weights/l2_supercat_256.safetensors", "tokenizers/l2_supercat_tokenizer_config.json"
MODEL2VEC_FILES = "model.safetensors", "tokenizer.json"
"""The vectors of all tokens and the tokenizer, in the package wordllama and in the folder of a Model2Vec model."""

MAX_LETTERS = 40
LETTER_RUN = re.compile(rf"[^\W\d_]{{1,{MAX_LETTERS}}}")
"""Numbers mean nothing here; a script without blanks is cut anywhere, which bounds the work of the tokenizer."""

MAX_CACHED_WORDS = 1 << 16
"""Words whose tokens are kept, since posts share most of theirs: finding them takes nearly all of the time."""


class StaticEmbedder(Embedder):
    """The vectors of a model's files, which are read once: some tens of megabytes in memory."""

    def __init__(self, name: str) -> None:
        """`name` is that of the setting. Raises `SettingsError`, and `ModuleNotFoundError` for a missing package."""
        self._name = name
        if name == WORDLLAMA:
            package = find_spec(WORDLLAMA)
            if package is None or package.origin is None:
                raise ModuleNotFoundError(name=WORDLLAMA)
            # The package's own loader asks the network for a tokenizer that lies in it.
            folder, files = Path(package.origin).parent, WORDLLAMA_FILES
        else:
            folder, files = Path(name), MODEL2VEC_FILES
        try:
            weights, tokenizer = ((folder / file).read_bytes() for file in files)
            self._vectors = token_vectors(load(weights))
            self._tokenizer = Tokenizer.from_buffer(tokenizer)
        except (OSError, ValueError, IndexError, SafetensorError) as error:
            raise unusable(name, error) from error
        if self._tokenizer.get_vocab_size() > len(self._vectors):
            raise unusable(name, "it has fewer vectors than tokens")
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        unknown = getattr(self._tokenizer.model, "unk_token", None)
        self._unknown = self._tokenizer.token_to_id(unknown) if unknown else None
        self._id = blake2b(weights + tokenizer, digest_size=16).digest()
        self._tokens: Callable[[str], tuple[int, ...]] = lru_cache(MAX_CACHED_WORDS)(self._tokens_of)

    @property
    def id(self) -> bytes:
        return self._id

    @property
    def size(self) -> int:
        return len(self._vectors[0])

    def embed(self, text: str) -> NDArray[np.float32]:
        words = Counter(LETTER_RUN.findall(text))
        tokens = [self._tokens(word) for word in words]
        counts = np.repeat(np.array([*words.values()], np.float32), [len(found) for found in tokens])
        total = np.bincount(np.array([*chain.from_iterable(tokens)], np.int64), counts, len(self._vectors))
        rows = np.flatnonzero(total)
        vector = total[rows].astype(np.float32) @ self._vectors[rows]
        length = np.linalg.norm(vector)
        return vector / length if length else vector

    def _tokens_of(self, word: str) -> tuple[int, ...]:
        """The tokens of a word, but for those that stand for what the model does not know."""
        tokens = self._tokenizer.encode(word, add_special_tokens=False).ids
        return tuple(token for token in tokens if token != self._unknown)

    def __reduce__(self) -> tuple[Callable[[str], Embedder | None], tuple[str]]:
        return open_embedder, (self._name,)


def token_vectors(tensors: dict[str, NDArray[Any]]) -> NDArray[np.float32]:
    """The vector of each token. Raises `ValueError` where the tensors hold none.

    Model2Vec may let tokens share rows (`mapping`) and weigh each (`weights`).
    """
    matrices = [tensor for tensor in tensors.values() if tensor.ndim == 2]
    if len(matrices) != 1 or not matrices[0].size or not np.isfinite(matrices[0]).all():
        raise ValueError("it does not hold one table of numbers")
    vectors: NDArray[np.float32] = matrices[0].astype(np.float32)
    if "mapping" in tensors:
        vectors = vectors[tensors["mapping"]]
    if "weights" in tensors:
        vectors = vectors * tensors["weights"].astype(np.float32)[:, np.newaxis]
    return vectors


def unusable(name: str, reason: object) -> SettingsError:
    return SettingsError(
        f"meaning: {name!r} can't be used ({reason}); give `wordllama`, or a folder that holds the files "
        f"{' and '.join(MODEL2VEC_FILES)} of a Model2Vec model"
    )

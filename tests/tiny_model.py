"""A Model2Vec model made by hand, small enough to reckon with."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["MEANINGS", "write_model", "write_tensors"]

MEANINGS = {
    "bread": (1, 0, 0), "loaf": (1, 0, 0), "baking": (1, 0.2, 0), "oven": (1, 0.1, 0),
    "rain": (0, 1, 0), "water": (0, 1, 0), "garden": (0, 1, 0.2), "plants": (0, 1, 0.1),
    "note": (0, 0, 1), "week": (0, 0, 1),
}  # fmt: skip
"""Words with their vectors: of bread, of water, and of neither."""


def write_model(folder: Path, words: Mapping[str, Sequence[float]] = MEANINGS) -> str:
    """A model that knows these words, at this folder: as the setting `meaning` names it."""
    folder.mkdir(exist_ok=True)
    vocabulary = {"[UNK]": 0} | {word: number for number, word in enumerate(words, start=1)}
    tokenizer: dict[str, object] = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": {"type": "Lowercase"},
        "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": None,
        "decoder": None,
        "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "[UNK]"},
    }
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    unknown = [9.0] * len(next(iter(words.values())))  # what would be noticed
    write_tensors(folder, embeddings=np.array([unknown, *words.values()], np.float32))
    return str(folder)


def write_tensors(folder: Path, **tensors: NDArray[np.generic]) -> None:
    """The tensors as the file of a model: a header in JSON with its length before it, then the numbers."""
    names = {"float32": "F32", "int64": "I64"}
    header, data = {}, b""
    for name, tensor in tensors.items():
        offsets = [len(data), len(data) + tensor.nbytes]
        header[name] = {"dtype": names[tensor.dtype.name], "shape": tensor.shape, "data_offsets": offsets}
        data += tensor.tobytes()
    packed = json.dumps(header).encode()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(packed)) + packed + data)

"""Models are read from their files, without a network, and said to be unusable where they are."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from index.embedding import open_embedder
from index.errors import SettingsError
from tests.tiny_model import write_model, write_tensors

pytest.importorskip("tokenizers", reason="the extra `meaning` is not installed")
pytest.importorskip("safetensors", reason="the extra `meaning` is not installed")


def test_the_vector_of_a_text_is_the_mean_of_its_words_and_has_length_1(tmp_path: Path) -> None:
    embedder = open_embedder(write_model(tmp_path, {"one": (3, 0), "two": (0, 4)}))

    assert embedder
    assert embedder.size == 2
    assert embedder.embed("One") == pytest.approx([1, 0])
    assert embedder.embed("one, two") == pytest.approx([0.6, 0.8])
    assert embedder.embed("two one one one two ONE") == pytest.approx([12 / 208**0.5, 8 / 208**0.5])


@pytest.mark.parametrize("text", ["", "three", "1 2 3 !?", "three \ud800 four", "x" * 100_000])
def test_what_the_model_does_not_know_has_no_vector(tmp_path: Path, text: str) -> None:
    embedder = open_embedder(write_model(tmp_path, {"one": (3, 0)}))

    assert embedder
    assert embedder.embed(text).tolist() == [0, 0]


def test_tokens_may_share_rows_and_weigh_more_or_less(tmp_path: Path) -> None:
    name = write_model(tmp_path, {"one": (0, 0), "two": (0, 0), "three": (0, 0)})
    vectors = np.array([[1, 0], [0, 1]], np.float32)
    mapping, weights = np.array([0, 0, 1, 1]), np.array([1, 2, 1, 3], np.float32)
    write_tensors(tmp_path, embeddings=vectors, mapping=mapping, weights=weights)

    embedder = open_embedder(name)

    assert embedder
    assert embedder.embed("one two") == pytest.approx([2 / 5**0.5, 1 / 5**0.5])
    assert embedder.embed("one three") == pytest.approx([2 / 13**0.5, 3 / 13**0.5])


def test_another_process_opens_the_same_model_by_its_name(tmp_path: Path) -> None:
    embedder = open_embedder(write_model(tmp_path))

    assert pickle.loads(pickle.dumps(embedder)) is embedder


def test_models_differ_by_what_is_in_their_files(tmp_path: Path) -> None:
    names = [write_model(tmp_path / "a"), write_model(tmp_path / "b"), write_model(tmp_path / "c", {"one": (1, 0)})]
    first, same, other = (embedder.id for name in names if (embedder := open_embedder(name)))

    assert len(first) == 16
    assert first == same != other


def no_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()


def bad_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").write_bytes(b'{"version": "1.0"}\xff')


def bad_tensors(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"\xff" * 40)


def few_vectors(folder: Path) -> None:
    write_tensors(folder, embeddings=np.ones((3, 2), np.float32))


def no_vectors(folder: Path) -> None:
    write_tensors(folder, weights=np.ones(11, np.float32))


def no_numbers(folder: Path) -> None:
    write_tensors(folder, embeddings=np.full((11, 3), np.nan, np.float32))


def rows_that_are_not_there(folder: Path) -> None:
    write_tensors(folder, embeddings=np.ones((2, 2), np.float32), mapping=np.full(11, 7))


@pytest.mark.parametrize(
    "spoil", [no_tokenizer, bad_tokenizer, bad_tensors, few_vectors, no_vectors, no_numbers, rows_that_are_not_there]
)
def test_a_folder_without_a_model_is_told(tmp_path: Path, spoil: object) -> None:
    name = write_model(tmp_path)
    assert callable(spoil)
    spoil(tmp_path)

    with pytest.raises(SettingsError, match=r"meaning: .*can't be used .*model\.safetensors and tokenizer\.json"):
        open_embedder(name)


def test_wordllama_lies_in_its_package() -> None:
    pytest.importorskip("wordllama", reason="the extra `meaning` is not installed")
    embedder = open_embedder("wordllama")

    assert embedder
    bread, loaf, car = map(embedder.embed, ("bread", "a loaf from the oven", "the engine of a car"))
    assert bread @ loaf > bread @ car
    assert bread @ bread == pytest.approx(1)

"""The tree of errors: its one base, and what each error carries."""

from __future__ import annotations

import pytest

from index import errors
from index.errors import IndexBusy, IndexFault, ParameterError, PostError, PostSearchError

CLASSES = [kind for name in errors.__all__ if issubclass(kind := getattr(errors, name), Exception)]


@pytest.mark.parametrize("kind", CLASSES)
def test_one_base_catches_every_error(kind: type[Exception]) -> None:
    assert issubclass(kind, PostSearchError)


def test_index_faults_are_caught_together() -> None:
    with pytest.raises(IndexFault, match="another process"):
        raise IndexBusy("another process writes to it")


def test_a_post_error_keeps_the_place() -> None:
    error = PostError("the header has no end", line=3, column=7)

    assert (error.message, error.line, error.column, str(error)) == ("the header has no end", 3, 7, error.message)


def test_a_post_error_without_a_place_is_about_the_whole_file() -> None:
    error = PostError("not text")

    assert (error.line, error.column) == (0, 0)


def test_a_parameter_error_keeps_its_code_beside_the_message() -> None:
    error = ParameterError("invalid_page", "page: 0 is less than 1")

    assert (error.code, error.message, str(error)) == ("invalid_page", "page: 0 is less than 1", error.message)

"""The tree of errors: its shape, its picture in the docstring, and what each error carries."""

from __future__ import annotations

import re

import pytest

from index import errors
from index.errors import IndexBusy, IndexFault, ParameterError, PostError, PostSearchError

CLASSES = [getattr(errors, name) for name in errors.__all__]


@pytest.mark.parametrize("kind", CLASSES)
def test_one_base_catches_every_error(kind: type[Exception]) -> None:
    assert issubclass(kind, PostSearchError)


@pytest.mark.parametrize("kind", CLASSES)
def test_an_error_says_what_it_stands_for(kind: type[Exception]) -> None:
    assert (kind.__doc__ or "").strip()


def test_the_docstring_draws_every_error_below_its_parent() -> None:
    """The picture is read from the indentation: a name four columns further in belongs to the name above it."""
    drawn: dict[str, str] = {}
    parents: dict[int, str] = {}
    for line in (errors.__doc__ or "").splitlines():
        if match := re.match(r"([│├└─ ]*)([A-Z]\w+)(?:$|\s{2,})", line):
            depth = len(match[1]) // 4
            parents[depth] = match[2]
            drawn[match[2]] = parents.get(depth - 1, "Exception")

    assert drawn == {kind.__name__: kind.__bases__[0].__name__ for kind in CLASSES}


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

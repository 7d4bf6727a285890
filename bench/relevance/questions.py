"""Questions as readers would type them, each with the posts that answer it; written by hand, in `questions.tsv`."""

from __future__ import annotations

import csv
from pathlib import Path

from bench.relevance.cases import Case, words

__all__ = ["QUESTIONS", "question_cases"]

QUESTIONS = Path(__file__).with_name("questions.tsv")
"""A row a question: the collection, the text, and the ids of posts that answer it equally well, between spaces."""


def question_cases(collection: str, path: Path = QUESTIONS) -> list[Case]:
    """The questions about the posts of this collection."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["collection"] == collection]
    return [
        Case(collection, row["question"], words(row["question"]), dict.fromkeys(row["posts"].split(), 1))
        for row in rows
    ]

"""Collections with judgements: their documents as post files, and their questions with the posts that answer them.

A collection is a folder with `corpus.jsonl` and `queries.jsonl`, an object with `_id` a line, and `qrels.tsv`, whose
rows name a question, a document and how well the one answers the other.
"""

from __future__ import annotations

import csv
import html
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.relevance.cases import Case, words

__all__ = ["judged_cases", "write_collection"]

SUFFIX = ".html"


def write_collection(source: Path, posts: Path) -> None:
    """Write each document as a post, its id as its name: in HTML, in which every text stays as it is."""
    posts.mkdir(parents=True)
    for document in lines(source / "corpus.jsonl"):
        header = {"title": document["title"], "author": document.get("metadata", {}).get("author", "")}
        head = "".join(f"{name}: {json.dumps(text)}\n" for name, text in header.items() if text)
        body = f"<p>{html.escape(document['text'])}</p>"
        (posts / f"{document['_id']}{SUFFIX}").write_text(f"---\n{head}---\n{body}\n", "utf-8")


def judged_cases(source: Path) -> list[Case]:
    """The questions that some document answers."""
    right: dict[str, dict[str, int]] = {}
    with (source / "qrels.tsv").open(encoding="utf-8", newline="") as file:
        for judgement in csv.DictReader(file, delimiter="\t"):
            if (grade := int(judgement["score"])) > 0:
                right.setdefault(judgement["query-id"], {})[judgement["corpus-id"] + SUFFIX] = grade
    asked = {question["_id"]: question["text"] for question in lines(source / "queries.jsonl")}
    return [Case(source.name, text, words(text), right[id]) for id, text in asked.items() if id in right]


def lines(path: Path) -> Iterator[Any]:
    """The objects of a file that holds one a line."""
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)

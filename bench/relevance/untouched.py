"""What the mending of misspellings must leave alone: questions that are asked right, and real words that are rare.

Ours alone is asked, with mending and without, and what differs is counted in thousandths of the cases.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from pathlib import Path

from ir_measures import nDCG

from bench.peers import OURS
from bench.questions import SEED
from bench.relevance.cases import Answer, Case, Measures, Row, make_row, words
from bench.relevance.collections import judged_cases
from bench.relevance.known_items import known_item_cases
from bench.relevance.questions import question_cases
from bench.relevance.report import Part, make_part
from index import Document
from search import Search

__all__ = ["ask_twice", "inflections", "untouched_cases", "untouched_part"]

GAIN = Measures((nDCG @ 10,), 10)
RARE_POSTS = range(1, 4)
INFLECTED_POSTS = range(2, 21)
"""In how many posts a word stands that is inflected: not a word such as *from*, and no slip of one author."""

WORDS_A_CASE = 10
"""How many real words are drawn where one case of another kind is."""

WORD = re.compile(r"\b[^\W\d_]\w{2,}\b")
ADJECTIVE = re.compile(r".+(?:al|(?<!m)ent|ful|ive|less|ous)")
HISSING = re.compile(r".+(?:ss|x|z|ch|sh)")
INFLECTED = re.compile(r".+(?:(?<!s)s|ed|ing|ly|y)")


def untouched_cases(source: Path, documents: Sequence[Document], count: int, seed: int = SEED) -> list[Case]:
    """Judged questions of a collection in `ir`, else known items and questions by hand; and words of its posts."""
    judged = source.parent.name == "ir"
    asked = {
        "judged questions": judged_cases(source) if judged else [],
        "known items": [] if judged else known_item_cases(documents, count, seed),
        "questions by hand": [] if judged else question_cases(source.name),
    }
    return [
        *(replace(case, kind=kind) for kind, cases in asked.items() for case in cases),
        *real_words(documents, count * WORDS_A_CASE, seed),
    ]


def real_words(documents: Sequence[Document], count: int, seed: int) -> list[Case]:
    """At most so many words that one to three posts hold, as written there, and inflections that none holds."""
    posts: dict[str, dict[str, int]] = {}
    written: dict[str, str] = {}
    for document in documents:
        for word in WORD.findall(f"{document.title} {document.body}"):
            posts.setdefault(word.lower(), {})[document.id] = 1
            written.setdefault(word.lower(), word)
    rare = [(written[word], right) for word, right in posts.items() if len(right) in RARE_POSTS]
    inflected = {
        other: right
        for word, right in posts.items()
        if len(right) in INFLECTED_POSTS
        for other in inflections(word, posts.keys())
        if other not in posts
    }
    kinds = {"rare words": rare, "inflections": list(inflected.items())}
    return [
        Case(kind, text, words(text), right)
        for kind, found in kinds.items()
        for text, right in random.Random(f"{seed} {kind}").sample(found, min(count, len(found)))
    ]


def inflections(word: str, held: Set[str]) -> Iterator[str]:
    """The regular forms of a word of four letters and more; of a verb those beside which posts hold the other one."""
    if not re.fullmatch(r"[a-z]{4,}", word) or word.endswith("ee"):
        return
    if ADJECTIVE.fullmatch(word):
        yield word + "ly"
    elif not INFLECTED.fullmatch(word):
        yield word + ("es" if HISSING.fullmatch(word) else "s")
    stem, past = (word[:-1], word + "d") if word.endswith("e") else (word, word + "ed")
    if stem + "ing" in held and not word.endswith("y"):
        yield past
    if past in held:
        yield stem + "ing"


def ask_twice(collection: str, service: Search, cases: Sequence[Case]) -> Iterator[Answer]:
    """What ours finds for each case; `clean` is the same with no misspellings mended."""
    for case in cases:
        as_typed = service.run(case.text, per_page=GAIN.hits, typos=False)
        started = time.perf_counter()
        results = service.run(case.text, per_page=GAIN.hits)
        milliseconds = 1000 * (time.perf_counter() - started)
        found, clean = (tuple(hit.id for hit in one.hits) for one in (results, as_typed))
        typed = Answer(collection, OURS, case, clean, as_typed.processing_ms)
        yield Answer(collection, OURS, case, found, milliseconds, typed, results.corrected)


def untouched_row(kind: str, collection: str, answers: Sequence[Answer]) -> Row:
    """How many of a thousand answers mending changes or makes worse (nDCG of ten hits), and how many it says it did."""
    pairs = [(answer, answer.clean) for answer in answers if answer.clean]
    changed = [(answer, clean) for answer, clean in pairs if answer.found != clean.found]
    counts = {
        "first ten": len(changed),
        "first": sum(answer.found[:1] != clean.found[:1] for answer, clean in changed),
        "worse": sum(gain(answer) < gain(clean) for answer, clean in changed),
        "corrected": sum(answer.corrected is not None for answer in answers),
    }
    shares = {f"{name} ‰": 1000 * number / len(answers) for name, number in counts.items()}
    return replace(make_row(kind, collection, answers, GAIN), measures=shares)


def gain(answer: Answer) -> float:
    return make_row("", "", [answer], GAIN).measures[str(nDCG @ 10)]


def untouched_part(name: str, answers: Sequence[Answer]) -> Part:
    """The rows of these answers; `missed` are those that mending changed."""
    changed = [one for one in answers if one.corrected is not None or (one.clean and one.found != one.clean.found)]
    return replace(make_part(name, answers, untouched_row), missed=changed)

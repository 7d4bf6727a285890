"""Measure how well what people type finds what they mean, beside Whoosh, SQLite FTS5 and Tantivy, in one run.

DATA is a folder with collections of judged questions in `ir` and of posts in `posts`; without it, it is the folder that
POSTSEARCH_TEST_DATA names. Nothing in it is changed.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from bench.__main__ import folder, named, positive
from bench.corpus import read_documents
from bench.peers import OURS, Ranker, kinds_of_peer
from bench.questions import SEED
from bench.record import RESULTS
from bench.relevance.cases import JUDGED, KNOWN, NEIGHBOURS, PAGE, Answer, Case, Measures, ask, make_row
from bench.relevance.collections import judged_cases, write_collection
from bench.relevance.copied import copied_cases
from bench.relevance.engines import FUZZY, RANKERS, built, ours
from bench.relevance.known_items import known_item_cases, title_cases
from bench.relevance.languages import language_cases
from bench.relevance.misspellings import misspelled_cases
from bench.relevance.questions import question_cases
from bench.relevance.report import keep, make_part, markdown, terminal
from bench.relevance.similar import similar_cases
from bench.relevance.untouched import GAIN, ask_twice, untouched_cases, untouched_part
from index import Settings
from search import Search

__all__ = ["main"]

PARTS: Mapping[str, tuple[str, Measures]] = {
    "collections": ("Collections with judgements", JUDGED),
    "known": ("Known items: what is left of a post in memory", KNOWN),
    "questions": ("Questions by hand", KNOWN),
    "misspelled": ("Misspelled: words of a title of which one is written wrong", KNOWN),
    "untouched": ("Untouched: asked right, of a thousand what mending changes", GAIN),
    "copied": ("Copied from posts: a post that holds it", PAGE),
    "languages": ("Known items in the languages of the posts", KNOWN),
    "titles": ("Every title of a collection of posts, which ours alone is asked", KNOWN),
    "similar": ("Posts like one, for which ours alone is asked", NEIGHBOURS),
}
"""The parts with what is asked and how it is measured."""

OF_ALL = ("misspelled", "untouched")
"""The parts that ask about judged collections and posts alike."""

MAX_LOST = 100
"""How many titles that do not find their posts are printed; all of them are kept."""


def main(arguments: Sequence[str] | None = None, results: Path = RESULTS) -> None:
    """Measure, print the tables and keep the figures in this folder."""
    options = parser().parse_args(arguments)
    data = options.data or os.environ.get("POSTSEARCH_TEST_DATA")
    if not data:
        raise SystemExit("relevance: name the folder with the collections, or set POSTSEARCH_TEST_DATA to it")
    installed, notes = kinds_of_peer(options.peers)
    kinds = [kind for kind in installed if issubclass(kind, Ranker)]
    for note in notes:
        say(note)
    names = {OURS: OURS, **{kind.key: kind.name for kind in kinds}}
    answers: dict[str, list[Answer]] = {part: [] for part in PARTS}
    for collection in sorted([*Path(data, "ir").glob("*/"), *Path(data, "posts").glob("*/")]):
        if options.collections and collection.name not in options.collections:
            continue
        with tempfile.TemporaryDirectory(prefix="postsearch-relevance-") as temporary:
            scratch = Path(temporary, collection.name)
            scratch.mkdir(mode=0o700)
            for part, found in measured(collection, scratch, kinds, options):
                answers[part] += found
    parts = [
        untouched_part(PARTS[part][0], found)
        if part == "untouched"
        else make_part(PARTS[part][0], found, partial(make_row, measures=PARTS[part][1]))
        for part, found in answers.items()
        if found
    ]
    if not parts:
        raise SystemExit(f"relevance: there is nothing to ask in {data}; it should hold ir/NAME or posts/NAME")
    asked = {
        "only": options.only,
        "sample": options.sample,
        "seed": options.seed,
        "peers": [kind.key for kind in kinds],
    }
    print("\n" + (markdown if options.markdown else terminal)(parts, names), flush=True)
    touched = [one for part in parts if part.name == PARTS["untouched"][0] for one in part.missed if one.corrected]
    for answer in touched[:MAX_LOST]:
        print(f"- {answer.collection}: {answer.case.text!r} is taken for {answer.corrected!r}")
    lost = [answer for part in parts if part.name == PARTS["titles"][0] for answer in part.missed]
    for answer in lost[:MAX_LOST]:
        print(f"- {answer.collection}: {answer.case.text!r} finds {', '.join(answer.found[:1]) or 'nothing'} first")
    say(f"\nkept in {keep(parts, names, asked, results)}")


def measured(
    source: Path, scratch: Path, kinds: Sequence[type[Ranker]], options: argparse.Namespace
) -> Iterator[tuple[str, Sequence[Answer]]]:
    """The answers about one collection, by part."""
    judged = source.parent.name == "ir"
    parts = [part for part in options.only if part in OF_ALL or (part == "collections") == judged]
    if not parts:
        return
    say(f"reading {source}")
    posts = scratch / "posts" if judged else source
    if judged:
        write_collection(source, posts)
    documents = list(read_documents(Settings(posts=posts)))
    cases: dict[str, Callable[[], list[Case]]] = {
        "collections": lambda: judged_cases(source),
        "known": lambda: known_item_cases(documents, options.sample, options.seed),
        "misspelled": lambda: misspelled_cases(documents, source.parents[1] / "ir", options.sample, options.seed),
        "questions": lambda: question_cases(source.name),
        "untouched": lambda: untouched_cases(source, documents, options.sample, options.seed),
        "copied": lambda: copied_cases(documents, posts, options.sample, options.seed),
        "languages": lambda: language_cases(documents, options.sample),
        "titles": lambda: title_cases(documents),
        "similar": lambda: similar_cases(documents),
    }
    drawn = {part: asked for part in parts if (asked := cases[part]())}
    say(f"indexing {len(documents):,} posts with {len(kinds) + 1} engines")
    with built(posts, documents, kinds, scratch) as engines:
        for part, asked in drawn.items():
            if part == "untouched":
                say(f"asking {OURS} {len(asked):,} times with mending and without: {part} of {source.name}")
                with closing(Search(ours(posts, scratch))) as service:
                    yield part, list(ask_twice(source.name, service, asked))
                continue
            others = (
                []
                if part in {"titles", "similar"}
                else [one for one in engines[1:] if one.key != FUZZY or part == "misspelled"]
            )
            for engine in [engines[0], *others]:
                say(f"asking {engine.name} {len(asked):,} times: {part} of {source.name}")
                yield part, list(ask(source.name, engine, asked, PARTS[part][1].hits))


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def parser() -> argparse.ArgumentParser:
    parts = "\n".join(f"  {name:13}{what}" for name, (what, _) in PARTS.items())
    flags = argparse.ArgumentParser(
        prog="python -m bench.relevance",
        description=__doc__,
        epilog=f"parts:\n{parts}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    flags.add_argument("data", nargs="?", type=folder, metavar="DATA", help="the folder of collections")
    flags.add_argument(
        "--only", type=partial(named, PARTS), default=tuple(PARTS), metavar="PART,PART", help="measure these parts"
    )
    flags.add_argument(
        "--collections", type=lambda text: text.split(","), metavar="NAME,NAME", help="ask about these alone"
    )
    flags.add_argument(
        "--peers",
        type=partial(named, RANKERS),
        default=RANKERS,
        metavar="PEER,PEER",
        help=f"of {', '.join(RANKERS)}; none with ''",
    )
    flags.add_argument(
        "--sample", type=positive, default=50, metavar="N", help="cases of a kind drawn from each collection (50)"
    )
    flags.add_argument("--seed", type=positive, default=SEED, metavar="N", help=f"draw other cases ({SEED})")
    flags.add_argument("--markdown", action="store_true", help="print the tables as they stand in the docs")
    return flags


if __name__ == "__main__":
    main()

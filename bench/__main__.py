"""Measure postsearch beside Whoosh, SQLite FTS5, Tantivy and Xapian: the same posts, the same questions, one run.

Without POSTS it takes real posts from the folder that POSTSEARCH_TEST_DATA names, and makes some up where there are
none. Posts are copied first and never changed. An engine that is not installed is left out with a line.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from bench.corpus import write_posts
from bench.figures import Figure
from bench.parts import growth, hits, http, keys, kinds, load, reindex, saves, start
from bench.peers import ASKED_FOR, OURS, PEERS, kinds_of_peer
from bench.record import keep, new_record, publish
from bench.stand import Plan, Stand
from bench.table import PARTS, terminal

__all__ = ["main"]

REAL = ("posts/twir", "posts/cpp-docs")
MEASURES: Mapping[str, Callable[[Stand], Iterator[Figure]]] = {
    "hits": hits.measure,
    "kinds": kinds.measure,
    "reindex": reindex.measure,
    "keys": keys.measure,
    "start": start.measure,
    "http": http.measure,
    "load": load.measure,
    "saves": saves.measure,
    "growth": growth.measure,
}
"""The parts in the order in which they run: one that changes posts comes after those that need them as they were."""

SIZES = (1_000, 10_000, 100_000)
COMPARED = ("hits", "kinds", "reindex")
"""The parts that are measured with each folder of the default; the others are with the last, which is the largest."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print the tables and keep the figures."""
    options = parser().parse_args(arguments)
    engines, missing = kinds_of_peer([OURS, *options.peers])
    plan = Plan(tuple(engines), options.questions, options.rounds, options.saves, options.budget, options.sizes)
    for line in missing:
        plan.say(line)
    figures: list[Figure] = []
    failed: list[str] = []
    notes, questions = {"engines": missing}, {}
    with tempfile.TemporaryDirectory(prefix="postsearch-bench-") as scratch:
        places = folders(options.posts, options.made_up, Path(scratch))
        for place in places:
            parts = [part for part in MEASURES if part in options.only and (place == places[-1] or part in COMPARED)]
            if not parts:
                continue
            stand = Stand(place, Path(scratch, f"stand-{place.name}"), plan)
            try:
                figures += measured(stand, parts, notes, failed)
                questions[stand.corpus.name] = [question.text for question in stand.corpus.questions]
            except ValueError as error:
                raise SystemExit(f"bench: {error}") from error
            finally:
                stand.close()
    record = new_record({engine.key: engine.name for engine in engines}, questions, notes, figures)
    lines = [f"- {note}" for part in notes.values() for note in part]
    print(f"\n{terminal(figures, record.engines)}\n", *lines, sep="\n", flush=True)
    plan.say(f"kept in {keep(record)}")
    if options.publish and failed:
        raise SystemExit(f"bench: not published, since {', '.join(failed)} failed")
    if options.publish:
        publish(record)


def measured(stand: Stand, parts: Sequence[str], notes: dict[str, list[str]], failed: list[str]) -> Iterator[Figure]:
    """The figures of these parts; one that fails is noted, and the next one is measured all the same."""
    for part in parts:
        stand.plan.say(f"\n{PARTS[part]}: {stand.corpus}")
        try:
            yield from MEASURES[part](stand)
        except Exception as error:
            stand.note(f"{part} with {stand.corpus.name} failed: {type(error).__name__}: {error}")
            failed.append(part)
        notes.setdefault(part, []).extend(stand.notes)
        stand.notes.clear()


def folders(given: Path | None, made_up: int, scratch: Path) -> list[Path]:
    """The folders to measure with, the largest last."""
    if given:
        return [given]
    data = os.environ.get("POSTSEARCH_TEST_DATA")
    real = [Path(data, name) for name in REAL if Path(data, name).is_dir()] if data else []
    if not real:
        write_posts(scratch / "made-up", made_up)
    return real or [scratch / "made-up"]


def parser() -> argparse.ArgumentParser:
    parts = "\n".join(f"  {name:9}{what}" for name, what in PARTS.items())
    flags = argparse.ArgumentParser(
        prog="python -m bench",
        description=__doc__,
        epilog=f"parts:\n{parts}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    flags.add_argument("posts", nargs="?", type=folder, metavar="POSTS", help="the folder of posts")
    flags.add_argument(
        "--only", type=partial(named, PARTS), default=tuple(PARTS), metavar="PART,PART", help="measure these parts"
    )
    flags.add_argument(
        "--peers",
        type=partial(named, (*PEERS[1:], *ASKED_FOR)),
        default=PEERS[1:],
        metavar="PEER,PEER",
        help=f"of {', '.join(PEERS[1:])}, and {', '.join(ASKED_FOR)} where it is named; none with ''",
    )
    flags.add_argument("--questions", type=positive, default=96, metavar="N", help="how many are asked (96)")
    flags.add_argument("--rounds", type=positive, default=7, metavar="N", help="how often each is asked (7)")
    flags.add_argument("--saves", type=positive, default=100, metavar="N", help="how many posts are saved (100)")
    flags.add_argument("--sizes", type=sizes, default=SIZES, metavar="N,N", help="of the growth (1000,10000,100000)")
    flags.add_argument(
        "--budget", type=float, default=60.0, metavar="SECONDS", help="for one engine to index, and to answer (60)"
    )
    flags.add_argument("--made-up", type=positive, default=2000, metavar="N", help="posts, where there are none (2000)")
    flags.add_argument("--publish", action="store_true", help="put the figures into docs/benchmarks.md and its plot")
    return flags


def folder(text: str) -> Path:
    if not Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"{text} is not a folder")
    return Path(text).resolve()


def named(known: Iterable[str], text: str) -> tuple[str, ...]:
    names = tuple(filter(None, text.split(",")))
    if unknown := [name for name in names if name not in known]:
        raise argparse.ArgumentTypeError(f"{unknown[0]} is none of {', '.join(known)}")
    return names


def positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text} is not a number from 1 on")
    return int(text)


def sizes(text: str) -> tuple[int, ...]:
    return tuple(sorted({positive(part) for part in text.split(",")}))


if __name__ == "__main__":
    main()

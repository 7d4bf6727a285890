"""Snippets: the piece of a text that holds the most words of the query, with the ranges to mark in it.

A snippet is cut at the ends of sentences where they are near, and else between words, and white space becomes single
blanks. It stays plain text with ranges until `to_html` escapes it.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from html import escape
from itertools import accumulate, chain
from operator import attrgetter, or_

from index.analysis import fold
from index.schema import Document, Section
from search.results import Range

__all__ = ["Snippet", "section_hits", "snippet", "to_html", "to_plain", "whole"]

SNIPPET_CHARS = 240
MAX_SECTION_HITS = 3
MAX_COUNTED_MATCHES = 3
"""Of each word in one snippet: more of them make it no better."""

REACHES = 1, 4
"""How far before the best window the text is tidied, in lengths of a snippet: the second where white space abounds."""

MIN_DENSITY = 0.8
"""The share of a text that is left when it is tidied, from which on the first reach is enough."""

ELLIPSIS = "…"
BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
BLANK_CHARS = rf"\s\x00-\x1f\x7f-\x9f{BIDI}"
CLUTTER = re.compile(rf"[{BLANK_CHARS}](?:[{BLANK_CHARS}]+|(?<![ \n]))")
"""White space, but for a single blank or line break, and what can't be seen."""

LONE = re.compile(r"[\ud800-\udfff]")
SENTENCE_END = re.compile(r"[.!?…]+[\"'”’»)\]]*\s|[。！？]+[」』）”’]*|\n")
JOINERS = frozenset("\u200d\ufe0e\ufe0f")

START, END = attrgetter("start"), attrgetter("end")


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of a text with the ranges to mark in it, and whether it begins and ends inside a sentence."""

    text: str
    ranges: tuple[Range, ...] = ()
    starts_inside: bool = False
    ends_inside: bool = False


def snippet(text: str, ranges: Sequence[Range], *, length: int = SNIPPET_CHARS, title: str = "") -> Snippet:
    """The best piece of the text, about `length` characters long; without ranges, its opening.

    `ranges` are in order and don't overlap. A first line that only says the title again is left out.
    """
    floor = after_title(text, title)
    ranges = ranges[bisect_left(ranges, floor, key=START) :]
    start, end = best_window(ranges, length) if ranges else (floor, floor)
    for reach in REACHES:
        near, far = max(floor, start - reach * length), min(len(text), start + (reach + 1) * length * 3 // 4)
        piece = tidied(text[near:far], (*clipped(ranges, near, far), Range(start - near, min(end, far) - near, 0)))
        if len(piece.text) >= MIN_DENSITY * (far - near):
            break
    return cut(Snippet(piece.text, piece.ranges, near > floor, far < len(text)), length)


def whole(text: str, ranges: Sequence[Range]) -> Snippet:
    """All of a short text, such as a title, with its ranges."""
    piece = tidied(text, ranges)
    plain = not ranges and piece.text == text.strip() and "\n" not in text
    return piece if plain else trimmed(piece, 0, len(piece.text))


def section_hits(document: Document, ranges: Sequence[Range]) -> tuple[tuple[Section, Snippet], ...]:
    """The sections that hold most of what was searched, the best first, each with its snippet.

    `ranges` are those of the body. A section counts that can be pointed to and is not the whole post under its title.
    """
    title = fold(document.title).strip()
    sections = sorted(document.sections, key=START)
    ends = [*(section.start for section in sections[1:]), len(document.body)]
    found = [
        (quality(held), section, end)
        for section, end in zip(sections, ends, strict=False)
        if section.anchor and (held := held_in(ranges, section.start, end)) and fold(section.title).strip() != title
    ]
    found.sort(key=lambda hit: hit[0], reverse=True)
    hits = []
    for _, section, end in found[:MAX_SECTION_HITS]:
        text, here = document.body[section.start : end], clipped(ranges, section.start, end)
        hits.append((section, snippet(text, here, title=section.title)))
    return tuple(hits)


def quality(ranges: Sequence[Range]) -> tuple[int, int]:
    """How many distinct words of the query the ranges hold, and how many matches of them count."""
    distinct = reduce(or_, (found.words for found in ranges), 0).bit_count()
    return distinct, min(len(ranges), MAX_COUNTED_MATCHES * distinct)


def to_html(shown: Snippet) -> str:
    """The snippet as HTML: all text escaped, the ranges in `<mark>`, an ellipsis where a sentence is cut."""
    parts = []
    done = 0
    for start, end, _ in shown.ranges:
        parts += [escape(shown.text[done:start]), "<mark>", escape(shown.text[start:end]), "</mark>"]
        done = end
    return with_ellipses("".join([*parts, escape(shown.text[done:])]), shown)


def to_plain(shown: Snippet) -> str:
    """The snippet as plain text, with an ellipsis where a sentence is cut."""
    return with_ellipses(shown.text, shown)


def with_ellipses(text: str, shown: Snippet) -> str:
    return f"{ELLIPSIS if shown.starts_inside else ''}{text}{ELLIPSIS if shown.ends_inside else ''}"


def after_title(text: str, title: str) -> int:
    """Where the text begins after a first line that only says the title; 0 where there is none or nothing follows."""
    blank = len(text[:1000]) - len(text[:1000].lstrip())
    end = text.find("\n", blank, blank + len(title) + 100)
    line = text[blank:end]
    says_title = end >= 0 and (line == title or fold(line).split() == fold(title).split())
    return end + 1 if says_title and text[end : end + 1000].strip() else 0


def best_window(ranges: Sequence[Range], length: int) -> tuple[int, int]:
    """The first window, from the start of a range to the end of one, that holds the most words, and most often.

    It has at most `length` characters and slides over the ranges; `held` counts those in it by the words they are.
    """
    every = reduce(or_, {found.words for found in ranges}).bit_count()
    held: dict[int, int] = {}
    best, window, left, distinct = (0, 0), (ranges[0].start, ranges[0].end), 0, 0
    for right, (_, end, words) in enumerate(ranges):
        held[words] = held.get(words, 0) + 1
        changed = held[words] == 1
        while left < right and end - ranges[left].start > length:
            gone = ranges[left].words
            held[gone] -= 1
            if not held[gone]:
                del held[gone]
                changed = True
            left += 1
        if changed:
            distinct = reduce(or_, held).bit_count()
        score = distinct, min(right - left + 1, MAX_COUNTED_MATCHES * distinct)
        if score > best:
            best, window = score, (ranges[left].start, end)
            if score == (every, MAX_COUNTED_MATCHES * every):
                break
    return window


def held_in(ranges: Sequence[Range], start: int, end: int) -> Sequence[Range]:
    """The ranges of a text that reach into its characters [start, end)."""
    return ranges[bisect_right(ranges, start, key=END) : bisect_left(ranges, end, key=START)]


def clipped(ranges: Sequence[Range], start: int, end: int) -> tuple[Range, ...]:
    """The ranges of a text as ranges of its characters [start, end)."""
    inside = held_in(ranges, start, end)
    return tuple([Range(max(first, start) - start, min(last, end) - start, words) for first, last, words in inside])


def tidied(text: str, ranges: Sequence[Range]) -> Snippet:
    """The text with each run of white space made one blank or one line break, and its ranges moved along."""
    gaps = list(CLUTTER.finditer(text))
    if not gaps:
        return Snippet(LONE.sub("\ufffd", text), tuple(ranges))
    starts, ends = [gap.start() for gap in gaps], [gap.end() for gap in gaps]
    fillers = ["\n" if "\n" in gap[0] else " " if gap[0].strip(BIDI) else "" for gap in gaps]
    shorter = [end - start - len(filler) for start, end, filler in zip(starts, ends, fillers, strict=True)]
    lost = list(accumulate(shorter, initial=0))

    def moved(offset: int) -> int:
        before = bisect_left(starts, offset)
        return (max(offset, ends[before - 1]) if before else offset) - lost[before]

    tidy_ranges = tuple([Range(moved(start), moved(end), words) for start, end, words in ranges])
    kept = [text[end:start] for end, start in zip([0, *ends], [*starts, len(text)], strict=True)]
    tidy = "".join(chain.from_iterable(zip(kept, [*fillers, ""], strict=True)))
    return Snippet(LONE.sub("\ufffd", tidy), tidy_ranges)


def cut(piece: Snippet, length: int) -> Snippet:
    """The part of a tidied piece around its last range (the best window, no mark), cut where a reader would."""
    text, focus = piece.text, piece.ranges[-1]
    ranges = piece.ranges[:-1]
    if len(text) <= length:
        return trimmed(Snippet(text, ranges, piece.starts_inside, piece.ends_inside), 0, len(text))

    # Begin with a sentence that leaves room for the best window, as late as still fills the snippet; else with a word.
    room = max(0, length - (focus.end - focus.start))
    lowest = max(0, min(focus.start - room * 3 // 4, len(text) - length))
    starts = [found.end() for found in SENTENCE_END.finditer(text, lowest, focus.start)]
    if lowest == 0 and not piece.starts_inside:
        starts.insert(0, 0)
    if starts:
        start = next((offset for offset in reversed(starts) if offset + length <= len(text)), starts[0])
    else:
        target = max(lowest, focus.start - room // 3)
        blank = text.find(" ", target, focus.start)
        if blank < 0:
            blank = text.rfind(" ", lowest, target)
        start = blank + 1 if blank >= 0 else between_characters(text, target)
    starts_inside = not starts

    # End with a sentence behind the best window that fills two thirds of the length, or with a word that fills half.
    limit = start + length
    if limit >= len(text):
        return trimmed(Snippet(text, ranges, starts_inside, piece.ends_inside), start, len(text))
    last = focus.end if focus.end <= limit else start
    ends = [found.end() for found in SENTENCE_END.finditer(text, max(last, start + length * 2 // 3), limit + 1)]
    if ends:
        return trimmed(Snippet(text, ranges, starts_inside, False), start, ends[-1])
    blank = text.rfind(" ", max(last, start + length // 2), limit + 1)
    end = blank if blank >= 0 else between_characters(text, limit)
    return trimmed(Snippet(text, ranges, starts_inside, True), start, end)


def between_characters(text: str, offset: int) -> int:
    """The next offset where the text can be cut without parting a letter from its marks."""
    while 0 < offset < len(text) and (
        text[offset] in JOINERS or text[offset - 1] == "\u200d" or unicodedata.category(text[offset])[0] == "M"
    ):
        offset += 1
    return offset


def trimmed(piece: Snippet, start: int, end: int) -> Snippet:
    """The characters [start, end) of a tidied piece on one line, without blanks at its ends."""
    start += len(piece.text[start:end]) - len(piece.text[start:end].lstrip())
    end = start + len(piece.text[start:end].rstrip())
    ranges = tuple([found for found in clipped(piece.ranges, start, end) if found.start < found.end])
    return Snippet(piece.text[start:end].replace("\n", " "), ranges, piece.starts_inside, piece.ends_inside)

"""Snippets: the piece of a text that holds the most words of the query, with the ranges to mark in it.

A snippet is cut at the ends of sentences where they are near, and else between words; it is two pieces where one would
lack words. White space becomes single blanks, and a dot parts blocks where no sign ends the first. It stays plain text
with ranges until `to_html` escapes it.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from html import escape
from itertools import chain, pairwise
from operator import attrgetter, itemgetter, or_
from typing import NamedTuple

from index.analysis import fold
from index.schema import SEPARATOR, Document, Section
from search.matches import MAX_CHARS_BETWEEN, Range

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
BLANK_CHARS = " \x00-\x1f\x7f-\xa0\u1680\u2000-\u200a\u2028-\u202f\u205f\u2066-\u2069\u3000"
GAP = re.compile(rf"[{BLANK_CHARS}](?:[{BLANK_CHARS}]+|(?<! ))")
"""White space, but for a single blank, and what can't be seen. All are named, as `\\s` in a set takes longer."""

DOT = " ·"
"""Between two blocks, such as a heading and its paragraph or two items of a list, and around cells and images."""

EDGES = f"{DOT}\n{SEPARATOR}"
READS_ON = frozenset(".!?:;,…{([。！？：；，、")
CLOSING = frozenset("\"'”’»)]」』）")
"""Signs at the end of a block that needs no dot before the next one, and what may stand behind these."""

LONE = re.compile(r"[\ud800-\udfff]")
SENTENCE_END = re.compile(
    r"[.!?…。！？\n](?:(?<=\n)|(?<=[。！？])[。！？]*[」』）”’]*"
    rf"""|(?<=[.!?…])[.!?…]*["'”’»)\]]*(?: (?!·{SEPARATOR})|\n))"""
)
"""It begins with one set of characters, which is looked for quickly."""

MAX_SENTENCE_END_CHARS = 10
REPEATED_CHARS = 40
"""A section that has so many in common with what is shown already says it again."""

JOINERS = frozenset("\u200d\ufe0e\ufe0f")
LETTER = re.compile(r"\S")
BORDER = re.compile(rf"(?:{DOT})?[\n{SEPARATOR}]")
BETWEEN_MARKS = " \u00a0-\u2010\u2011"
"""What may stand between two marks that are shown as one."""

START = attrgetter("start")


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of a text with the ranges to mark in it, and whether it begins and ends inside a sentence.

    `spans` are the characters [start, end) of the text that it shows.
    """

    text: str
    ranges: tuple[Range, ...] = ()
    starts_inside: bool = False
    ends_inside: bool = False
    spans: tuple[tuple[int, int], ...] = ()


class Tidy(NamedTuple):
    """A piece of a text with its white space tidied.

    `starts` and `ends` are those of its gaps in the text, `tidy_ends` where they end in this piece, and `lost` how many
    characters went before each of them, and in all.
    """

    text: str
    starts: list[int]
    ends: list[int]
    tidy_ends: list[int]
    lost: list[int]

    def moved(self, offset: int) -> int:
        """Where a character of the text stands in this piece."""
        before = bisect_left(self.starts, offset)
        return (max(offset, self.ends[before - 1]) if before else offset) - self.lost[before]

    def source(self, offset: int) -> int:
        """Where a character of this piece stands in the text."""
        return offset + self.lost[bisect_right(self.tidy_ends, offset)]


def snippet(
    text: str,
    ranges: Sequence[Range],
    *,
    length: int = SNIPPET_CHARS,
    title: str = "",
    start: int = 0,
    end: int | None = None,
) -> Snippet:
    """The best piece of the characters [start, end) of a text, about `length` characters long; without ranges, its
    opening.

    `ranges` are in order and don't overlap. A first line that only says the title again is left out, and so are
    descriptions of images before all other text.
    """
    end = len(text) if end is None else end
    start = behind = after_title(text, title, start, end)
    while text.startswith(SEPARATOR, behind) and (stop := text.find("\n", behind, end)) >= 0:
        behind = stop + 1
    if text[behind : min(behind + 1000, end)].strip():
        start = behind
    ranges = ranges[bisect_left(ranges, (start,)) : bisect_left(ranges, (end,))]
    if not ranges:
        return piece(text, ranges, (start, start), length, start, end)
    window, words, every = best_window(ranges, length)
    if words != every:
        # Two windows that are half as long may hold more words.
        half = length // 2
        first, held, _ = best_window(ranges, half)
        other, added, _ = best_window([found for found in ranges if found.words & ~held], half)
        if (held | added).bit_count() > words.bit_count():
            first, other = sorted((first, other))
            before = piece(text, ranges, first, half, start, other[0])
            after = piece(text, ranges, other, half, before.spans[0][1], end)
            head = f"{before.text} {ELLIPSIS} "
            moved = [Range(a + len(head), b + len(head), words) for a, b, words in after.ranges]
            line, marks, spans = head + after.text, (*before.ranges, *moved), before.spans + after.spans
            return Snippet(line, marks, before.starts_inside, after.ends_inside, spans)
    return piece(text, ranges, window, length, start, end)


def whole(text: str, ranges: Sequence[Range]) -> Snippet:
    """All of a short text of one block, such as a title, with its ranges."""
    if not ranges and text.isprintable() and "  " not in text:
        return Snippet(text.strip())
    tidy = tidied(text.replace("\n", " "), ranges)
    return trimmed(tidy, ranges, 0, len(tidy.text), " ")


def section_hits(
    document: Document, ranges: Sequence[Range], shown: Snippet | None = None
) -> tuple[tuple[Section, Snippet], ...]:
    """The sections that hold most of what was searched, the best first, each with its snippet.

    `ranges` are those of the body. A section counts that can be pointed to and is not the whole post under its title.
    What is `shown` already, a snippet of the body, is not said again: a section without more has an empty snippet.
    """
    if not ranges:
        return ()
    title = fold(document.title).strip()
    sections = sorted(document.sections, key=START)
    bounds = pairwise([*map(START, sections), len(document.body)])
    found = [
        (quality(held), section, end)
        for section, (start, end) in zip(sections, bounds, strict=True)
        if section.anchor and (held := held_in(ranges, start, end)) and fold(section.title).strip() != title
    ]
    found.sort(key=itemgetter(0), reverse=True)
    hits: list[tuple[Section, Snippet]] = []
    said = shown.text if shown else ""
    for _, section, end in found[:MAX_SECTION_HITS]:
        start = after_title(document.body, section.title, section.start, end)
        cuts = [start, *chain.from_iterable(shown.spans if shown else ()), end]
        cuts = [min(max(cut, start), end) for cut in cuts]
        left = zip(cuts[::2], cuts[1::2], strict=True)  # without what is shown
        rest = max(left, key=lambda part: quality(held_in(ranges, *part)))
        told = held_in(ranges, *rest) or rest == (start, end)
        part = snippet(document.body, ranges, start=rest[0], end=rest[1]) if told else Snippet("")
        step = REPEATED_CHARS // 2
        if any(part.text[at : at + REPEATED_CHARS] in said for at in range(0, max(1, len(part.text) - step), step)):
            part = Snippet("")
        said += f"\n{part.text}"
        hits.append((section, part))
    return tuple(hits)


def quality(ranges: Sequence[Range]) -> tuple[int, int]:
    """How many distinct words of the query the ranges hold, and how many matches of them count."""
    distinct = reduce(or_, {words for _, _, words in ranges}, 0).bit_count()
    return distinct, min(len(ranges), MAX_COUNTED_MATCHES * distinct)


def to_html(shown: Snippet) -> str:
    """The snippet as HTML: all text escaped, the ranges in `<mark>`, an ellipsis where a sentence is cut."""
    parts: list[str] = []
    done = 0
    for start, end, _ in shown.ranges:
        parts += shown.text[done:start], "\1", shown.text[start:end], "\2"  # no tidied text holds these
        done = end
    text = escape("".join([*parts, shown.text[done:]])).replace("\1", "<mark>").replace("\2", "</mark>")
    return with_ellipses(text, shown)


def to_plain(shown: Snippet) -> str:
    """The snippet as plain text, with an ellipsis where a sentence is cut."""
    return with_ellipses(shown.text, shown)


def with_ellipses(text: str, shown: Snippet) -> str:
    return f"{ELLIPSIS if shown.starts_inside else ''}{text}{ELLIPSIS if shown.ends_inside else ''}"


def after_title(text: str, title: str, start: int, end: int) -> int:
    """Where the text goes on after a first line that only says the title; `start` where there is none, or no more."""
    found = LETTER.search(text, start, end)
    blank = found.start() if found else end
    stop = text.find("\n", blank, min(blank + len(title) + 100, end))
    line = text[blank:stop]
    says_title = stop >= 0 and (line == title or fold(line).split() == fold(title).split())
    return stop + 1 if says_title and text[stop : min(stop + 1000, end)].strip() else start


def best_window(ranges: Sequence[Range], length: int) -> tuple[tuple[int, int], int, int]:
    """The first window, from the start of a range to the end of one, that is the best; the words in it; and those of
    all ranges.

    The more words of the query it holds the better; of these, the more stand beside one another, as they are likely
    typed; and of these, the more often it holds them. It has at most `length` characters and slides over the ranges;
    `held` counts those in it by the words they are.
    """
    all_words = reduce(or_, {words for _, _, words in ranges})
    every = all_words.bit_count()
    held: dict[int, int] = {}
    best, window, best_words = (0, 0, 0), (ranges[0].start, ranges[0].end), 0
    left = words = distinct = pairs = 0
    left_start, left_end, left_words = ranges[0]
    last_end, last_words = left_end, left_words
    for right, (start, end, bits) in enumerate(ranges):
        if bits in held:
            held[bits] += 1
        else:
            held[bits] = 1
            words |= bits
            distinct = words.bit_count()
        pairs += bits != last_words and start - last_end <= MAX_CHARS_BETWEEN
        last_end, last_words = end, bits
        while end - left_start > length and left < right:
            left += 1
            held[left_words] -= 1
            if not held[left_words]:
                del held[left_words]
                words = reduce(or_, held)
                distinct = words.bit_count()
            before_end, before_words = left_end, left_words
            left_start, left_end, left_words = ranges[left]
            pairs -= left_words != before_words and left_start - before_end <= MAX_CHARS_BETWEEN
        if distinct >= best[0]:
            score = distinct, min(pairs, distinct - 1), min(right - left + 1, MAX_COUNTED_MATCHES * distinct)
            if score > best:
                best, window, best_words = score, (left_start, end), words
                if score == (every, every - 1, MAX_COUNTED_MATCHES * every):
                    break
    return window, best_words, all_words


def held_in(ranges: Sequence[Range], start: int, end: int) -> Sequence[Range]:
    """The ranges of a text that reach into its characters [start, end)."""
    first = bisect_left(ranges, (start,))
    return ranges[first - (first > 0 and ranges[first - 1].end > start) : bisect_left(ranges, (end,))]


def piece(
    text: str, ranges: Sequence[Range], window: tuple[int, int], length: int, floor: int, ceiling: int
) -> Snippet:
    """What is shown around a window, cut where a reader would: some of the characters [floor, ceiling) of the text."""
    start, end = window
    for reach in REACHES:
        near, far = max(floor, start - reach * length), min(ceiling, start + (reach + 1) * length * 3 // 4)
        tidy = tidied(text[near:far], ranges, near)
        if len(tidy.text) >= MIN_DENSITY * (far - near):
            break
    line, first, last = tidy.text, tidy.moved(start), tidy.moved(min(end, far))

    # Begin with a sentence that leaves room for the best window, as late as still fills the snippet; else with a word.
    # What follows a `SEPARATOR` is a cell or the description of an image, which is no beginning.
    room = max(0, length - (last - first))
    lowest = max(0, min(first - room * 3 // 4, len(line) - length))
    starts = [found.end() for found in SENTENCE_END.finditer(line, lowest, first)] if len(line) > length else []
    if lowest == 0 and not inside_sentence(text, near):
        starts.insert(0, 0)
    if starts:
        begin = next((offset for offset in reversed(starts) if offset + length <= len(line)), starts[0])
    elif len(line) <= length:
        begin = 0
    else:
        target = max(lowest, first - room // 3)
        blank = line.find(" ", target, first)
        if blank < 0:
            blank = line.rfind(" ", lowest, target)
        begin = blank + 1 if blank >= 0 else between_characters(line, target)

    # End with a sentence behind the best window that fills two thirds of the length, or with a word that fills half.
    limit = begin + length
    if limit >= len(line):
        return trimmed(tidy, ranges, begin, len(line), EDGES, not starts, inside_sentence(text, far))
    last = last if last <= limit else begin
    ends = [found.end() for found in SENTENCE_END.finditer(line, max(last, begin + length * 2 // 3), limit + 1)]
    if ends:
        return trimmed(tidy, ranges, begin, ends[-1], EDGES, not starts)
    blank = line.rfind(" ", max(last, begin + length // 2), limit + 1)
    stop = blank if blank >= 0 else between_characters(line, limit)
    return trimmed(tidy, ranges, begin, stop, EDGES, not starts, ends_inside=True)


def inside_sentence(text: str, offset: int) -> bool:
    """Whether a text, cut at an offset, is cut inside a sentence."""
    if not 0 < offset < len(text) or "\n" in text[offset - 1 : offset + 1]:
        return False
    near = max(0, offset - MAX_SENTENCE_END_CHARS)
    return all(found.end() < offset for found in SENTENCE_END.finditer(text, near, offset + 1))


def tidied(text: str, ranges: Sequence[Range], base: int = 0) -> Tidy:
    """A piece of a text that begins at `base`, with each run of white space made one blank, or a dot and a break
    between blocks. No dot is needed where a sign ends the first of these, unless one of the ranges goes over both."""
    kept: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    tidy_ends: list[int] = []
    lost = [base]
    done, gone = 0, base
    for gap in GAP.finditer(text):
        start, end = gap.span()
        blank = gap[0]
        if SEPARATOR in blank:
            filler = f"{DOT}{SEPARATOR}" if start else SEPARATOR
        elif "\n" in blank:
            last = text[start - 2] if start > 1 and text[start - 1] in CLOSING else text[start - 1]
            reads_on = not start or last in READS_ON or text[end : end + 1] in ")]}"  # or not at all
            over = reads_on and (held := held_in(ranges, base + start, base + end)) and held[0].start < base + start
            filler = "\n" if reads_on and not over else f"{DOT}\n"
        else:
            filler = " " if blank.strip(BIDI) else ""
        kept += text[done:start], filler
        gone += end - start - len(filler)
        starts.append(base + start)
        ends.append(base + end)
        tidy_ends.append(base + end - gone)
        lost.append(gone)
        done = end
    kept.append(text[done:])
    return Tidy("".join(kept), starts, ends, tidy_ends, lost)


def between_characters(text: str, offset: int) -> int:
    """The next offset where the text can be cut without parting a letter from its marks."""
    while 0 < offset < len(text) and (
        text[offset] in JOINERS or text[offset - 1] == "\u200d" or unicodedata.category(text[offset])[0] == "M"
    ):
        offset += 1
    return offset


def trimmed(
    tidy: Tidy,
    ranges: Sequence[Range],
    start: int,
    end: int,
    edges: str,
    starts_inside: bool = False,
    ends_inside: bool = False,
) -> Snippet:
    """The characters [start, end) of a tidied text on one line, without those of `edges` at its ends, and the ranges in
    it: those side by side are one, and those over several blocks one for each."""
    text = tidy.text[start:end].rstrip(edges)
    start, text = start + len(text), text.lstrip(edges)
    start -= len(text)
    span = tidy.source(start), tidy.source(start + len(text))
    shown: list[Range] = []
    done = -1
    for first, last, words in held_in(ranges, *span):
        gap = bisect_left(tidy.starts, last)
        if gap and tidy.ends[gap - 1] > first:
            first, last = max(tidy.moved(first) - start, 0), min(tidy.moved(last) - start, len(text))
            for border in BORDER.finditer(text, first, last):
                shown += [Range(first, border.start(), words)] if first < border.start() else []
                first, done = border.end(), -1
        else:
            moved = tidy.lost[gap] + start
            first, last = max(first - moved, 0), min(last - moved, len(text))
        if done >= 0 and not text[done:first].strip(BETWEEN_MARKS):
            shown[-1] = Range(shown[-1].start, last, shown[-1].words | words)
        elif first < last:
            shown.append(Range(first, last, words))
        done = last
    line = LONE.sub("\ufffd", text.replace("\n", " ").replace(SEPARATOR, " "))
    return Snippet(line, tuple(shown), starts_inside, ends_inside, (span,))

"""Snippets: the piece of a text that holds the most words of the query, as HTML in which these are marked.

A snippet is cut at the ends of sentences where they are near, and else between words; it is two pieces where one would
lack words. A dot parts blocks where no sign ends the first. Texts are as `index.markup` leaves them: blanks are single
but where they indent a line of code.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import reduce
from html import escape
from itertools import chain
from operator import itemgetter, or_
from typing import NamedTuple

from index.analysis import fold
from index.schema import SEPARATOR, Document, Section
from search.matches import MAX_CHARS_BETWEEN, Range
from search.query import SNIPPET_CHARS

__all__ = ["Snippet", "marked", "section_hits", "snippet"]

MAX_SECTION_HITS = 3
MAX_COUNTED_MATCHES = 3
"""Of each word in one snippet: more of them make it no better."""

ELLIPSIS = "…"
DOT = " · "
"""Between two blocks, such as a heading and its paragraph or two items of a list, and around cells and images."""

EDGES = f"{DOT}\n\t{SEPARATOR}"
SIGNS = ".!?:;,…{([。！？：；，、"
READS_ON = f"[{re.escape(SIGNS)}]"
CLOSING = "[\"'”’»)\\]」』）]"
MARK, UNMARK = "\1", "\2"
"""Around marked words while a snippet is put together. No tidy text holds these."""

BREAK = re.compile(rf"[\n{SEPARATOR}][\n{SEPARATOR}\t ]*")
LINE_READ_ON = re.compile(
    rf"\n(?:(?:(?<={READS_ON}\n)|(?<={READS_ON}{CLOSING}\n)|(?<={READS_ON}{UNMARK}\n)|(?<={READS_ON}{CLOSING}{UNMARK}\n))"
    rf"[\n\t ]*+(?!{SEPARATOR})|[\n\t ]*+(?={MARK}?[)\]}}]))"
)
"""The end of a line after a sign that needs no dot before the next line, or before a bracket that closes."""

SENTENCE_END = re.compile(
    r"[.!?…。！？\n](?:(?<=\n)|(?<=[。！？])[。！？]*[」』）”’]*"
    rf"""|(?<=[.!?…])[.!?…]*["'”’»)\]]*[ \n])(?!{SEPARATOR})"""
)
"""It begins with one set of characters, which is looked for quickly. A cell or an image is no beginning."""

MAX_SENTENCE_END_CHARS = 10
REPEATED_CHARS = 40
"""A section that has so many in common with what is shown already says it again."""

MAX_MARKS = 30
"""More than any letter has of accents and signs that are joined to it."""

JOINERS = frozenset("\u200d\ufe0e\ufe0f\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff")
"""Which belong to the sign before them, as the colours of skin do."""

LETTER = re.compile(r"\S")
WORD_EDGE = re.compile(r"(?<=[^\W_])(?=[\W_])|(?<=[\W_])(?=[^\W_])")
BETWEEN_MARKS = " \u00a0-\u2010\u2011"
"""What may stand between two marks that are shown as one."""


class Snippet(NamedTuple):
    """What is shown of a text: as HTML with no element but `<mark>`, and as plain text.

    `spans` are the characters [start, end) of the text that are shown.
    """

    html: str = ""
    plain: str = ""
    spans: tuple[tuple[int, int], ...] = ()


class Piece(NamedTuple):
    """The characters [start, end) of a text, and whether it begins and ends inside a sentence."""

    start: int
    end: int
    starts_inside: bool = False
    ends_inside: bool = False


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
    while text.startswith(SEPARATOR, behind) and (stop := BREAK.search(text, behind + 1, end)):
        behind = stop.start() + 1
    if LETTER.search(text, behind, min(behind + 1000, end)):
        start = behind
    ranges = ranges[bisect_left(ranges, (start,)) : bisect_left(ranges, (end,))]
    if not ranges:
        return shown(text, ranges, cut(text, (start, start), length, start, end))
    window, words, every = best_window(ranges, length)
    if words != every:
        # Two windows that are half as long may hold more words.
        half = length // 2
        first, held, _ = best_window(ranges, half)
        other, added, _ = best_window([found for found in ranges if found[2] & ~held], half)
        if (held | added).bit_count() > words.bit_count():
            first, other = sorted((first, other))
            before = cut(text, first, half, start, other[0])
            return shown(text, ranges, before, cut(text, other, half, before.end, end))
    return shown(text, ranges, cut(text, window, length, start, end))


def section_hits(
    document: Document, ranges: Sequence[Range], said: Snippet, length: int = SNIPPET_CHARS
) -> tuple[tuple[Section, Snippet], ...]:
    """The sections that hold most of what was searched, the best first, each with its snippet of about that `length`.

    `ranges` are those of the body. A section counts that can be pointed to and is not the whole post under its title.
    What is `said` already, by a snippet of the body, is not said again: a section without more has an empty snippet.
    """
    sections, body = document.sections, document.body
    starts = [section.start for section in sections]
    title = fold(document.title).strip()
    every = words_held(ranges)
    best = quality(ranges, every)
    found: list[tuple[tuple[int, int], int]] = []
    first = full = 0
    while first < len(ranges) and full < MAX_SECTION_HITS:  # others would come after these
        number = bisect_right(starts, ranges[first][0])
        last = bisect_left(ranges, (starts[number],), first) if number < len(starts) else len(ranges)
        section = sections[number - 1] if number else None
        if section and section.anchor and fold(section.title).strip() != title:
            found.append((quality(ranges[first:last], every), number - 1))
            full += found[-1][0] == best
        first = last
    found.sort(key=itemgetter(0), reverse=True)
    hits: list[tuple[Section, Snippet]] = []
    texts = said.plain
    for _, number in found[:MAX_SECTION_HITS]:
        section, end = sections[number], starts[number + 1] if number + 1 < len(starts) else len(body)
        rest = start, end = after_title(body, section.title, section.start, end), end
        if any(first < end and last > start for first, last in said.spans):
            # What of it is not shown; of several parts the best.
            cuts = [min(max(at, start), end) for at in (start, *chain.from_iterable(said.spans), end)]
            rest = max(zip(cuts[::2], cuts[1::2], strict=True), key=lambda part: quality(held_in(ranges, *part), every))
        told = rest == (start, end) or held_in(ranges, *rest)
        part = snippet(body, ranges, length=length, start=rest[0], end=rest[1]) if told else Snippet()
        if repeats(part.plain, texts):
            part = Snippet()
        texts += f"\n{part.plain}"
        hits.append((section, part))
    return tuple(hits)


def repeats(text: str, said: str) -> bool:
    """Whether a text says again what was said: `REPEATED_CHARS` of it."""
    step = REPEATED_CHARS // 2
    return any(text[at : at + REPEATED_CHARS] in said for at in range(0, max(1, len(text) - step), step))


def quality(ranges: Sequence[Range], every: int) -> tuple[int, int]:
    """How many distinct words of the query the ranges hold, and how many matches of them count; `every` are all words
    that they may hold."""
    words = 0
    for found in ranges:
        words |= found[2]
        if words == every:
            break
    distinct = words.bit_count()
    return distinct, min(len(ranges), MAX_COUNTED_MATCHES * distinct)


def words_held(ranges: Sequence[Range]) -> int:
    """All words of the query that the ranges hold, a bit for each."""
    return reduce(or_, {words for _, _, words in ranges}, 0)


def marked(text: str, ranges: Sequence[Range]) -> str:
    """All of a short text, such as a title, as HTML."""
    return to_html(with_marks(text, ranges, 0, len(text))) if ranges else escape(text)


def after_title(text: str, title: str, start: int, end: int) -> int:
    """Where the text goes on after a first line that only says the title; `start` where there is none, or no more."""
    found = LETTER.search(text, start, end) if title else None
    stop = text.find("\n", found.start(), min(found.start() + len(title) + 100, end)) if found else -1
    if not found or stop < 0:
        return start
    line = text[found.start() : stop]
    says_title = line == title or fold(line).split() == fold(title).split()
    return stop + 1 if says_title and text[stop : min(stop + 1000, end)].strip() else start


def best_window(ranges: Sequence[Range], length: int) -> tuple[tuple[int, int], int, int]:
    """The first window, from the start of a range to the end of one, that is the best; the words in it; and those of
    all ranges.

    The more words of the query it holds the better; of these, the more stand beside one another, as they are likely
    typed; and of these, the more often it holds them. It has at most `length` characters and slides over the ranges;
    `held` counts those in it by the words they are.
    """
    all_words = words_held(ranges)
    every = all_words.bit_count()
    held: dict[int, int] = {}
    left = words = distinct = pairs = 0
    left_start, left_end, left_words = ranges[0]
    best = beside = often = 0
    window, best_words = (left_start, left_end), 0
    last_end, last_words = left_end, left_words
    for right, (start, end, bits) in enumerate(ranges):
        if bits in held:
            held[bits] += 1
        else:
            held[bits] = 1
            words |= bits
            distinct = words.bit_count()
        if bits != last_words and start - last_end <= MAX_CHARS_BETWEEN:
            pairs += 1
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
            if left_words != before_words and left_start - before_end <= MAX_CHARS_BETWEEN:
                pairs -= 1
        if distinct < best or (distinct == best and right - left < often and pairs <= beside):
            continue
        score = distinct, min(pairs, distinct - 1), min(right - left + 1, MAX_COUNTED_MATCHES * distinct)
        if score > (best, beside, often):
            best, beside, often = score
            window, best_words = (left_start, end), words
            if (best, beside, often) == (every, every - 1, MAX_COUNTED_MATCHES * every):
                break
    return window, best_words, all_words


def held_in(ranges: Sequence[Range], start: int, end: int) -> Sequence[Range]:
    """The ranges of a text that reach into its characters [start, end)."""
    first = bisect_left(ranges, (start,))
    return ranges[first - (first > 0 and ranges[first - 1][1] > start) : bisect_left(ranges, (end,))]


def cut(text: str, window: tuple[int, int], length: int, floor: int, ceiling: int) -> Piece:
    """What is shown around a window, cut where a reader would: some of the characters [floor, ceiling) of the text."""
    if ceiling - floor <= length:
        return Piece(floor, ceiling, inside_sentence(text, floor), inside_sentence(text, ceiling))
    first, last = window

    # Begin with a sentence that leaves room for the best window, as late as still fills the snippet; else with a word.
    room = max(0, length - (last - first))
    lowest = max(floor, min(first - room * 3 // 4, ceiling - length))
    starts = [found.end() for found in SENTENCE_END.finditer(text, lowest, first)]
    if lowest == floor and not inside_sentence(text, floor):
        starts.insert(0, floor)
    if starts:
        begin = next((offset for offset in reversed(starts) if offset + length <= ceiling), starts[0])
    else:
        target = max(lowest, first - room // 3)
        blank = text.find(" ", target, first)
        if blank < 0:
            blank = text.rfind(" ", lowest, target)
        begin = blank + 1
        if blank < 0:  # in a long word, which may have parts
            edge = WORD_EDGE.search(text, target, first + 1)
            begin = between_characters(text, edge.start() if edge else target)

    begin = after_blanks(text, begin, ceiling)

    # What is shown may be longer than the text, by dots: then it begins later, where the window still comes into it.
    inside, limit = not starts, limit_from(text, begin, length, ceiling)
    if limit < last <= first + length:
        begin = next(
            (start for start in starts if start > begin and limit_from(text, start, length, ceiling) >= last), first
        )
        inside, limit = inside_sentence(text, begin), limit_from(text, begin, length, ceiling)

    # End with a sentence behind the best window that fills two thirds of the length, or with a word that fills half.
    if limit >= ceiling:
        return Piece(begin, ceiling, inside, inside_sentence(text, ceiling))
    last = last if last <= limit else begin
    ends = [found.end() for found in SENTENCE_END.finditer(text, max(last, begin + length * 2 // 3), limit + 1)]
    if ends:
        return Piece(begin, ends[-1], inside)
    end = text.rfind(" ", max(last, begin + length // 2), limit + 1)
    if end < 0:
        edges = [edge.start() for edge in WORD_EDGE.finditer(text, max(last, begin + length // 4), limit + 1)]
        end = between_characters(text, edges[-1] if edges else limit)
    return Piece(begin, end, inside, ends_inside=True)


def after_blanks(text: str, start: int, end: int) -> int:
    """Where the first of the characters [start, end) stands that is shown; `start` where none is."""
    found = LETTER.search(text, start, end)
    return found.start() if found else start


def limit_from(text: str, begin: int, length: int, ceiling: int) -> int:
    """How far so many shown characters reach from `begin` on: dots take room that the text does not have, and what
    indents its lines takes none."""
    limit = begin + length
    for gap in BREAK.finditer(text, begin, min(begin + 4 * length, ceiling)):
        if gap.start() + len(DOT) >= limit:
            break
        limit += len(gap[0]) - (1 if text[gap.start() - 1] in SIGNS else len(DOT))
    return limit


def inside_sentence(text: str, offset: int) -> bool:
    """Whether a text, cut at an offset, is cut inside a sentence."""
    if not 0 < offset < len(text) or BREAK.search(text, offset - 1, offset + 1):
        return False
    near = max(0, offset - MAX_SENTENCE_END_CHARS)
    return all(found.end() < offset for found in SENTENCE_END.finditer(text, near, offset + 1))


def between_characters(text: str, offset: int) -> int:
    """The next offset where the text can be cut without parting a letter from its marks, unless it has very many."""
    end = min(offset + MAX_MARKS, len(text))
    while 0 < offset < end and (
        text[offset] in JOINERS or text[offset - 1] == "\u200d" or unicodedata.category(text[offset])[0] == "M"
    ):
        offset += 1
    return offset


def shown(text: str, ranges: Sequence[Range], *pieces: Piece) -> Snippet:
    """The pieces of a text on one line, an ellipsis where a sentence is cut, the ranges in them marked."""
    lines: list[str] = []
    spans: list[tuple[int, int]] = []
    for start, end, _, _ in pieces:
        piece = text[start:end].rstrip(EDGES)
        end = start + len(piece)
        start = end - len(piece.lstrip(EDGES))
        spans.append((start, end))
        line = with_marks(text, ranges, start, end)
        if "\n" in line or SEPARATOR in line:
            line = BREAK.sub(DOT, LINE_READ_ON.sub(" ", line))
        lines.append(line)
    head, tail = ELLIPSIS if pieces[0].starts_inside else "", ELLIPSIS if pieces[-1].ends_inside else ""
    line = f"{head}{f' {ELLIPSIS} '.join(lines)}{tail}"
    return Snippet(to_html(line), line.replace(MARK, "").replace(UNMARK, ""), tuple(spans))


def with_marks(text: str, ranges: Sequence[Range], start: int, end: int) -> str:
    """The characters [start, end) of a text with `MARK` and `UNMARK` around the ranges in it: those side by side are
    one, and those over several blocks one for each."""
    parts: list[str] = []
    done = start
    for first, last, _ in held_in(ranges, start, end):
        first, last = max(first, start), min(last, end)
        between, words = text[done:first], text[first:last]
        if parts and not between.strip(BETWEEN_MARKS):
            parts[-1] = between
        else:
            parts += between, MARK
        if "\n" in words or SEPARATOR in words:
            words = BREAK.sub(f"{UNMARK}{SEPARATOR}{MARK}", words)
        parts += words, UNMARK
        done = last
    return "".join([*parts, text[done:end]])


def to_html(line: str) -> str:
    """The line with all text escaped."""
    return escape(line).replace(MARK, "<mark>").replace(UNMARK, "</mark>")

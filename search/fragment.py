"""Text fragments, by which a browser scrolls to words of a page and marks them: https://wicg.github.io/scroll-to-text-fragment.

One is made of marked words and the words around them, and only where a browser should find these once: in one block,
with nothing that generators set otherwise than it is written, and nowhere else in the post.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from operator import attrgetter
from urllib.parse import quote

from index.schema import SEPARATOR, Document
from search.matches import Range
from search.snippet import BETWEEN_MARKS, Snippet, held_in

__all__ = ["fragment"]

NEAR_WORDS = 4
"""How many words before and behind the marked ones tell them from the same words elsewhere, at most."""

NEAR_CHARS = 100
MIN_WORDS = 5
"""Of marked words and those around: fewer may stand anywhere in a page, such as in its menu."""

MAX_CHARS = 200
MAX_TRIES = 4
START = attrgetter("start")
UNSURE = re.compile(
    r"""['"‘’“”«»<>{}\[\]()$|*_\\^~`…:@#/=+–—\t\n\f\u3000-\U0010ffff .-](?:(?<![ .-])|(?<=  )|(?<=--)|(?<=\.\.))"""
)
"""What pages may show otherwise than it is written, such as quotation marks, and scripts without blanks. It begins with
one set of characters, which is looked for quickly."""


def fragment(document: Document, ranges: Sequence[Range], shown: Snippet) -> str:
    """What may be put behind `#` or an anchor in the address of a post to lead to the first words that are marked in a
    snippet, and "" where that is not sure. `ranges` are those of the body, of which the snippet is a piece."""
    body, sections = document.body, document.sections
    marks = [found for span in shown.spans for found in held_in(ranges, *span)]
    for number, (start, end, _) in enumerate(marks[:MAX_TRIES], 1):
        for after, after_end, _ in marks[number:]:
            if body[end:after].strip(BETWEEN_MARKS):
                break
            end = after_end
        line = body.rfind("\n", 0, start) + 1
        line = max(line, body.rfind(SEPARATOR, line, start) + 1)
        far = body.find("\n", start) % (len(body) + 1)  # the end, where there is none
        far = body.find(SEPARATOR, start, far) % (far + 1)
        section = bisect_left(sections, line, key=START)
        is_heading = section < len(sections) and sections[section].start == line
        if far < end or body[line - 1 : line] == SEPARATOR or is_heading:
            continue  # a phrase over two blocks, no text after a separator, or a heading (which contents may repeat)

        # The words around, as far as they are sure. Those at the ends of what is read may be parts of words.
        left = body[max(line, start - NEAR_CHARS) : start].split(" ")
        right = body[end : min(far, end + NEAR_CHARS)].split(" ")
        word = f"{left[-1]}{body[start:end]}{right[0]}"
        before = left[start - line > NEAR_CHARS : -1][-NEAR_WORDS:]
        behind = right[1 : len(right) - (far - end > NEAR_CHARS)][:NEAR_WORDS]
        text = " ".join((*before, word, *behind))
        if UNSURE.search(text):
            if UNSURE.search(word):
                continue
            before, behind = sure_words(before[::-1])[::-1], sure_words(behind)
            text = " ".join((*before, word, *behind))
        if len(before) + 1 + len(behind) < MIN_WORDS or len(text) > MAX_CHARS or body.count(text) != 1:
            continue
        near = quote("\n".join((" ".join(before), word, " ".join(behind))), safe="\n ,")
        for sign, code in ((" ", "%20"), (",", "%2C"), ("-", "%2D")):  # `quote` is slow where it finds any
            near = near.replace(sign, code)
        prefix, middle, suffix = near.split("\n")
        return f":~:text={prefix and f'{prefix}-,'}{middle}{suffix and f',-{suffix}'}"
    return ""


def sure_words(words: Sequence[str]) -> list[str]:
    """The words up to one that is not sure."""
    found = UNSURE.search(f" {' '.join(words)}")
    return list(words[: found.string.count(" ", 1, found.end() - 1)] if found else words)

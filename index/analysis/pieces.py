"""Pieces: what a chunk, the text between blanks and punctuation, is made of: `send_rawTransaction` is four pieces.

How a text is cut into chunks, and which signs belong to one, is decided here and nowhere else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from index.analysis.folding import INVISIBLE, fold

__all__ = [
    "CHUNK",
    "CLUSTER",
    "JOINING",
    "LAST",
    "MARKS_IN_WORDS",
    "PART",
    "PICTOGRAPHS",
    "UNSPACED_START",
    "WHOLE",
    "Piece",
    "chunk_pieces",
]

MAX_TERM_CHARS = 100
"""What is longer, such as encoded data, is found by its first hundred characters."""

MARKS = "".join(
    chr(c)
    for c in (*range(0x300, 0x3100), *range(0xA000, 0xB000), *range(0xFE00, 0x10000), *range(0x10000, 0x12000))
    if unicodedata.category(chr(c)) in {"Mn", "Mc", "Me"}
)
MARKS_IN_WORDS = rf"[{MARKS}{INVISIBLE}\uff9e\uff9f]"
WORD = rf"\w[\w{MARKS}{INVISIBLE}\uff9e\uff9f]*"
JOINING = r"[.'’&·\-‐‑]"
PICTOGRAPHS = r"[\u2190-\u2bff\U0001f000-\U0001faff]"
SIGN = r"(?<![\w.\-])(?:--?(?=[^\W_])|\.(?=[^\W\d_]))"
CHUNK = re.compile(rf"(?:{SIGN})?{WORD}(?:{JOINING}{WORD})*(?:\+\+(?!\+)|#(?!\w))?|{PICTOGRAPHS}")
"""A compound with the signs that belong to it, or one pictograph."""

UNSPACED = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f"  # Myanmar
    "\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff"  # Hangul
    "\u1780-\u17ff"  # Khmer
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f"  # Kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
)
SCRIPT_RUN = re.compile(rf"[{UNSPACED}][{UNSPACED}{MARKS}{INVISIBLE}]*|[^{UNSPACED}]+")
UNSPACED_START = re.compile(rf"[{UNSPACED}]")
EXTENDS = f"\u0300-\u036f\u3099\u309a\uff9e\uff9f\u1160-\u11ff{INVISIBLE}"
CLUSTER = re.compile(f"[^{EXTENDS}][{EXTENDS}]*|[{EXTENDS}]+")
"""One character of an unspaced script with what belongs to it: voicing marks, vowels of Hangul, accents."""

LETTER = re.compile(rf".[{MARKS}{INVISIBLE}]*", re.DOTALL)
JOINS = re.compile(JOINING)
DROPPED = "".join(map(chr, range(0x300, 0x370))) + INVISIBLE
"""Marks that folding takes away, which may also stand before the first letter of a word."""

SUBWORD = re.compile(r"[^_+#]+")
CAMEL = re.compile(r"[A-Z]+(?=[A-Z][a-z])[0-9]*|[A-Z]?[^\WA-Z_]+|[A-Z]+[0-9]*|.", re.DOTALL)
ONE_WORD = frozenset(
    {"javascript", "typescript", "coffeescript", "github", "gitlab", "youtube", "linkedin", "wordpress", "powershell",
     "postgresql", "graphql", "mysql", "sqlite", "iphone", "ipad", "macos"}
)  # fmt: skip
"""Names in camel case that are one word to their readers: `java` should not find every `JavaScript`."""

JOINED = str.maketrans("", "", "-‐‑'’·" + INVISIBLE)


class Piece(NamedTuple):
    """A piece of a chunk: its folded text, what to stem (or ""), position and offsets in the chunk, and its kind.

    `kind` is PART for the parts that follow one another, WHOLE for what spans several or adds a sign to one, and LAST
    for the last character of a run of an unspaced script, which stands beside the last pair.
    """

    term: str
    stem: str
    position: int
    start: int
    end: int
    kind: int


PART, WHOLE, LAST = range(3)


def chunk_pieces(chunk: str) -> tuple[Piece, ...]:
    """The pieces of a chunk: parts in order, each whole after its parts, the whole of it all last."""
    if chunk.isascii() and chunk.isalpha() and (chunk[1:].islower() or chunk.isupper() or len(chunk) == 1):
        return (word_piece(chunk, 0, 0),)
    sign = len(chunk) - len(chunk.lstrip("-."))
    pieces: list[Piece] = []
    spans = list(groups(chunk, sign))
    position = 0
    for start, end in spans:
        group = group_pieces(chunk[start:end], position, start)
        position = max((piece.position + 1 for piece in group), default=position)
        pieces += group
    if len(spans) > 1:
        pieces.append(whole_piece(chunk[sign:], 0, 0, sign))
    if sign:
        pieces.append(whole_piece(chunk, sign, 0, 0))
    return tuple(pieces)


def groups(chunk: str, sign: int) -> Iterator[tuple[int, int]]:
    """Where the parts of a chunk between its joining signs lie; a closing `++` or `#` belongs to the last one."""
    start = sign
    for match in JOINS.finditer(chunk, sign):
        yield start, match.start()
        start = match.end()
    yield start, len(chunk)


def group_pieces(group: str, position: int, offset: int) -> list[Piece]:
    """The pieces of text without joining signs: runs of scripts, `_` and camel case parts, then the whole."""
    if group.isascii():
        pieces = list(subword_pieces(group, position, offset))
        return [*pieces, whole_piece(group, 0, position, offset)] if len({p.position for p in pieces}) > 1 else pieces
    pieces = []
    for run in SCRIPT_RUN.finditer(group):
        make = unspaced_pieces if UNSPACED_START.match(run.group()) else subword_pieces
        pieces += make(run.group(), pieces[-1].position + 1 if pieces else position, offset + run.start())
    if len({piece.position for piece in pieces}) > 1 and not UNSPACED_START.search(group):
        pieces.append(whole_piece(group, 0, position, offset))
    return pieces


def unspaced_pieces(run: str, position: int, offset: int) -> Iterator[Piece]:
    """Overlapping pairs of the characters of the run, and the last one by itself."""
    letters = [(bare(m.group()), m.start(), m.end()) for m in CLUSTER.finditer(run)]
    for i, ((a, start, _), (b, _, end)) in enumerate(pairwise(letters)):
        yield Piece(a + b, "", position + i, offset + start, offset + end, PART)
    last, start, end = letters[-1]
    yield Piece(last, "", position + max(len(letters) - 2, 0), offset + start, offset + end, LAST)


def bare(letter: str) -> str:
    """A letter of an unspaced script as it is compared; these have no case, so that only long ones need folding."""
    return unicodedata.normalize("NFKC", letter) if len(letter) == 1 else fold(letter)


def subword_pieces(run: str, position: int, offset: int) -> Iterator[Piece]:
    """The words of an identifier such as `send_rawTransaction`; a sign at its end stays with its last word."""
    sign = "++" if run.endswith("++") else "#" if run.endswith("#") else ""
    words = [(s.start() + a, s.start() + b) for s in SUBWORD.finditer(run) for a, b in camel(s.group())]
    for i, (start, end) in enumerate(words):
        if sign and i == len(words) - 1:
            if len(fold(run[start:end])) > 2:
                yield word_piece(run[start:end], position + i, offset + start)._replace(kind=WHOLE)
            yield Piece(fold(run[start:]), "", position + i, offset + start, offset + len(run), PART)
        else:
            yield word_piece(run[start:end], position + i, offset + start)


def camel(word: str) -> Iterator[tuple[int, int]]:
    """Where the parts of a word in camel case lie; a word that is not in it is one part, marks alone are none."""
    if word.isalpha() and (word.islower() or word.isupper()):
        yield 0, len(word)
        return
    folded = fold(word)
    if word.islower() or word.isupper() or word[1:].islower() or folded in ONE_WORD:
        yield from [(0, len(word))] if folded else []
    elif word.isascii():
        yield from (found.span() for found in CAMEL.finditer(word))
    else:
        # Letters are looked at composed, so that it makes no difference how they are written.
        letters = list(LETTER.finditer(word, len(word) - len(word.lstrip(DROPPED))))
        shape = "".join(unicodedata.normalize("NFC", letter.group())[0] for letter in letters)
        for found in CAMEL.finditer(shape) if folded else ():
            yield letters[found.start()].start(), letters[found.end() - 1].end()


def word_piece(word: str, position: int, offset: int) -> Piece:
    """A word as a piece; it is stemmed where it is letters only."""
    if word.isascii():
        term = word.lower()
        base = term if len(word) < MAX_TERM_CHARS and term.isalpha() else ""
        return Piece(term[:MAX_TERM_CHARS], base, position, offset, offset + len(word), PART)
    composed = unicodedata.normalize("NFC", word)
    base = composed.lower() if len(word) < MAX_TERM_CHARS and (word.isalpha() or composed.isalpha()) else ""
    return Piece(fold(word)[:MAX_TERM_CHARS], base, position, offset, offset + len(word), PART)


def whole_piece(text: str, sign: int, position: int, offset: int) -> Piece:
    """A compound as one term: without its hyphens, so that `e-mail` is `email`, unless it bears a sign."""
    term = text[:sign] + fold(text[sign:]) if sign else fold(text).translate(JOINED)
    return Piece(term[:MAX_TERM_CHARS], "", position, offset, offset + len(text), WHOLE)

"""Pieces: what a chunk, the text between blanks and punctuation, is made of: `send_rawTransaction` is four pieces.

How a text is cut into chunks, and which signs belong to one, is decided here and nowhere else.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from index.analysis.folding import DROPPED, INVISIBLE, MODIFIERS, fold, without_vowel_marks
from index.unicode import lazy, normalize

__all__ = [
    "CHUNK",
    "CLUSTER",
    "JOINING",
    "LAST",
    "MARKS_IN_WORDS",
    "PART",
    "PICTOGRAPHS",
    "SPELLED",
    "UNSPACED",
    "UNSPACED_START",
    "WHOLE",
    "Piece",
    "chunk_pieces",
    "is_plain_word",
]

MAX_TERM_CHARS = 100
"""What is longer, such as encoded data, is found by its first hundred characters."""

MAX_CHUNK_CHARS = 50_000
"""Of a chunk: what is longer is no text, and the rest of it is not searched."""

MAX_FOLDED_CHARS = 4_096
"""How much of it is folded for that: a letter with all its marks counts one character of the term."""

MARK_BLOCKS = array("I", [*range(0x300, 0x3100), *range(0xA000, 0xB000), *range(0xFE00, 0x12000)])
MAY_BE_MARKS = MARK_BLOCKS.tobytes().decode("utf-32")
MARKS = "".join(
    f"{MAY_BE_MARKS[run.start() // 2]}-{MAY_BE_MARKS[run.end() // 2 - 1]}"
    for run in re.finditer("(?:M.)+", "".join(map(unicodedata.category, MAY_BE_MARKS)))  # two letters each, as "Mn"
)
"""As ranges: of a class in a pattern, `re` compares what lies beyond U+FFFF one by one with every other character."""

MARKS_IN_WORDS = rf"[{MARKS}{INVISIBLE}\uff9e\uff9f]"
WORD = rf"\w[\w{MARKS}{INVISIBLE}\uff9e\uff9f]*"
JOINING = r"[.'’‘&·\-‐‑׳״]"
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
SCRIPT_RUN = lazy(rf"[{UNSPACED}][{UNSPACED}{MARKS}{INVISIBLE}]*|[^{UNSPACED}]+")
UNSPACED_START = lazy(rf"[{UNSPACED}]")
WORD_LETTERS = range(3, 31)
"""How long the words are that another may be meant for."""

EXTENDS = f"{DROPPED}\u3099\u309a\uff9e\uff9f\u1160-\u11ff"
LAST_LONG_VOWEL = lazy("(?<=[ァ-ヺー]{3})ー(?![ァ-ヺー])")
"""The mark at the end of a longer Katakana word, which many leave out (as Lucene's JapaneseKatakanaStemFilter does)."""

CLUSTER = lazy(f"[^{EXTENDS}][{EXTENDS}]*|[{EXTENDS}]+")
"""One character of an unspaced script with what belongs to it: voicing marks, vowels of Hangul, accents."""

LETTER = lazy(rf".[{MARKS}{MODIFIERS}{INVISIBLE}]*", re.DOTALL)
ALL_LETTERS = lazy(rf"(?:[^\W\d_][{MARKS}]*)+")
JOINS = re.compile(JOINING)

SUBWORD = re.compile(r"[^_+#]+")
LETTERS_OR_DIGITS = lazy(rf"\A\d+(?:st|nd|rd|th)\Z|[vV]?\d[\d{MARKS}{INVISIBLE}]*|\D+?(?=(?<=[A-Z])v\d|\d|\Z)")
"""A run of letters or of digits. The `v` of a version, as in `v4` or `IPv4`, and the end of `1st` belong to digits."""

MAX_RUNS = 4
"""Runs of letters and of digits in a word that has parts; what has more, such as encoded data, is one term."""

HASH = re.compile(r"[0-9A-Fa-f]{7,}")
CAMEL = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[^\WA-Z_]+|[A-Z]+|.", re.DOTALL)
ONE_WORD = frozenset(
    {"javascript", "typescript", "coffeescript", "github", "gitlab", "youtube", "linkedin", "wordpress", "powershell",
     "postgresql", "graphql", "mysql", "sqlite", "iphone", "ipad", "macos"}
)  # fmt: skip
"""Names in camel case that are one word to their readers: `java` should not find every `JavaScript`."""

UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
JOINED = str.maketrans("", "", "-‐‑'’‘·׳״" + INVISIBLE)
DOT_OF_LETTERS = re.compile(r"(?<=[^\W\d_])\.(?=[^\W\d_])")
SHORT_WORD = re.compile("a[mnst]|b[ey]|do|he|i[fnst]|m[ey]|no|o[fnr]|so|to|u[ps]|we")
"""Words that no abbreviation with dots may be taken for: `U.S.` is not `us`."""


class Piece(NamedTuple):
    """A piece of a chunk: its folded text, what to stem (or ""), position and offsets in the chunk, and its kind.

    `kind` is PART for the parts that follow one another, WHOLE for what spans several or adds a sign to one, LAST for
    the last character of a run of an unspaced script, which stands beside the last pair, and SPELLED for a part whose
    umlauts are written as two letters, which stands before it.
    """

    term: str
    stem: str
    position: int
    start: int
    end: int
    kind: int


PART, WHOLE, LAST, SPELLED = range(4)


def is_plain_word(term: str) -> bool:
    """Whether a term that stands in a text as it is may be what someone misspelt: of letters alone, and no pair of an
    unspaced script."""
    return term.isalpha() and len(term) in WORD_LETTERS and (term.isascii() or not UNSPACED_START.match(term))


def chunk_pieces(chunk: str) -> Iterator[Piece]:
    """The pieces of a chunk: parts in order, each whole after its parts, the whole of it all last."""
    if chunk.isascii() and chunk.isalpha() and (chunk[1:].islower() or chunk.isupper() or len(chunk) == 1):
        yield word_piece(chunk, 0, 0)
        return
    chunk = chunk[:MAX_CHUNK_CHARS]
    sign = len(chunk) - len(chunk.lstrip("-."))
    position = 0
    for start, end in groups(chunk, sign):
        for piece in group_pieces(chunk[start:end], position, start):
            position = max(position, piece.position + 1)
            yield piece
    if position and JOINS.search(chunk, sign):
        yield whole_piece(chunk[sign:], 0, 0, sign)
    if sign and position:
        yield whole_piece(chunk, sign, 0, 0)


def groups(chunk: str, sign: int) -> Iterator[tuple[int, int]]:
    """Where the parts of a chunk between its joining signs lie; a closing `++` or `#` belongs to the last one."""
    start = sign
    for match in JOINS.finditer(chunk, sign):
        yield start, match.start()
        start = match.end()
    yield start, len(chunk)


def group_pieces(group: str, position: int, offset: int) -> Iterator[Piece]:
    """The pieces of text without joining signs: those of each run of a script."""
    if group.isascii():
        yield from spaced_pieces(group, position, offset)
        return
    for run in SCRIPT_RUN.finditer(group):
        make = unspaced_pieces if UNSPACED_START.match(run.group()) else spaced_pieces
        after = position
        for piece in make(run.group(), position, offset + run.start()):
            after = max(after, piece.position + 1)
            yield piece
        position = after


def unspaced_pieces(run: str, position: int, offset: int) -> Iterator[Piece]:
    """Overlapping pairs of the characters of the run, and the last one by itself."""
    silent = set[int]()
    if "ー" in run or "\uff70" in run:
        shape = "".join(normalize("NFKC", cluster)[0] for cluster in CLUSTER.findall(run))
        silent = {mark.start() for mark in LAST_LONG_VOWEL.finditer(shape)}
    # One by one, as a text without blanks may be a run of millions.
    clusters = (cluster for i, cluster in enumerate(CLUSTER.finditer(run)) if i not in silent)
    letters = ((fold_letter(m.group()), m.start(), m.end()) for m in clusters)
    last = next(letters)
    for i, (letter, start, end) in enumerate(letters, position):
        yield Piece(last[0] + letter, "", i, offset + last[1], offset + end, PART)
        position, last = i, (letter, start, end)
    yield Piece(last[0], "", position, offset + last[1], offset + last[2], LAST)


fold_letter = lru_cache(maxsize=100_000)(fold)


def spaced_pieces(run: str, position: int, offset: int) -> Iterator[Piece]:
    """The words of an identifier such as `send_rawTransaction2`, each whole after its parts, and the whole of it last.

    A sign at the end stays with the last part.
    """
    sign = "++" if run.endswith("++") else "#" if run.endswith("#") else ""
    first, count = position, 0
    found = (word for subword in SUBWORD.finditer(run) for word in words(subword))
    for start, end, parts in found:
        count += 1
        signed = sign and end + len(sign) == len(run)
        for i, (a, b) in enumerate(parts):
            piece = word_piece(run[a:b], position + i, offset + a)
            if signed and b == end:
                if len(piece.term) > 2:
                    yield piece._replace(kind=WHOLE)
                piece = Piece(fold(run[a:]), "", piece.position, piece.start, offset + len(run), PART)
            elif not piece.stem.isascii() and (spelled := piece.stem.translate(UMLAUTS)) != piece.stem:
                yield piece._replace(term=fold(spelled), stem="", kind=SPELLED)
            yield piece
        if parts not in ([], [(start, end)]):
            whole = whole_piece(run[start : len(run) if signed else end], 0, position, offset + start)
            if whole.term != piece.term:
                yield whole
        position += len(parts)
    if count > 1 and position > first + 1:
        yield whole_piece(run, 0, first, offset)


def words(subword: re.Match[str]) -> Iterator[tuple[int, int, list[tuple[int, int]]]]:
    """Where each run of letters or of digits lies, with where its parts do; a hash or encoded data is one part.

    The part of a version, as of `v4`, is its number.
    """
    text, word, start, end = subword.string, subword.group(), subword.start(), subword.end()
    if word.isalpha():
        yield start, end, list(camel(text, start, end))
        return
    runs = () if HASH.fullmatch(word) else [found.span() for found in LETTERS_OR_DIGITS.finditer(text, start, end)]
    if not 1 <= len(runs) <= MAX_RUNS:
        yield start, end, [(start, end)]
        return
    for a, b in runs:
        version = text[a] in "vV" and text[a + 1 : b].isdecimal()
        yield a, b, [(a + 1, b)] if version else list(camel(text, a, b))


def camel(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where the parts of a word in camel case lie; a word that is not in it is one part, marks alone are none."""
    word = text[start:end]
    if word.isalpha() and (word.islower() or word.isupper()):
        yield start, end
        return
    folded = fold(word)
    if word.islower() or word.isupper() or word[1:].islower() or folded in ONE_WORD:
        yield from [(start, end)] if folded else []
    elif word.isascii():
        yield from (found.span() for found in CAMEL.finditer(text, start, end))
    else:
        # Letters are looked at composed, so that it makes no difference how they are written.
        letters = list(LETTER.finditer(text, end - len(word.lstrip(DROPPED)), end))
        shape = "".join(normalize("NFC", letter.group())[0] for letter in letters)
        for found in CAMEL.finditer(shape) if folded else ():
            yield letters[found.start()].start(), letters[found.end() - 1].end()


def word_piece(word: str, position: int, offset: int) -> Piece:
    """A word as a piece; it is stemmed where it is letters only."""
    length = len(word)
    word = word[:MAX_FOLDED_CHARS]
    if word.isascii():
        term = word.lower()
        base = term if length < MAX_TERM_CHARS and term.isalpha() else ""
        return Piece(term[:MAX_TERM_CHARS], base, position, offset, offset + length, PART)
    spelled = without_vowel_marks(word).lower()
    base = spelled if length < MAX_TERM_CHARS and ALL_LETTERS.fullmatch(spelled) else ""
    return Piece(fold(word)[:MAX_TERM_CHARS], base, position, offset, offset + length, PART)


def whole_piece(text: str, sign: int, position: int, offset: int) -> Piece:
    """A compound as one term: `e-mail` is `email`, `Node.js` is `nodejs`, and `4.7.1` and what bears a sign stay."""
    length = len(text)
    text = text[:MAX_FOLDED_CHARS]
    if sign:
        term = text[:sign] + fold(text[sign:])
    else:
        dotted = fold(text).translate(JOINED)
        term = DOT_OF_LETTERS.sub("", dotted)
        term = dotted if SHORT_WORD.fullmatch(term) else term
    return Piece(term[:MAX_TERM_CHARS], "", position, offset, offset + length, WHOLE)

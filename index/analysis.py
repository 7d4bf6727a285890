"""Text to the terms that are indexed and asked for; the index side and the query side share this one code path.

`tokenize` turns a text into tokens: terms with their position and where in the text they stand. `patterns` turns what
a person typed into the sequences of terms by which it may stand in a post. Both cut a text into the same pieces:

- words, folded: case, accents (`café` is `cafe`), width, and composed or decomposed letters make no difference;
- the stem beside a word that has one, by the Snowball stemmer of the post's language;
- compounds whole and in parts: `foo_bar.baz`, `well-known` (as `wellknown`), `camelCase`, `don't` (as `dont`);
- `C++`, `C#`, `.NET`, `--dry-run` as they are;
- scripts written without spaces as overlapping pairs of characters, with the last character of a run by itself,
  so that a single character is found as the beginning of a pair.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import Stemmer

__all__ = [
    "CHUNK",
    "CLUSTER",
    "UNSPACED_START",
    "Pattern",
    "Slot",
    "Token",
    "fold",
    "patterns",
    "positions",
    "stemmable",
    "tokenize",
]

GAP = 100
"""Positions between two texts of one field."""

LONGEST_TERM = 100
"""Characters; what is longer (encoded data) is found by its first hundred."""

MARKS = "".join(
    chr(c)
    for c in (*range(0x300, 0x3100), *range(0xA000, 0xB000), *range(0xFE00, 0x10000), *range(0x10000, 0x12000))
    if unicodedata.category(chr(c)) in {"Mn", "Mc", "Me"}
)
INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff\ufe0e\ufe0f"
WORD = rf"\w[\w{MARKS}{INVISIBLE}\uff9e\uff9f]*"
JOIN = r"[.'’&·\-‐‑]"
CHUNK = re.compile(
    rf"(?:(?<![\w.\-])(?:--|\.)(?=[^\W\d_]))?{WORD}(?:{JOIN}{WORD})*(?:\+\+(?!\+)|#(?!\w))?"
    r"|[\u2190-\u2bff\U0001f000-\U0001faff]"
)
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
JOINS = re.compile(JOIN)
SUBWORD = re.compile(r"[^_+#]+")
CAMEL = re.compile(r"[A-Z]+(?=[A-Z][a-z])[0-9]*|[A-Z]?[^\WA-Z_]+|[A-Z]+[0-9]*|.", re.DOTALL)
ONE_WORD = frozenset(
    [
        "javascript",
        "typescript",
        "coffeescript",
        "github",
        "gitlab",
        "youtube",
        "linkedin",
        "wordpress",
        "powershell",
        "postgresql",
        "graphql",
        "mysql",
        "sqlite",
        "iphone",
        "ipad",
        "macos",
    ]
)
"""Names in camel case that are one word to their readers: `java` should not find every `JavaScript`."""

JOINED = str.maketrans("", "", "-‐‑'’·" + INVISIBLE)
LETTERS_WITHOUT_PARTS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "ð": "d", "þ": "th", "ħ": "h", "ŧ": "t"}
)
STEMMERS = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hu": "hungarian", "hy": "armenian",
    "id": "indonesian", "it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali", "nl": "dutch",
    "nn": "norwegian", "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian",
    "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
"""Primary language subtags and the Snowball algorithm of each, by PyStemmer's names."""


class Token(NamedTuple):
    """A term, its position (words counted from 0), and the characters [start, end) of the text where it stands."""

    term: str
    position: int
    start: int
    end: int


class Slot(NamedTuple):
    """What may stand at one place of a pattern: any of these terms, or any that begins with `prefix` (unless "")."""

    terms: frozenset[str]
    prefix: str = ""


Pattern = tuple[Slot, ...]
"""Slots in a row, each at the position after the one before."""


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


def fold(text: str) -> str:
    """The text as it is compared: compatibility forms, case, accents and invisible characters make no difference."""
    if text.isascii():
        return text.lower()
    flat = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    bare = "".join(c for c in flat if not "\u0300" <= c <= "\u036f" and c not in INVISIBLE)
    return unicodedata.normalize("NFC", bare.translate(LETTERS_WITHOUT_PARTS))


def stemmable(lang: str) -> str:
    """The Snowball algorithm for a language tag such as "pt-br", or "" where there is none."""
    return STEMMERS.get(lang.split("-")[0].split("_")[0].lower(), "")


def tokenize(text: str, lang: str) -> list[Token]:
    """All terms of the text, in the order in which they stand.

    Terms at one position are forms of one word, but for the whole of a compound, which stands where its first part
    does and ends where its last part ends.
    """
    tokens: list[Token] = []
    append = tokens.append
    algorithm = stemmable(lang)
    position = 0
    for found in CHUNK.finditer(text):
        offset = found.start()
        terms, width = chunk_terms(found.group(), algorithm)
        for term, place, start, end in terms:
            append(Token(term, position + place, offset + start, offset + end))
        position += width
    return tokens


def positions(texts: Iterable[str], lang: str) -> dict[str, list[int]]:
    """Where each term stands in the texts of one field, ascending: what `tokenize` gives, without the offsets.

    The texts stand far enough from one another for no pattern to reach from one into the next.
    """
    found: defaultdict[str, list[int]] = defaultdict(list)
    algorithm = stemmable(lang)
    position = 0
    for text in texts:
        for chunk in CHUNK.findall(text):
            terms, width = chunk_terms(chunk, algorithm)
            for term, place, _, _ in terms:
                found[term].append(position + place)
            position += width
        position += GAP
    return found


def patterns(text: str, langs: Collection[str] = ("en",), *, prefix: bool = False) -> tuple[Pattern, ...]:
    """The ways in which what a person typed may stand in posts of these languages, the likeliest first.

    One word gives its whole and, where it is a compound without a sign of its own, its parts in a row; several words
    give one row. With `prefix` the last word may go on. Nothing that is a word gives ().
    """
    chunks = [pieces for found in CHUNK.finditer(text) if (pieces := chunk_pieces(found.group()))]
    if not chunks:
        return ()
    algorithms = {stemmable(lang) for lang in langs} - {""}
    row = tuple(slot(piece, algorithms) for pieces in chunks for piece in parts_of(pieces))
    last = chunks[-1][-1]
    if prefix and last.kind != LAST:
        row = (*row[:-1], Slot(row[-1].terms, row[-1].prefix or list(parts_of(chunks[-1]))[-1].term))
    if len(chunks) != 1 or last.kind != WHOLE:
        return (row,)
    whole = (Slot(frozenset({last.term}), last.term if prefix else ""),)
    return (whole,) if has_sign(last.term) else (whole, row)


def has_sign(term: str) -> bool:
    return term.startswith(("--", ".")) or term.endswith(("++", "#"))


def parts_of(pieces: tuple[Piece, ...]) -> list[Piece]:
    """The pieces that follow one another; a part that has a sign of its own stands for itself with the sign."""
    if len(pieces) == 1:
        return list(pieces)
    row = {piece.position: piece for kind in (LAST, PART) for piece in pieces if piece.kind == kind}
    return [row[position] for position in sorted(row)] or [pieces[-1]]


def slot(piece: Piece, algorithms: Collection[str]) -> Slot:
    stems = (stem(piece.stem, algorithm) for algorithm in algorithms if piece.stem)
    return Slot(frozenset({piece.term, *stems}), piece.term if piece.kind == LAST else "")


@lru_cache(maxsize=200_000)
def chunk_terms(chunk: str, algorithm: str) -> tuple[tuple[tuple[str, int, int, int], ...], int]:
    """The terms of a chunk with position and offsets in it, and how many positions it takes."""
    terms: list[tuple[str, int, int, int]] = []
    width = 0
    for piece in chunk_pieces(chunk):
        where = (piece.position, piece.start, piece.end)
        terms.append((sys.intern(piece.term), *where))
        if piece.stem and algorithm and (base := stem(piece.stem, algorithm)) != piece.term:
            terms.append((sys.intern(base), *where))
        width = max(width, piece.position + 1)
    return tuple(terms), width


@lru_cache(maxsize=200_000)
def stem(word: str, algorithm: str) -> str:
    """The folded stem of a word (lower case, accents kept)."""
    return fold(stemmer(algorithm).stemWord(word))


@lru_cache(maxsize=64)
def stemmer(algorithm: str) -> Stemmer.Stemmer:
    return Stemmer.Stemmer(algorithm, 0)


@lru_cache(maxsize=20_000)
def chunk_pieces(chunk: str) -> tuple[Piece, ...]:
    """The pieces of a chunk: parts in order, each whole after its parts, the whole of it all last."""
    if chunk.isascii() and chunk.isalpha() and (chunk[1:].islower() or chunk.isupper() or len(chunk) == 1):
        return (part(chunk, 0, 0),)
    sign = len(chunk) - len(chunk.lstrip("-."))
    pieces: list[Piece] = []
    spans = list(groups(chunk, sign))
    position = 0
    for start, end in spans:
        group = group_pieces(chunk[start:end], position, start)
        position = max((piece.position + 1 for piece in group), default=position)
        pieces += group
    if len(spans) > 1 or sign:
        pieces.append(whole(chunk, sign, 0, 0))
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
    pieces: list[Piece] = []
    for run in SCRIPT_RUN.finditer(group):
        make = unspaced_pieces if UNSPACED_START.match(run.group()) else subword_pieces
        pieces += make(run.group(), pieces[-1].position + 1 if pieces else position, offset + run.start())
    if len({piece.position for piece in pieces}) > 1 and not UNSPACED_START.search(group):
        pieces.append(whole(group, 0, position, offset))
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
                yield part(run[start:end], position + i, offset + start)._replace(kind=WHOLE)
            yield Piece(fold(run[start:]), "", position + i, offset + start, offset + len(run), PART)
        else:
            yield part(run[start:end], position + i, offset + start)


def camel(word: str) -> Iterator[tuple[int, int]]:
    """Where the parts of a word in camel case lie; a word that is not in it is one part, marks alone are none."""
    folded = fold(word)
    if word.islower() or word.isupper() or word[1:].islower() or folded in ONE_WORD:
        yield from [(0, len(word))] if folded else []
    elif word.isascii():
        yield from (found.span() for found in CAMEL.finditer(word))
    else:
        # Letters are looked at composed, so that it makes no difference how they are written.
        letters = list(LETTER.finditer(word))
        shape = "".join(unicodedata.normalize("NFC", letter.group())[0] for letter in letters)
        for found in CAMEL.finditer(shape) if folded else ():
            yield letters[found.start()].start(), letters[found.end() - 1].end()


def part(word: str, position: int, offset: int) -> Piece:
    base = unicodedata.normalize("NFC", word).lower() if len(word) < LONGEST_TERM and letters_only(word) else ""
    return Piece(fold(word)[:LONGEST_TERM], base, position, offset, offset + len(word), PART)


def letters_only(word: str) -> bool:
    return word.isalpha() or unicodedata.normalize("NFC", word).isalpha()


def whole(text: str, sign: int, position: int, offset: int) -> Piece:
    """A compound as one term: without its hyphens, so that `e-mail` is `email`, unless it bears a sign."""
    term = text[:sign] + fold(text[sign:]) if sign else fold(text).translate(JOINED)
    return Piece(term[:LONGEST_TERM], "", position, offset, offset + len(text), WHOLE)

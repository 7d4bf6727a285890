"""Spelling: a word that no post holds is taken for the words of posts that it may be a misspelling of.

A word that any post holds, as written or by its stem, is never touched. For any other the nearest words of the posts
stand in, each with the less of its score the more edits it takes. Two words typed as one are parted, and one that was
typed as two is joined.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache, partial
from itertools import pairwise
from math import log1p
from typing import NamedTuple

from index.analysis import UNSPACED_START, fold, patterns, stemmer_for
from search.deadline import Deadline
from search.engine.highlights import highlighted
from search.engine.searcher import Searcher
from search.matches import Match, NearWord
from search.query import ALSO_MEANT, Clause, Instead, Phrase, Query, Word
from search.query.grammar import Part, parts, replaced
from search.query.parser import FIELD_ALIASES, FILTERS, MAX_TEXT_CHARS, cut_at_blank, is_filter
from search.query.words import HAN, KATAKANA, any_of, make_word

__all__ = ["Rewrite", "corrected", "mended", "respelled"]

MANY_WORDS = 4
"""In a query of so many telling words the others find what is meant, and a wrong guess does more harm than good."""

MIN_LETTERS, MIN_LETTERS_OF_MANY = 4, 6
"""How many letters a word has at least that may be a misspelling, in a short query and in one of many words: a shorter
one is near to too many others."""

TWO_EDITS_LETTERS, TWO_EDITS_LETTERS_OF_MANY = 5, 9
"""From how many letters on two edits are allowed."""

MORE_EDITS_LETTERS = 9
"""From how many letters on an edit more is allowed where nothing is near."""

BEGINNING_TWO_EDITS_LETTERS = 8
"""From how many letters on a word that is still being typed may have two edits."""

MAX_NEAR = 8
POSTS_SHARE = 0.15
"""A word's distance is its edits - POSTS_SHARE · ln(1 + the posts that hold it): the commoner is the likelier."""

ALSO_NEAR = 0.5
"""How much farther than the nearest another word may be to be named too."""

NEAR_SHARE, EDIT_SHARE = 0.7, 0.35
"""The part of its score that the nearest word counts, and the part of that which is left for each edit more."""

MIN_PART_LETTERS = 2
PARTING_EDITS = 2
"""How long the parts are of a word that is parted, and how many edits that counts."""

NO_LETTER = rf"(?<![^\W{HAN}{KATAKANA}])(?:{{}})(?![^\W{HAN}{KATAKANA}])"
"""What stands by itself: beside Chinese and Japanese, words need no blanks."""

WORD = re.compile(r"(?<!\w)[^\W\d_]+(?!\w)")

INFLECTIONS = ("s", "es", "d", "ed", "ing", "ly")
"""With these endings a word of the posts is right."""


class Rewrite(NamedTuple):
    """What is asked in place of a clause or two: further clauses.

    `typed` is a pattern of what it stands for in the text. `meant` are the texts that may be meant by it, the likeliest
    first, each with the option that asks for it; none where it is asked as it was typed.
    """

    clauses: tuple[Clause, ...]
    typed: str = ""
    meant: tuple[tuple[str, Word | Phrase | None], ...] = ()


def respelled(
    query: Query, searcher: Searcher, now: datetime, deadline: Deadline, *, begun: bool = False
) -> tuple[Query, list[Rewrite]]:
    """The query with near words in place of words that no post holds, and the rewrites; itself without any.

    With `begun` the last word may be the beginning of one, and is no misspelling where words begin with it.
    """
    if not query.typos:
        return query, []
    speller = Speller(searcher, now, deadline, sum(not clause.weak for clause in query.clauses))
    speller.prefetch(query.clauses, begun=begun)
    rewrites: list[Rewrite] = []
    clauses = list(query.clauses)
    while clauses:
        clause, *rest = clauses
        pair = speller.joined(clause, rest[0]) if rest else None
        rewrites.append(pair or speller.read(clause, begun=begun and not rest))
        clauses = rest[1:] if pair else rest
    asked = tuple(clause for rewrite in rewrites for clause in rewrite.clauses)
    if asked == query.clauses:
        return query, []
    told = [rewrite for rewrite in rewrites if rewrite.meant]
    wanted = reworded(query, query.wanted, told, [rewrite.meant[0][0] for rewrite in told])
    return replace(query, clauses=asked, wanted=wanted), told


def corrected(query: Query, rewrites: Sequence[Rewrite], best: Match | None) -> Query:
    """The query with `corrected`, its text as it is meant by the rewrites, and in `instead` as it may be meant as well.

    Of words that are about as near the one counts that the best match holds: it stands beside the others of the query.
    Accents are those of that match.
    """
    marked, written = 0, dict[str, str]()
    if best:
        texts = ((best.document.title, best.highlights.title), (best.document.body, best.highlights.body))
        for text, ranges in (*texts, *zip(best.document.tags, best.highlights.tags, strict=True)):
            for start, end, bits in ranges:
                marked |= bits
                written.setdefault(fold(text[start:end]), text[start:end].lower())
    held = {option for bit, option in enumerate(highlighted(query.clauses)) if marked >> bit & 1}
    meant = [
        [written.get(text, text) for text, _ in sorted(rewrite.meant, key=lambda choice: choice[1] not in held)]
        for rewrite in rewrites
    ]
    instead, typed = query.instead, cut_at_blank(query.text, MAX_TEXT_CHARS)  # what was read of it
    if any(len(choices) > 1 for choices in meant):
        other = reworded(query, typed, rewrites, [choices[:2][-1] for choices in meant])
        instead = (*instead, Instead(other, ALSO_MEANT))
    text = reworded(query, typed, rewrites, [choices[0] for choices in meant])
    return replace(query, corrected=text, instead=instead)


def reworded(query: Query, text: str, rewrites: Sequence[Rewrite], meant: Sequence[str]) -> str:
    """The text of the query with what is meant in place of what was typed.

    What is taken as it is typed, such as a quotation that holds the same word, stays.
    """
    if not rewrites:
        return text
    exact = [range(part.end - len(part.text), part.end) for part in parts(text) if is_exact(part, query)]

    def new(found: re.Match[str]) -> str:
        return found[0] if any(found.start() in place for place in exact) else meant[(found.lastindex or 1) - 1]

    return re.sub(NO_LETTER.format("|".join(f"({rewrite.typed})" for rewrite in rewrites)), new, text)


def is_exact(part: Part, query: Query) -> bool:
    """Whether a part of the query is taken as it is typed: a quotation, a field or filter, or what is left out."""
    if part.minus and query.excluded:
        return True
    if part.field in FILTERS:
        return is_filter(part)
    # Of a quotation that is still being typed the last word is a word by itself.
    return part.field in FIELD_ALIASES or (part.quoted and (part.closed or not query.prefix))


def mended(query: Query, text: str, searcher: Searcher, now: datetime, deadline: Deadline) -> str:
    """The text of the query with near words in what is quoted or asked for in a field, too."""
    speller = Speller(searcher, now, deadline, 1)
    exact = {part: part.text for part in parts(text) if not part.minus and is_exact(part, query)}
    return replaced(text, {part: WORD.sub(speller.nearest, said) for part, said in exact.items()})


class Speller:
    """Reads the words of one query, of which so many are `telling` and not stop words; after the deadline as typed."""

    def __init__(self, searcher: Searcher, now: datetime, deadline: Deadline, telling: int) -> None:
        self._searcher = searcher
        self._now = now
        self._deadline = deadline
        self._doc_freq = partial(searcher.doc_freq, now=now)
        self._many = telling >= MANY_WORDS
        self._alone = telling == 2
        self._langs = searcher.langs()
        self.terms = cache(self._terms)

    def plain(self, clause: Clause) -> str:
        """The word that a clause asks for, as posts hold it, where it is of letters alone and in no field."""
        if not isinstance(clause, Word) or clause.field or clause.weak or clause.share != 1:
            return ""
        word = fold(clause.text)
        # A word of parts, such as `getElement`, has several patterns or slots.
        spaced = word.isascii() or not UNSPACED_START.match(word)
        simple = word.isalpha() and spaced and self.terms(clause.text)
        return word if simple else ""

    def _terms(self, text: str) -> frozenset[str]:
        """The word and its stems, where it is one word of one part."""
        found = patterns(text, self._langs)
        return frozenset().union(*(row[0].terms for row in found)) if max(map(len, found)) == 1 else frozenset()

    def prefetch(self, clauses: Sequence[Clause], *, begun: bool) -> None:
        """Have looked up at once what is asked of all words, and of each with the next one."""
        words = [self.plain(clause) for clause in clauses]
        terms = {a + b for a, b in pairwise(words) if a and b}.union(*map(self.terms, filter(None, words)))
        typing = begun or any(isinstance(clause, Word) and clause.prefix for clause in clauses)
        self._searcher.prefetch(terms, {word for word in words[-1:] if word and typing})

    def joined(self, first: Clause, second: Clause) -> Rewrite | None:
        """Two words with the one that they make together, if posts hold that: `hand off` is found as `handoff` too."""
        a, b = self.plain(first), self.plain(second)
        if not (isinstance(first, Word) and isinstance(second, Word) and a and b):
            return None
        if len(a + b) < MIN_LETTERS or not self._doc_freq(a + b):
            return None
        known = self._doc_freq(a, prefix=first.prefix) and self._doc_freq(b, prefix=second.prefix)
        if known and not self._alone:
            return None
        word = Word(a + b, share=NEAR_SHARE if known else 1.0)
        if not known:
            return Rewrite((word,), rf"{re.escape(first.text)}\s+{re.escape(second.text)}", ((a + b, word),))
        return Rewrite((any_of((first, word)), any_of((second, word))))

    def read(self, clause: Clause, *, begun: bool) -> Rewrite:
        """A clause, or for a word that no post holds what it may be a misspelling of; one that is `begun` may go on."""
        word, same = self.plain(clause), Rewrite((clause,))
        least = MIN_LETTERS_OF_MANY if self._many else MIN_LETTERS
        if not isinstance(clause, Word) or len(word) < least or self._doc_freq(word) or self._deadline.passed:
            return same
        if (clause.prefix or begun) and self._doc_freq(word, prefix=True):
            return same
        near, stems = self.near(word, begins=clause.prefix), self.held_stems(clause.text)
        if stems and (self.is_inflected(word) or (near and stems & self.terms(near[0].text))):
            return same
        near = [one for one in near if not stems & self.terms(one.text)]
        typed = re.escape(clause.text)
        parts, farther = ((), 0.0) if stems or self._many else self.parted(word, prefix=clause.prefix)
        if parts and not (near and distance(near[0]) < farther):
            return Rewrite(parts, typed, ((" ".join(part.text for part in parts), None),))
        if not near:
            return same
        least_edits = min(one.edits for one in near)
        options: list[Word] = [clause] if stems else []
        meant: list[tuple[str, Word]] = []
        told = frozenset[str]()
        for one in near:
            share = NEAR_SHARE * EDIT_SHARE ** (one.edits - least_edits)
            options.append(Word(one.begins or one.text, prefix=bool(one.begins), share=share))
            terms = self.terms(one.text)
            if distance(one) - distance(near[0]) <= ALSO_NEAR and not terms & told:
                meant.append((one.text, options[-1]))
                told |= terms
        return Rewrite((any_of(options),), typed, tuple(meant))

    def nearest(self, found: re.Match[str]) -> str:
        """The word that is nearest to the one that was found in a text, which stays where posts hold it."""
        rewrite = self.read(Word(found[0]), begun=False)
        return rewrite.meant[0][0] if rewrite.meant else found[0]

    def held_stems(self, text: str) -> frozenset[str]:
        """The stems of a word that posts hold which are stemmed by the same rules."""
        return frozenset(
            stem
            for row in patterns(text, self._langs)
            for stem, algorithm in row[0].stems
            if any(stemmer_for(lang) == algorithm for lang in self._searcher.lang_counts(stem))
        )

    def is_inflected(self, word: str) -> bool:
        """Whether a word is one of the posts with an ending: `closing`, `stopped`, `studies`."""
        bases = {word.removesuffix(end) for end in INFLECTIONS} - {word}
        bases |= {base + "e" for base in bases} | {base[:-1] for base in bases if base[-1:] == base[-2:-1]}
        bases |= {base[:-1] + "y" for base in bases if base.endswith("i")}
        self._searcher.prefetch(bases, ())
        held = (base for base in bases if len(base) > 1 and self._doc_freq(base))
        return any(self._searcher.near(base, 0, self._now) for base in held)

    def near(self, word: str, *, begins: bool) -> list[NearWord]:
        """The nearest words of the posts, the nearest first; with `begins` beginnings too."""
        size = len(word)
        edits = 2 if size >= (TWO_EDITS_LETTERS_OF_MANY if self._many else TWO_EDITS_LETTERS) else 1
        found = [*self._searcher.near(word, edits, self._now)]
        if begins:
            least = 2 if size >= BEGINNING_TWO_EDITS_LETTERS else 1
            found += self._searcher.near(word, least, self._now, begins=True)
        if not found and size >= MORE_EDITS_LETTERS and not self._many:
            found = [*self._searcher.near(word, edits + 1, self._now)]
        return sorted(found, key=distance)[:MAX_NEAR]

    def parted(self, word: str, *, prefix: bool) -> tuple[tuple[Word, ...], float]:
        """The two words that a word is likeliest made of, by how many posts hold each, and how far they are from it.

        With `prefix` the second begins words. None where no post holds both.
        """
        likeliest, rarer = 0, 0
        found: tuple[Word, ...] = ()
        cuts = range(MIN_PART_LETTERS, len(word) - MIN_PART_LETTERS + 1)
        pairs = [(word[:cut], word[cut:]) for cut in cuts]
        firsts, seconds = ({pair[part] for pair in pairs} for part in (0, 1))
        self._searcher.prefetch(*((firsts, seconds) if prefix else (firsts | seconds, ())))
        for first, second in pairs:
            posts = self._doc_freq(first)
            others = self._doc_freq(second, prefix=prefix) if posts else 0
            if posts * others > likeliest:
                likeliest, rarer = posts * others, min(posts, others)
                found = (make_word(first), make_word(second, prefix=prefix))
        both = Query(clauses=tuple(replace(part, required=True) for part in found))
        if not (found and self._searcher.count(both, self._now)):
            return (), 0.0
        return found, PARTING_EDITS - POSTS_SHARE * log1p(rarer)


def distance(one: NearWord) -> float:
    """How far a word is from the one that was typed: in edits, less for common words."""
    return one.edits - POSTS_SHARE * log1p(one.posts)

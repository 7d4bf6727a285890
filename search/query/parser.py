"""Parses the text of a search box into a `Query`, and writes a `Query` as such a text again.

`parse` never raises: what it could not use, and what it cut, comes back in `Query.warnings`, in words. The limits below
bound its work, however long or odd the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from index.analysis import fold, patterns
from search.query import AnyOf, Clause, Filters, Phrase, Query, Word
from search.query.grammar import Part, parts, typed_text

__all__ = ["MAX_CLAUSES", "STOP_WORDS", "parse", "parsed_text"]

MAX_TEXT_CHARS = 1_000
MAX_INPUT_CHARS = 10 * MAX_TEXT_CHARS
"""White space and control characters are taken out of so much at most, before the text is cut."""

MAX_WORD_CHARS = 100
MAX_PHRASE_WORDS = 16
MAX_CLAUSES = 32
MAX_PREFIXES = 8
"""Words that may go on: each is as dear as all the words that begin with it."""

MAX_WARNINGS = 10

STOP_WORDS = frozenset(
    {"a", "about", "an", "and", "are", "as", "at", "be", "but", "by", "can", "do", "does", "for", "from", "has",
     "have", "how", "i", "if", "in", "into", "is", "it", "its", "no", "not", "of", "on", "or", "our", "so", "such",
     "that", "the", "their", "then", "there", "these", "they", "this", "to", "was", "we", "what", "when", "where",
     "which", "who", "will", "with", "you", "your"}
)  # fmt: skip
"""Words that are in almost every English post: they bring no post in by themselves when there are others."""

FIELD_ALIASES = {
    "title": "title", "tag": "tags", "tags": "tags", "author": "author", "category": "category", "body": "body",
}  # fmt: skip
"""The fields that a word can be asked for in, by the names that people type."""

FIELD_ALIAS_OF = {field: name for name, field in FIELD_ALIASES.items() if name != "tags"}
"""The name that each field is written by."""

FILTERS = frozenset({"lang", "after", "before"})
DATE = re.compile(r"([0-9]{4})(?:-([0-9]{1,2}))?(?:-([0-9]{1,2}))?")
LANG = re.compile(r"[a-z]{2,8}(?:-[a-z0-9]{1,8})*")
DASHES = frozenset("-–—")


def parse(text: str, *, prefix: bool = True) -> Query:
    """The query that the text says; with `prefix` its last word may still be being typed.

    `Query.text` is the text as typed, with single blanks. The filters are what the text itself says: `lang:`,
    `after:`, `before:`.
    """
    typed = typed_text(text[:MAX_INPUT_CHARS]).lstrip()
    kept = cut_at_blank(typed.rstrip(), MAX_TEXT_CHARS)
    cut = len(text) > MAX_INPUT_CHARS or kept != typed.rstrip()
    builder = QueryBuilder(kept, typing=prefix and not cut and typed == kept)
    if cut:
        builder.warn(f"ignored: all after the first {MAX_TEXT_CHARS:,} characters")
    return builder.query()


def cut_at_blank(text: str, length: int) -> str:
    """The text up to its last blank before `length`, or to `length` where there is no blank."""
    if len(text) <= length:
        return text
    return text[: text.rfind(" ", 0, length + 1)] if " " in text[: length + 1] else text[:length]


class QueryBuilder:
    """Makes a `Query` of the parts of one text.

    `typing` says that the text may go on: a last word without a blank behind it may be the beginning of one.
    """

    def __init__(self, text: str, *, typing: bool) -> None:
        self.text = text
        self.typing = typing
        self.wanted: list[Clause] = []
        self.excluded: list[Clause] = []
        self.filters = Filters()
        self.prefixes = 0
        self.warnings: list[str] = []
        self.wordless: list[str] = []
        """Bars, and what holds no word: of use only where there is nothing else."""

    def query(self) -> Query:
        """The query of the whole text."""
        terms = [part for part in parts(self.text) if self.is_term(part)]
        for group in alternatives(terms):
            self.on_group(group)
        if self.wordless and not (self.wanted or self.excluded or self.filters != Filters()):
            # A post may be called `...`: what can't be used as a part is asked for as the whole.
            return Query(self.text, (Phrase(" ".join(self.wordless)[:MAX_WORD_CHARS].strip()),))
        wanted, excluded = self.bounded(self.wanted), self.bounded(self.excluded)
        warnings = tuple(dict.fromkeys(self.warnings))
        if len(warnings) > MAX_WARNINGS:
            rest = f"ignored: {len(warnings) - MAX_WARNINGS + 1} more parts of the query"
            warnings = (*warnings[: MAX_WARNINGS - 1], rest)
        return Query(self.text, wanted, excluded, self.filters, warnings=warnings)

    def bounded(self, clauses: Iterable[Clause]) -> tuple[Clause, ...]:
        """As many of the clauses as a query may hold, each once."""
        kept: list[Clause] = []
        room = MAX_CLAUSES
        rest = list(dict.fromkeys(clauses))
        while rest and room:
            clause = rest.pop(0)
            if isinstance(clause, AnyOf) and len(clause.options) > room:
                rest.insert(0, any_of(clause.options[room:]))
                clause = any_of(clause.options[:room])
            kept.append(clause)
            room -= len(clause.options) if isinstance(clause, AnyOf) else 1
        if rest:
            said = shown(" ".join(map(clause_text, rest)))
            self.warn(f"ignored: {said}: a query holds {MAX_CLAUSES} words and phrases at most")
        return tuple(kept)

    def warn(self, message: str) -> None:
        """Tell the visitor of something in the text that was not used as typed."""
        self.warnings.append(message)

    def is_term(self, part: Part) -> bool:
        """Whether the part is an operator or holds a word. A filter is taken here; what else there is, passed over."""
        if part.operator:
            self.wordless += [part.operator] if part.operator == "|" else []
            return True
        if part.field and not part.value:
            if not self.is_unfinished(part):
                self.warn(f"ignored: {part.text} without a value")
        elif part.field in FILTERS:
            self.on_filter(part)
        elif patterns(part.value):
            return True
        elif part.value and not DASHES.issuperset(part.text):
            self.wordless.append(part.value)
            self.warn(f"ignored: {shown(part.value)}: it holds no word")
        elif follower := self.text[part.end : part.end + 1].strip():
            self.warn(f"ignored: {part.text} before {follower}")
        return False

    def is_unfinished(self, part: Part) -> bool:
        """Whether the part may still be being typed."""
        return self.typing and part.end == len(self.text)

    def on_filter(self, part: Part) -> None:
        """A language or a date: it has no part in the score, and can be neither excluded nor an alternative."""
        if part.minus:
            self.warn(f"ignored: {shown(part.text)}: it can't be excluded")
        elif part.field == "lang":
            lang = part.value.lower().replace("_", "-")
            if not LANG.fullmatch(lang):
                self.warn(f"ignored: {shown(part.text)}: a language is given as en or pt-br")
            elif lang not in self.filters.lang:
                self.filters = replace(self.filters, lang=(*self.filters.lang, lang))
        else:
            day = first_day(part.value)
            if day is None:
                self.warn(f"ignored: {shown(part.text)}: a date is given as 2013, 2013-06 or 2013-06-19")
            elif part.field == "after":
                self.filters = replace(self.filters, since=max(day, self.filters.since or day))
            else:
                self.filters = replace(self.filters, until=min(day, self.filters.until or day))

    def on_group(self, group: Sequence[Part]) -> None:
        """Words or quotations that are alternatives to one another, or a single one, wanted or excluded."""
        clauses = [clause for part in group for clause in self.clauses(part) if patterns(clause.text)]
        if group[0].minus:
            self.excluded += clauses
        elif len(group) == 1:
            self.wanted += clauses
        else:
            self.wanted.append(any_of(clauses))

    def clauses(self, part: Part) -> Sequence[Word | Phrase]:
        """What is asked for by a part that holds a word."""
        return self.phrase(part) if part.quoted else [self.word(part)]

    def word(self, part: Part) -> Word:
        """The word of a part, which may go on where a `*` says so or where it is still being typed."""
        text = part.value.rstrip("*")
        goes_on = text != part.value or (self.is_unfinished(part) and not part.minus and ends_in_letter(text))
        if goes_on and self.prefixes == MAX_PREFIXES:
            self.warn(f"taken as a whole word: {shown(text)}: at most {MAX_PREFIXES} words of a query may go on")
            goes_on = False
        self.prefixes += goes_on
        return make_word(self.shortened(text), FIELD_ALIASES.get(part.field), prefix=goes_on, weak=not part.minus)

    def phrase(self, part: Part) -> Sequence[Word | Phrase]:
        """The phrase of a quotation; of one that is still being typed, what is whole and the beginning of a word."""
        words, field = part.value.split(), FIELD_ALIASES.get(part.field)
        typed: list[Word | Phrase] = []
        if words and not part.closed:
            last = words[-1]
            if self.is_unfinished(part) and not part.minus and ends_in_letter(last) and is_plain(last):
                # The last word is not whole yet: in a row with the others it would find nothing until it is.
                typed, words = [make_word(self.shortened(last), field, prefix=True)], words[:-1]
            elif not self.typing:
                self.warn(f"closed at the end: the quotation {shown(part.text)}")
        if rest := " ".join(words[MAX_PHRASE_WORDS:]):
            self.warn(f"ignored: {shown(rest)}: a phrase holds {MAX_PHRASE_WORDS} words at most")
        row = " ".join(map(self.shortened, words[:MAX_PHRASE_WORDS]))
        return typed if typed and not words else [Phrase(row, field), *typed]

    def shortened(self, word: str) -> str:
        """The word, no longer than may be."""
        if len(word) <= MAX_WORD_CHARS:
            return word
        self.warn(f"cut to {MAX_WORD_CHARS} characters: {shown(word)}")
        return word[:MAX_WORD_CHARS].rstrip("*")


def alternatives(terms: Sequence[Part]) -> list[list[Part]]:
    """The parts in groups: those that an operator joins are together, every other is by itself.

    Between words in capitals `OR` is a word: people paste `READ OR DIE`. `|` joins these too.
    """
    groups: list[list[Part]] = []
    joined = False
    for before, part, after in zip([None, *terms], terms, [*terms[1:], None], strict=False):
        if not part.operator:
            if joined:
                groups[-1].append(part)
            else:
                groups.append([part])
            joined = False
        elif before and after and is_option(before, part.operator) and is_option(after, part.operator):
            joined = True
        elif part.operator == "OR":
            groups.append([part._replace(operator="", value="or")])
    return groups


def is_option(part: Part, operator: str) -> bool:
    """Whether the part may stand beside this operator."""
    plain = not part.quoted and not part.field
    return not part.operator and not part.minus and not (operator == "OR" and plain and part.value.isupper())


def make_word(text: str, field: str | None = None, *, prefix: bool = False, weak: bool = True) -> Word:
    """A word; required in a field that was named, and weak where it is a stop word and `weak` lets it be."""
    weak = weak and field is None and fold(text.strip(".,;:!?…'’")) in STOP_WORDS
    return Word(text, field, prefix, required=field is not None, weak=weak)


def any_of(clauses: Iterable[Word | Phrase]) -> Clause:
    options = tuple(dict.fromkeys(clauses))
    if len(options) == 1:
        return options[0]
    return AnyOf(options, all(option.required for option in options), all(option.weak for option in options))


def is_plain(text: str) -> bool:
    """Whether the text, outside of a quotation, is one word and nothing else."""
    return list(parts(text)) == [Part(text, len(text), value=text)]


def ends_in_letter(text: str) -> bool:
    """Whether a word that ends like this may go on: it ends in a letter, a mark, a digit or `_`."""
    return text[-1:] == "_" or unicodedata.category(text[-1:] or " ")[0] in "LMN"


def first_day(text: str) -> date | None:
    """The day on which a year or month begins, or the day itself; None where there is no such date."""
    found = DATE.fullmatch(text)
    if not found:
        return None
    year, month, day = (int(number) for number in found.groups("1"))
    try:
        return date(year, month, day)
    except ValueError:
        return None


def shown(text: str) -> str:
    """The text as a message shows it: not too much of it."""
    return text if len(text) <= 40 else f"{text[:39].rstrip()}…"


def parsed_text(query: Query) -> str:
    """The query as text; `parse` without `prefix` makes the same clauses and filters of it.

    Of the filters it says what a text can say: languages and days.
    """
    said = [clause_text(clause) for clause in query.clauses]
    said += [f"-{clause_text(clause)}" for clause in query.excluded]
    said += [f"lang:{lang}" for lang in query.filters.lang]
    since, until = query.filters.since, query.filters.until
    said += [f"after:{date.fromordinal(since.toordinal())}"] if since else []
    said += [f"before:{date.fromordinal(until.toordinal())}"] if until else []
    return " ".join(said)


def clause_text(clause: Clause) -> str:
    if isinstance(clause, AnyOf):
        return " | ".join(map(clause_text, clause.options))
    name = f"{FIELD_ALIAS_OF.get(clause.field, clause.field)}:" if clause.field else ""
    if isinstance(clause, Phrase):
        return f'{name}"{clause.text}"'
    return f"{name}{clause.text}{'*' if clause.prefix else ''}"

"""Parses the text of a search box into a `Query`, and writes a `Query` as such a text again.

`parse` never raises: what it could not use, and what it cut, comes back in `Query.warnings`, in words. The limits below
bound its work, however long or odd the text.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import date

from index.analysis import fold, patterns
from search.query import AnyOf, Clause, Filters, Phrase, Query, Word
from search.query.grammar import OPERATORS, Part, parts, typed_text

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
    for part in parts(kept):
        if builder.full:
            rest = kept[part.end - len(part.text) :]
            builder.warn(f"ignored: {shown(rest)}: a query holds {MAX_CLAUSES} words and phrases at most")
            break
        builder.on_part(part)
    return builder.query()


def cut_at_blank(text: str, length: int) -> str:
    """The text up to its last blank before `length`, or to `length` where there is no blank."""
    if len(text) <= length:
        return text
    return text[: text.rfind(" ", 0, length + 1)] if " " in text[: length + 1] else text[:length]


class QueryBuilder:
    """Takes the parts of one text from left to right and makes a `Query` of them.

    `typing` says that the text may go on: a last word without a blank behind it may be the beginning of one.
    """

    def __init__(self, text: str, *, typing: bool) -> None:
        self.text = text
        self.typing = typing
        self.wanted: list[list[Word | Phrase]] = []
        """The alternatives of each clause."""
        self.excluded: list[Word | Phrase] = []
        self.filters = Filters()
        self.warnings: list[str] = []
        self.wordless: list[str] = []
        """Operators, and what holds no word: of use only where there is nothing else."""
        self.or_possible = False
        self.pending_or = ""
        self.pending_not = False

    @property
    def full(self) -> bool:
        """Whether the query holds as many words and phrases as it may."""
        return len(self.excluded) + sum(map(len, self.wanted)) >= MAX_CLAUSES

    def warn(self, message: str) -> None:
        """Tell the visitor of something in the text that was not used as typed."""
        self.warnings.append(message)

    def on_part(self, part: Part) -> None:
        """Take the next part of the text."""
        if part.operator:
            self.on_operator(part.operator)
        elif part.field and not part.value:
            if not self.is_unfinished(part):
                self.warn(f"ignored: {part.text} without a value")
        elif part.field in FILTERS:
            self.on_filter(part)
        elif part.value:
            self.on_term(part)
        elif follower := self.text[part.end : part.end + 1].strip():
            self.warn(f"ignored: {part.text} before {follower}")

    def is_unfinished(self, part: Part) -> bool:
        """Whether the part may still be being typed."""
        return self.typing and part.end == len(self.text)

    def on_operator(self, operator: str) -> None:
        """`OR` joins the clause before it to the next, `NOT` excludes the next; `AND` says what holds anyhow."""
        if operator == "NOT":
            self.pending_not = True
        elif operator != "AND" and self.or_possible:
            self.pending_or = operator
        elif operator != "AND" and self.wanted + self.excluded:
            self.warn(f"ignored: {operator} without a word before it")
        elif operator != "AND":
            self.warn(f"ignored: {operator} at the start")
        self.wordless.append(operator)

    def drop_pending_or(self, neighbour: str) -> None:
        """Forget an `OR` that stands beside what is no alternative to a word; `neighbour` says what, in words."""
        if self.pending_or:
            self.warn(f"ignored: {self.pending_or} {neighbour}")
        self.pending_or, self.or_possible = "", False

    def on_filter(self, part: Part) -> None:
        """A language or a date: it has no part in the score, and can be neither excluded nor an alternative."""
        self.drop_pending_or(f"before {shown(part.text)}")
        excluded, self.pending_not = self.pending_not or part.minus, False
        if excluded:
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

    def on_term(self, part: Part) -> None:
        """A word or a quotation, wanted or excluded; dropped where it holds no word."""
        excluded = self.pending_not or part.minus
        made = self.phrase(part, excluded) if part.quoted else [self.word(part, excluded)]
        clauses = [clause for clause in made if patterns(clause.text)]
        if not clauses:
            self.wordless += [] if DASHES.issuperset(part.text) else [part.value]
        elif excluded:
            self.drop_pending_or(f"before {shown(part.text)}")
            self.excluded += clauses
            self.pending_not = False
        else:
            if self.pending_or:
                self.wanted[-1].append(clauses.pop(0))
            self.wanted += [[clause] for clause in clauses]
            self.pending_or, self.or_possible = "", True

    def word(self, part: Part, excluded: bool) -> Word:
        """The word of a part, which may go on where a `*` says so or where it is still being typed."""
        text = part.value.rstrip("*")
        goes_on = text != part.value or (self.is_unfinished(part) and not excluded and ends_in_letter(text))
        taken = [*self.excluded, *(option for options in self.wanted for option in options)]
        if goes_on and sum(isinstance(option, Word) and option.prefix for option in taken) >= MAX_PREFIXES:
            self.warn(f"taken as a whole word: {shown(text)}: at most {MAX_PREFIXES} words of a query may go on")
            goes_on = False
        return make_word(self.shortened(text), FIELD_ALIASES.get(part.field), prefix=goes_on, weak=not excluded)

    def phrase(self, part: Part, excluded: bool) -> list[Word | Phrase]:
        """The phrase of a quotation; of one that is still being typed, what is whole and the beginning of a word."""
        words, field = part.value.split(), FIELD_ALIASES.get(part.field)
        typed: list[Word | Phrase] = []
        if words and not part.closed:
            last = words[-1]
            if self.is_unfinished(part) and not excluded and ends_in_letter(last) and is_plain(last):
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

    def query(self) -> Query:
        """The query of all the parts taken."""
        self.drop_pending_or("at the end")
        asked = self.wanted or self.excluded or self.filters != Filters()
        if self.wordless and not asked:
            # A post may be called `...` or `OR`: what can't be used as a part is asked for as the whole.
            return Query(self.text, (Phrase(" ".join(self.wordless)[:MAX_WORD_CHARS].strip()),))
        if self.pending_not:
            self.warn("ignored: NOT at the end")
        for text in self.wordless:
            if text not in OPERATORS:
                self.warn(f"ignored: {shown(text)}: it holds no word")
        warnings = tuple(dict.fromkeys(self.warnings))
        if len(warnings) > MAX_WARNINGS:
            rest = f"ignored: {len(warnings) - MAX_WARNINGS + 1} more parts of the query"
            warnings = (*warnings[: MAX_WARNINGS - 1], rest)
        return Query(
            self.text,
            tuple(dict.fromkeys(one_of(tuple(dict.fromkeys(options))) for options in self.wanted)),
            tuple(dict.fromkeys(self.excluded)),
            self.filters,
            warnings=warnings,
        )


def make_word(text: str, field: str | None = None, *, prefix: bool = False, weak: bool = True) -> Word:
    """A word; required in a field that was named, and weak where it is a stop word and `weak` lets it be."""
    weak = weak and field is None and fold(text.strip(".,;:!?…'’")) in STOP_WORDS
    return Word(text, field, prefix, required=field is not None, weak=weak)


def one_of(options: tuple[Word | Phrase, ...]) -> Clause:
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
    said += [excluded_text(clause) for clause in query.excluded]
    said += [f"lang:{lang}" for lang in query.filters.lang]
    since, until = query.filters.since, query.filters.until
    said += [f"after:{date.fromordinal(since.toordinal())}"] if since else []
    said += [f"before:{date.fromordinal(until.toordinal())}"] if until else []
    return " ".join(said)


def clause_text(clause: Clause) -> str:
    if isinstance(clause, AnyOf):
        return " OR ".join(map(clause_text, clause.options))
    name = f"{FIELD_ALIAS_OF.get(clause.field, clause.field)}:" if clause.field else ""
    if isinstance(clause, Phrase):
        return f'{name}"{clause.text}"'
    return f"{name}{clause.text}{'*' if clause.prefix else ''}"


def excluded_text(clause: Clause) -> str:
    # `---x` would be a word, as `--x` is.
    text = clause_text(clause)
    return f"NOT {text}" if text.startswith("-") else f"-{text}"

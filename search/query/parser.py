"""The text in the search box to a `Query`, and back: `parse` reads what a person typed, `parsed_text` says it again.

`parse` never raises. What it could not use, and what it cut, comes back in `Query.warnings`, in words. Its work is
bounded by the caps below, however long or odd the text.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import date

from index.analysis import fold, patterns
from search.query import AnyOf, Clause, Filters, Phrase, Query, Word
from search.query.grammar import Part, parts, typed_text

__all__ = ["MOST_CLAUSES", "STOP_WORDS", "parse", "parsed_text"]

LONGEST_TEXT = 1_000
MOST_READ = 10 * LONGEST_TEXT
LONGEST_WORD = 100
LONGEST_PHRASE = 16
MOST_CLAUSES = 32
MOST_BEGINNINGS = 8
MOST_WARNINGS = 10

STOP_WORDS = frozenset(
    {"a", "about", "an", "and", "are", "as", "at", "be", "but", "by", "can", "do", "does", "for", "from", "has",
     "have", "how", "i", "if", "in", "into", "is", "it", "its", "no", "not", "of", "on", "or", "our", "so", "such",
     "that", "the", "their", "then", "there", "these", "they", "this", "to", "was", "we", "what", "when", "where",
     "which", "who", "will", "with", "you", "your"}
)  # fmt: skip
"""Words that are in almost every English post: they bring no post in by themselves when there are others."""

FIELDS = {"title": "title", "tag": "tags", "tags": "tags", "author": "author", "category": "category", "body": "body"}
"""The fields that a word can be asked for in, by the names that people type."""

NAMES = {field: name for name, field in FIELDS.items() if name != "tags"}
FILTERS = frozenset({"lang", "after", "before"})
DATE = re.compile(r"([0-9]{4})(?:-([0-9]{1,2}))?(?:-([0-9]{1,2}))?")
LANG = re.compile(r"[a-z]{2,8}(?:-[a-z0-9]{1,8})*")
DASHES = frozenset("-–—")


def parse(text: str, *, prefix: bool = True) -> Query:
    """The query that the text says; with `prefix` its last word may still be being typed.

    `Query.text` is the text as typed, with single blanks. The filters are what the text itself says: `lang:`,
    `after:`, `before:`.
    """
    typed = typed_text(text[:MOST_READ]).lstrip()
    kept = cut_at_blank(typed.rstrip(), LONGEST_TEXT)
    cut = len(text) > MOST_READ or kept != typed.rstrip()
    reader = Reader(kept, typing=prefix and not cut and typed == kept)
    if cut:
        reader.warn(f"ignored: all after the first {LONGEST_TEXT:,} characters")
    for part in parts(kept):
        if reader.full:
            rest = kept[part.end - len(part.text) :]
            reader.warn(f"ignored: {shown(rest)}: a query holds {MOST_CLAUSES} words and phrases at most")
            break
        reader.take(part)
    return reader.query()


def cut_at_blank(text: str, length: int) -> str:
    """The text up to its last blank before `length`, or to `length` where there is no blank."""
    if len(text) <= length:
        return text
    return text[: text.rfind(" ", 0, length + 1)] if " " in text[: length + 1] else text[:length]


class Reader:
    """Takes the parts of one text from left to right and makes a query of them."""

    def __init__(self, text: str, *, typing: bool) -> None:
        self.text = text
        self.typing = typing
        self.wanted: list[list[Word | Phrase]] = []
        self.excluded: list[Word | Phrase] = []
        self.filters = Filters()
        self.warnings: list[str] = []
        self.wordless: list[str] = []
        self.joinable = False
        self.joining = ""
        self.negating = False

    @property
    def full(self) -> bool:
        return len(self.excluded) + sum(map(len, self.wanted)) >= MOST_CLAUSES

    @property
    def beginnings(self) -> int:
        """How many words so far may go on."""
        taken = [*self.excluded, *(option for options in self.wanted for option in options)]
        return sum(isinstance(option, Word) and option.prefix for option in taken)

    def warn(self, message: str) -> None:
        self.warnings.append(message)

    def take(self, part: Part) -> None:
        if part.operator:
            self.operate(part.operator)
        elif part.field and not part.value:
            if not self.unfinished(part):
                self.warn(f"ignored: {part.text} without a value")
        elif part.field in FILTERS:
            self.narrow(part)
        elif part.value:
            self.ask(part)
        elif follower := self.text[part.end : part.end + 1].strip():
            self.warn(f"ignored: {part.text} before {follower}")

    def unfinished(self, part: Part) -> bool:
        """Whether the part may still be being typed."""
        return self.typing and part.end == len(self.text)

    def operate(self, operator: str) -> None:
        """`OR` joins the clause before it to the next, `NOT` excludes the next; `AND` says what holds anyhow."""
        if operator == "NOT":
            self.negating = True
        elif operator != "AND" and self.joinable:
            self.joining = operator
        elif operator != "AND" and self.wanted + self.excluded:
            self.warn(f"ignored: {operator} without a word before it")
        elif operator != "AND":
            self.warn(f"ignored: {operator} at the start")
        self.wordless.append(operator)

    def part_from(self, neighbour: str) -> None:
        """End what could be joined: nothing of the kind of `neighbour` can be an alternative."""
        if self.joining:
            self.warn(f"ignored: {self.joining} {neighbour}")
        self.joining, self.joinable = "", False

    def narrow(self, part: Part) -> None:
        """A filter: it has no part in the score and can't be an alternative to a word."""
        self.part_from(f"before {shown(part.text)}")
        negating, self.negating = self.negating or part.minus, False
        if negating:
            self.warn(f"ignored: {shown(part.text)}: it can't be excluded")
        elif part.field == "lang":
            self.narrow_lang(part)
        else:
            self.narrow_date(part)

    def narrow_lang(self, part: Part) -> None:
        lang = part.value.lower().replace("_", "-")
        if not LANG.fullmatch(lang):
            self.warn(f"ignored: {shown(part.text)}: a language is given as en or pt-br")
        elif lang not in self.filters.lang:
            self.filters = replace(self.filters, lang=(*self.filters.lang, lang))

    def narrow_date(self, part: Part) -> None:
        day = start_of(part.value)
        if day is None:
            self.warn(f"ignored: {shown(part.text)}: a date is given as 2013, 2013-06 or 2013-06-19")
        elif part.field == "after":
            self.filters = replace(self.filters, since=max(day, self.filters.since or day))
        else:
            self.filters = replace(self.filters, until=min(day, self.filters.until or day))

    def ask(self, part: Part) -> None:
        """A word or a phrase, wanted or excluded; dropped where it holds no word."""
        negating = self.negating or part.minus
        made = self.phrase(part, negating) if part.quoted else [self.word(part, negating)]
        clauses = [clause for clause in made if patterns(clause.text)]
        if not clauses:
            self.wordless += [] if DASHES.issuperset(part.text) else [part.value]
        elif negating:
            self.part_from(f"before {shown(part.text)}")
            self.excluded += clauses
            self.negating = False
        else:
            self.want(clauses)

    def want(self, clauses: list[Word | Phrase]) -> None:
        if self.joining:
            self.wanted[-1].append(clauses.pop(0))
        self.wanted += [[clause] for clause in clauses]
        self.joining, self.joinable = "", True

    def word(self, part: Part, negating: bool) -> Word:
        text = part.value.rstrip("*")
        goes_on = text != part.value or (self.unfinished(part) and not negating and ends_in_letter(text))
        if goes_on and self.beginnings >= MOST_BEGINNINGS:
            self.warn(f"taken as a whole word: {shown(text)}: at most {MOST_BEGINNINGS} words of a query may go on")
            goes_on = False
        return word(self.cut(text), FIELDS.get(part.field), prefix=goes_on, weak=not negating)

    def phrase(self, part: Part, negating: bool) -> list[Word | Phrase]:
        words, field = part.value.split(), FIELDS.get(part.field)
        if words and not part.closed:
            if self.unfinished(part) and not negating and ends_in_letter(words[-1]) and is_plain(words[-1]):
                # The last word is not whole yet: in a row with the others it would find nothing until it is.
                whole: list[Word | Phrase] = [Phrase(self.row(words[:-1]), field)] if words[:-1] else []
                return [*whole, word(self.cut(words[-1]), field, prefix=True)]
            if not self.typing:
                self.warn(f"closed at the end: the quotation {shown(part.text)}")
        return [Phrase(self.row(words), field)]

    def row(self, words: list[str]) -> str:
        """The words of a phrase, no more and none longer than may be."""
        if rest := " ".join(words[LONGEST_PHRASE:]):
            self.warn(f"ignored: {shown(rest)}: a phrase holds {LONGEST_PHRASE} words at most")
        return " ".join(map(self.cut, words[:LONGEST_PHRASE]))

    def cut(self, text: str) -> str:
        if len(text) <= LONGEST_WORD:
            return text
        self.warn(f"cut to {LONGEST_WORD} characters: {shown(text)}")
        return text[:LONGEST_WORD].rstrip("*")

    def query(self) -> Query:
        """The query of all the parts taken."""
        self.part_from("at the end")
        asked = self.wanted or self.excluded or self.filters != Filters()
        if self.wordless and not asked:
            # A post may be called `...` or `OR`: what can't be used as a part is asked for as the whole.
            return Query(self.text, (Phrase(" ".join(self.wordless)[:LONGEST_WORD].strip()),))
        if self.negating:
            self.warn("ignored: NOT at the end")
        for text in self.wordless:
            if text not in {"AND", "OR", "NOT", "|"}:
                self.warn(f"ignored: {shown(text)}: it holds no word")
        return Query(
            self.text,
            tuple(dict.fromkeys(one_of(tuple(dict.fromkeys(options))) for options in self.wanted)),
            tuple(dict.fromkeys(self.excluded)),
            self.filters,
            warnings=capped(tuple(dict.fromkeys(self.warnings))),
        )


def word(text: str, field: str | None = None, *, prefix: bool = False, weak: bool = True) -> Word:
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


def start_of(text: str) -> date | None:
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


def capped(warnings: tuple[str, ...]) -> tuple[str, ...]:
    if len(warnings) <= MOST_WARNINGS:
        return warnings
    return (*warnings[: MOST_WARNINGS - 1], f"ignored: {len(warnings) - MOST_WARNINGS + 1} more parts of the query")


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
    name = f"{NAMES.get(clause.field, clause.field)}:" if clause.field else ""
    if isinstance(clause, Phrase):
        return f'{name}"{clause.text}"'
    return f"{name}{clause.text}{'*' if clause.prefix else ''}"


def excluded_text(clause: Clause) -> str:
    # `---x` would be a word, as `--x` is.
    text = clause_text(clause)
    return f"NOT {text}" if text.startswith("-") else f"-{text}"

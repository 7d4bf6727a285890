"""Parses the text of a search box into a `Query`, and writes a `Query` as such a text again.

`parse` never raises: what it could not use, and what it cut, comes back in `Query.notices`. The limits below
bound its work, however long or odd the text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial

from index.analysis import fold, patterns
from search.query import NO_FILTERS, AnyOf, Clause, Filters, Instead, Phrase, Query, Word, options_of
from search.query.grammar import Part, parts, replaced, typed_text, without_quotes
from search.query.notices import Notice
from search.query.words import LangCounts, any_of, make_word, may_continue, no_posts, words_in

__all__ = [
    "FIELD_ALIASES",
    "FILTERS",
    "MAX_CLAUSES",
    "MAX_TEXT_CHARS",
    "clause_text",
    "cut_at_blank",
    "is_filter",
    "parse",
    "parsed_text",
    "shown",
]

MAX_TEXT_CHARS = 2_000
MAX_INPUT_CHARS = 10 * MAX_TEXT_CHARS
"""White space and control characters are taken out of so much at most, before the text is cut."""

MAX_WORD_CHARS = 100
MAX_PHRASE_WORDS = 16
MAX_CLAUSES = 64
"""Words that tell something, and phrases. Stop words don't count: of them each stands in a query once at most."""

MAX_REPEATS = 8
"""How often a word or phrase that is repeated may count."""

MAX_PREFIXES = 8
"""Words that are beginnings: each is as dear as all the words that begin with it."""

MAX_NOTICES = 10

FIELD_ALIASES = {
    "title": "title", "tag": "tags", "tags": "tags", "author": "author", "category": "category", "body": "body",
}  # fmt: skip
"""The fields that a word can be asked for in, by the names that people type."""

FIELD_ALIAS_OF = {field: name for name, field in FIELD_ALIASES.items() if name != "tags"}
"""The name that each field is written by."""

FILTERS = {"lang": "lang", "after": "since", "before": "until"}
"""The filters that can be typed, by the names that people type."""

DATE = re.compile(r"([0-9]{4})(?:-([0-9]{1,2}))?(?:-([0-9]{1,2}))?")
LANG = re.compile(r"[a-z]{2,8}(?:-[a-z0-9]{1,8})*")
DASHED = re.compile("-(?!-)")
FLAG = re.compile(r"-[A-Za-z0-9]{1,2}(?!\w)")
"""What is likely an option of a command."""


def parse(text: str, *, prefix: bool = True, lang_counts: LangCounts = no_posts) -> Query:
    """The query that the text says; with `prefix` its last word may still be being typed.

    `lang_counts` says how many posts of each language hold a term, which decides what is a stop word; and where any
    hold `-m`, that is a word and excludes nothing. `Query.text` is the text as typed, with single blanks. The filters
    are what the text itself says: `lang:`, `after:`, `before:`.
    """
    typed = typed_text(text[:MAX_INPUT_CHARS]).lstrip()
    kept = cut_at_blank(typed.rstrip(), MAX_TEXT_CHARS)
    cut = len(text) > MAX_INPUT_CHARS or kept != typed.rstrip()
    builder = QueryBuilder(kept, lang_counts, typing=prefix and not cut and typed == kept)
    if cut:
        builder.tell("text_cut", most=MAX_TEXT_CHARS)
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

    def __init__(self, text: str, lang_counts: LangCounts, *, typing: bool) -> None:
        self.text = text
        self.lang_counts = lang_counts
        self.typing = typing
        self.wanted: list[Clause] = []
        self.excluded: list[Clause] = []
        self.filters: Filters = NO_FILTERS
        self.not_wanted: list[Part] = []
        """Filters, and what is left out."""
        self.prefixes = 0
        self.notices: list[Notice] = []
        self.instead: tuple[Instead, ...] = ()
        self.wordless: list[str] = []
        """Bars, and what holds no word: of use only where there is nothing else."""

    def query(self) -> Query:
        """The query of the whole text."""
        terms = [term for part in parts(self.text) if (term := self.term(part))]
        terms = self.read_dashes(terms)
        self.not_wanted += [part for part in terms if part.minus]
        for group in grouped(terms):
            self.on_group(group)
        if self.wordless and not (self.wanted or self.excluded or self.filters != NO_FILTERS):
            # A post may be called `...`: what can't be used as a part is asked for as the whole.
            whole = " ".join(" ".join(self.wordless).split())[:MAX_WORD_CHARS].strip()
            return Query(self.text, (Phrase(whole, required=bool(words_in(whole))),), wanted=self.text)
        wanted, excluded = self.bounded(self.wanted), self.bounded(dict.fromkeys(self.excluded))
        notices = tuple(self.notices)
        if len(notices) > MAX_NOTICES:
            kept = MAX_NOTICES - 1
            notices = (*notices[:kept], Notice("more_notices", {"n": len(notices) - kept}))
        text = replaced(self.text, dict.fromkeys(self.not_wanted, ""))
        return Query(self.text, wanted, excluded, self.filters, notices=notices, instead=self.instead, wanted=text)

    def bounded(self, clauses: Iterable[Clause]) -> tuple[Clause, ...]:
        """As many of the clauses as a query may hold, as often as they may count."""
        kept: list[Clause] = []
        ignored: list[Clause] = []
        room = MAX_CLAUSES
        times: Counter[Clause | str] = Counter()
        for clause in clauses:
            stop_word = isinstance(clause, Word) and clause.weak
            same = fold(clause.text) if isinstance(clause, Word) and stop_word else clause
            times[same] += 1
            if times[same] > (1 if stop_word else MAX_REPEATS):
                continue
            options = options_of(clause)
            fitting = options if stop_word else options[:room]
            kept += [any_of(fitting)] if fitting else []
            ignored += options[len(fitting) :]
            room -= 0 if stop_word else len(fitting)
        if ignored:
            self.tell("clauses_cut", text=" ".join(map(clause_text, ignored)), most=MAX_CLAUSES)
        return tuple(kept)

    def tell(self, code: str, *, text: str = "", most: int = 0) -> None:
        """Tell the visitor of something in the text that was not used as typed, and of the most that is possible."""
        notice = Notice(code, ({"text": shown(text)} if text else {}) | ({"most": most} if most else {}))
        if notice not in self.notices:
            self.notices.append(notice)

    def term(self, part: Part) -> Part | None:
        """The part, where it is an operator or holds a word; a filter is taken here, punctuation is passed over.

        A field or filter that can't be one, such as `after:hours` or `title:` alone, is words.
        """
        if part.field and not part.value and self.is_unfinished(part):
            self.wordless.append(without_quotes(part.text))
            return None
        if part.field in FILTERS and self.took_filter(part):
            self.not_wanted.append(part)
            return None
        if part.field in FILTERS or (part.field and not words_in(part.value)):
            part = part._replace(field="", value=without_quotes(part.text[part.minus :]), quoted=False)
        if part.operator == "OR" or words_in(part.value):
            return part
        self.wordless += filter(None, [part.operator or part.value.strip("-–—")])
        return part if part.operator else None

    def read_dashes(self, terms: Sequence[Part]) -> list[Part]:
        """The parts, where the dash before a word belongs to it, as in `git commit -m`, as such words.

        It does where posts hold the word with its dash, where one or two letters or digits are likely a flag, and where
        nothing else is asked for. Before a quotation or a field it always excludes.
        """
        plain = [part for part in terms if part.minus and not part.field and not part.quoted]
        alone = len(plain) == sum(not part.operator for part in terms) and self.filters == NO_FILTERS
        words = [part for part in plain if alone or self.is_signed("-" + part.value)]
        # The other reading makes sense where posts hold the word by itself.
        held = [part for part in words if self.is_held(part.value)]
        if held:
            other = replaced(self.text, {part: f'-"{part.value}"' for part in held})
            typed = shown(", ".join(dict.fromkeys(part.text for part in held)))
            bare = shown(", ".join(dict.fromkeys(part.value for part in held)))
            self.instead = (Instead(other, Notice("dash_of_word", {"text": typed, "words": bare})),)
        taken = set(words)
        return [part._replace(minus=False, value="-" + part.value) if part in taken else part for part in terms]

    def is_signed(self, text: str) -> bool:
        """Whether the dash before a word belongs to it."""
        return FLAG.match(text) is not None or ("".join(words_in(text)[:1]).startswith("-") and self.is_held(text))

    def is_held(self, text: str) -> bool:
        """Whether posts hold the first word of a text, with the sign before it."""
        terms = (term for word in words_in(text)[:1] for term in patterns(word)[0][0].terms)
        return any(count for term in terms for count in self.lang_counts(term).values())

    def is_unfinished(self, part: Part) -> bool:
        """Whether the part may still be being typed."""
        return self.typing and part.end == len(self.text)

    def took_filter(self, part: Part) -> bool:
        """Whether the part is a language or a date; if so, it is taken. Neither can be excluded or an alternative."""
        day = first_day(part.value)
        lang = part.value.lower().replace("_", "-")
        if part.field == "lang" and not LANG.fullmatch(lang):
            return False
        if part.field != "lang" and day is None:
            if self.is_unfinished(part) and any(first_day(part.value + rest) for rest in ("1", "01", "001")):
                return True  # the beginning of a date
            if part.value[:1].isdigit():
                self.tell("no_date", text=part.text)
            return False
        if part.minus:
            self.tell("filter_excluded", text=part.text)
        elif day is None:
            self.filters = replace(self.filters, lang=tuple(dict.fromkeys((*self.filters.lang, lang))))
        elif part.field == "after":
            self.filters = replace(self.filters, since=max(day, self.filters.since or day))
        else:
            self.filters = replace(self.filters, until=min(day, self.filters.until or day))
        return True

    def on_group(self, group: Sequence[Part]) -> None:
        """Words or quotations that are alternatives to one another, or a single one, wanted or excluded."""
        clauses = [clause for part in group for clause in self.clauses(part)]
        if group[0].minus:
            self.excluded += clauses
        elif len(group) == 1 or not clauses:
            self.wanted += clauses
        else:
            self.wanted.append(any_of(clauses))

    def clauses(self, part: Part) -> list[Word | Phrase]:
        """What is asked for by a part that holds a word: words by themselves, or a phrase.

        What is excluded is excluded in a row. Of a quotation that is still being typed the last word is not whole yet:
        in a row with the others it would find nothing until it is.
        """
        field = FIELD_ALIASES.get(part.field)
        text = part.value.rstrip("*")
        unfinished = self.is_unfinished(part) and not part.minus and may_continue(part.value)
        starred = not part.quoted and text != part.value
        if not part.quoted and not part.minus:
            return self.words(text, field, goes_on=unfinished or starred)
        if starred and patterns(text := self.shortened(text)) and self.may_go_on(text):
            return [Word(text, field, prefix=True, required=field is not None)]
        words = part.value.split()
        typed: list[Word | Phrase] = []
        if part.quoted and not part.closed:
            if unfinished:
                typed = self.words(words.pop(), field, goes_on=True)
            elif not self.typing:
                self.tell("quote_open", text=part.value)
        if rest := " ".join(words[MAX_PHRASE_WORDS:]):
            self.tell("phrase_cut", text=rest, most=MAX_PHRASE_WORDS)
        row = " ".join(map(self.shortened, words[:MAX_PHRASE_WORDS]))
        return [Phrase(row, field), *typed] if patterns(row) else typed

    def words(self, text: str, field: str | None, *, goes_on: bool) -> list[Word | Phrase]:
        """The words of a text without blanks; the last may be the beginning of one."""
        words = list(words_in(text))
        if any(len(word) > MAX_WORD_CHARS for word in words):
            words = [word for long in words for word in words_in(self.shortened(long))]
        words = [word[1:] if DASHED.match(word) and not self.is_signed(word) else word for word in words]
        if not words:
            return []
        *whole, last = words
        # What was cut, or ended in `'s`, is whole.
        prefix = goes_on and text.endswith(last) and self.may_go_on(last)
        make = partial(make_word, field=field, lang_counts=self.lang_counts)
        return [*map(make, whole), make(last, prefix=prefix)]

    def may_go_on(self, word: str) -> bool:
        """Whether one word more may be the beginning of one; if so, it is counted."""
        if self.prefixes == MAX_PREFIXES:
            self.tell("word_whole", text=word, most=MAX_PREFIXES)
            return False
        self.prefixes += 1
        return True

    def shortened(self, word: str) -> str:
        """The word, no longer than may be."""
        if len(word) <= MAX_WORD_CHARS:
            return word
        self.tell("word_cut", text=word, most=MAX_WORD_CHARS)
        return word[:MAX_WORD_CHARS]


def is_filter(part: Part) -> bool:
    """Whether a part is a language or a date, and not words that look like one."""
    return part.field in FILTERS and parse(part.text).filters != NO_FILTERS


def grouped(terms: Sequence[Part]) -> list[list[Part]]:
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
    """The clause as it could be typed."""
    if isinstance(clause, AnyOf):
        return " | ".join(map(clause_text, clause.options))
    name = f"{FIELD_ALIAS_OF.get(clause.field, clause.field)}:" if clause.field else ""
    if isinstance(clause, Phrase):
        return f'{name}"{clause.text}"'
    return f"{name}{clause.text}{'*' if clause.prefix else ''}"

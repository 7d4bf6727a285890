"""Says what else may be asked where a query finds little: nearly the same, narrowed by one thing less."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from search.query import NO_FILTERS, Filters, Instead, Query
from search.query.grammar import parts, replaced
from search.query.notices import Notice
from search.query.parser import FIELD_ALIASES, FILTERS, MAX_TEXT_CHARS, is_filter, shown

__all__ = ["alternatives"]

FEW_POSTS = 3
"""A query that finds so many posts is answered well enough."""

MAX_ALTERNATIVES = 4
MAX_PARTS = 6
"""Of a text with more parts none is left out by itself: too many would have to be tried."""


def alternatives(
    query: Query, total: int, count: Callable[[str, Filters], int], mend: Callable[[Query, str], str]
) -> tuple[Instead, ...]:
    """Queries that find more than the `total` posts of this one, where that is few; those that find most come first.

    Each is without a filter, or without something that posts must or must not hold; one is without all filters where no
    single filter is to blame. `count` says how many posts are found for a text with filters. It is not asked where
    nothing narrows the query: any of several words brings a post in, so that fewer would find no more. `mend` gives
    the text with near words in place of those that no post holds, also in quotations and fields.
    """
    text = query.corrected or query.text
    if total >= FEW_POSTS or len(text) > MAX_TEXT_CHARS:
        return ()
    found: list[Instead] = []
    nearer = mend(query, text) if query.typos else text
    spelled = [(Notice("other_spelling"), nearer, ())] if nearer != text else []
    for notice, other, without in (*spelled, *wider_texts(query, text, total)):
        filters = query.filters.without(*without)
        # Not all filters where one of them is to blame, and not without anything to ask for.
        blamed = any(set(instead.without) & set(without) for instead in found)
        if not blamed and (other or filters != NO_FILTERS) and (more := count(other, filters)) > total:
            found.append(Instead(other, notice, more, without, query.typos))
    return tuple(sorted(found, key=lambda instead: -(instead.total or 0))[:MAX_ALTERNATIVES])


def wider_texts(query: Query, text: str, total: int) -> Iterator[tuple[Notice, str, tuple[str, ...]]]:
    """What may be asked in place of `text`: why, the text, and the filters that are left out as well."""
    typed = list(parts(text))
    filters = [part for part in typed if is_filter(part)]
    words = [part for part in typed if part.value and not part.minus and part not in filters]
    required = [part for part in words if part.quoted or part.field in FIELD_ALIASES]
    if required:
        in_fields = any(part.field for part in required)
        notice = Notice("words_anywhere" if in_fields else "without_quotes")
        yield notice, replaced(text, {part: part.value for part in required}), ()
    if 1 < len(words) <= MAX_PARTS and not any(part.operator for part in typed):
        for part in required:
            yield Notice("without_part", {"text": shown(part.text)}), replaced(text, {part: ""}), ()
    if query.excluded and not total:  # else what is left out did as it should
        yield Notice("nothing_left_out"), " ".join([query.wanted, *(part.text for part in filters)]), ()

    used: list[str] = []
    for notice, names in (
        (Notice("without_tag", {"text": shown(", ".join(query.filters.tag))}), ("tag",)),
        (Notice("without_author", {"text": shown(", ".join(query.filters.author))}), ("author",)),
        (Notice("without_category", {"text": shown(", ".join(query.filters.category))}), ("category",)),
        (Notice("without_year", {"text": shown(", ".join(map(str, query.filters.year)))}), ("year",)),
        (Notice("without_site", {"text": shown(", ".join(query.filters.site))}), ("site",)),
        (Notice("any_language"), ("lang",)),
        (Notice("any_date"), ("since", "until")),
    ):
        if without := tuple(name for name in names if getattr(query.filters, name)):
            used += without
            yield notice, replaced(text, {part: "" for part in filters if FILTERS[part.field] in without}), without
    if len(used) > 1:
        yield Notice("without_filters"), replaced(text, dict.fromkeys(filters, "")), tuple(used)

"""What completes a text that is being typed: titles, tags and headings of posts, and phrases that several of them hold.

First come those that begin with the text, then those that hold the last word as it is, then what most posts have, then
the newest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from index.analysis import fold
from index.analysis.names import MAX_SUGGESTED_CHARS, words_of
from index.schema import Document
from index.segments.files import damaged
from search.engine.names import KINDS, PHRASE, Completion
from search.engine.snapshot_reader import Findable
from search.matches import Match, Suggestion
from search.query import Query

__all__ = ["MIN_CANDIDATES", "best", "complete", "continuations", "going_on", "suggestion_of", "typed_words"]

MIN_CANDIDATES = 16
"""Of at least so many completions those are chosen that help beside the matches."""

MIN_PHRASE_POSTS = 3
MAX_LONGER_SHARE = 0.75
"""What stands in a longer phrase in so much of its posts is no phrase by itself."""


def complete(text: str, count: int, findable: Findable) -> tuple[Suggestion, ...]:
    """What completes the text, at most `count`, the best first."""
    return tuple(suggestion(one, findable) for one in completions_of(text, count, findable))


def continuations(query: Query, matches: Sequence[Match], findable: Findable) -> tuple[str, ...]:
    """At most `suggest` texts that go on where that of the query ends, of what several posts have that its filters let
    pass, but for titles that are shown by the matches."""
    passing = findable.passing(query.filters)
    found = completions_of(query.text, max(query.suggest, MIN_CANDIDATES), passing)
    return going_on(query, matches, found, lambda one: suggestion(one, passing).text)


def going_on(
    query: Query, matches: Sequence[Match], found: Sequence[Completion], spell: Callable[[Completion], str]
) -> tuple[str, ...]:
    """Those of the completions that `continuations` gives, spelled as they are to be shown."""
    shown = {" ".join(words_of(text)) for text in (query.text, *(match.document.title for match in matches))}
    chosen = [one for one in found if one.begins and one.posts > 1 and one.words not in shown][: query.suggest]
    # Not of "-word" or of what is quoted, which would mean something else without its signs.
    return tuple(text for text in map(spell, chosen) if fold(text).startswith(fold(query.text)))


def typed_words(text: str) -> tuple[tuple[str, ...], bool]:
    """The words that are to be completed, and whether the last may be the beginning of one; none where text is long."""
    typed = words_of(text) if len(text) <= MAX_SUGGESTED_CHARS else ()
    # The last word may go on where nothing stands behind it but half a `++`.
    return typed, bool(typed) and fold(text).removesuffix("+").endswith(typed[-1])


def completions_of(text: str, count: int, findable: Findable) -> list[Completion]:
    """What completes the text, at most `count`, the best first."""
    typed, prefix = typed_words(text)
    if not typed:
        return []
    found = [
        completion._replace(segment=number)
        for number, (reader, mask) in enumerate(findable)
        for completion in reader.names.complete(
            typed, prefix=prefix, count=count, posts=findable.name_posts[number], findable=mask
        )
    ]
    return best(found, count)


def best(found: Sequence[Completion], count: int) -> list[Completion]:
    """The best of what was found in all segments, each text once, with its posts added up."""
    merged: dict[tuple[str, int], Completion] = {}
    for one in found:
        key = one.words, one.kind
        if other := merged.get(key):
            commonest = max(one, other, key=lambda completion: completion.posts)
            one = commonest._replace(posts=one.posts + other.posts, day=max(one.day, other.day))
        merged[key] = one
    chosen = [one for one in merged.values() if one.kind != PHRASE]
    phrases = [one for one in merged.values() if one.kind == PHRASE and one.posts >= MIN_PHRASE_POSTS]
    for one in phrases:
        # Not "go developer", which mostly stands in "go developer survey".
        longer = (other.posts for other in phrases if other.words.startswith(f"{one.words} "))
        if max(longer, default=0) < one.posts * MAX_LONGER_SHARE:
            chosen.append(one)
    once: dict[str, Completion] = {}
    for one in sorted(chosen, key=lambda completion: completion.rank):
        once.setdefault(one.words, one)
    return list(once.values())[:count]


def suggestion(completion: Completion, findable: Findable) -> Suggestion:
    """The completion, spelled as in one of the posts that have it; with its address, where there is but one."""
    if completion.kind == PHRASE:
        return Suggestion(completion.text, "phrase", completion.posts)
    reader = findable.segments[completion.segment]
    doc_ids = reader.names.docs(completion.name, findable.masks[completion.segment])
    return suggestion_of(completion, reader.documents[int(doc_ids[-1])])


def suggestion_of(completion: Completion, document: Document) -> Suggestion:
    """The completion, which is no phrase, as it is spelled in a post."""
    kind = KINDS[completion.kind]
    url, title = document.url, document.title
    spellings = {
        "title": [(title, url, document.description)],
        "tag": [(tag, "", "") for tag in document.tags],
        "heading": [(part.title, f"{url}#{part.anchor}".rstrip("#"), title) for part in document.sections],
    }
    for text, *place in spellings[kind]:
        if " ".join(words_of(text)) == completion.words:
            return Suggestion(text, kind, completion.posts, *(place if completion.posts == 1 else ()))
    raise damaged(f"{document.id} in the index", f"it holds no {kind} {completion.words!r}")

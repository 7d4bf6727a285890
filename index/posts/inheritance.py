"""What counts for a post: its own header, and below it what the site and the folders above the post say for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from index.posts.metadata import AUTHOR_KEYS, DATE_KEYS, DESCRIPTION_KEYS, LANGUAGE_KEYS, NESTED_KEYS, TITLE_KEYS
from index.posts.visibility import plain_key

__all__ = ["EffectiveHeader", "Inherited", "effective"]

MEANINGS = {
    key: keys[0] for keys in (TITLE_KEYS, AUTHOR_KEYS, DESCRIPTION_KEYS, DATE_KEYS, LANGUAGE_KEYS) for key in keys
}
"""Keys of which one is enough: who gives one of them gives them all."""


class Inherited(NamedTuple):
    """What a file above a post, or the site, says for it: keys and values of a header, and the name of that file."""

    source: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class EffectiveHeader:
    """Keys and values that count, and by its plain key whence each of those comes that the post does not give."""

    fields: Mapping[str, Any]
    sources: Mapping[str, str]

    def told(self, reason: str) -> str:
        """The reason for which a post is hidden, `draft: true`, with the file that says it where that is another."""
        source = self.sources.get(plain_key(reason.partition(":")[0].partition(".")[0]))
        return f"{reason}, says {source}" if source else reason


def effective(header: Mapping[str, Any], inherited: Iterable[Inherited]) -> EffectiveHeader:
    """The header of a post over what it inherits, of which the later counts more.

    Keys without a value say nothing. Of mappings under one key, such as `search`, both count.
    """
    fields: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for source, given in (*inherited, Inherited("", header)):
        fields = over(fields, given) if fields else dict(given)
        stated = {key: value for key, value in given.items() if value not in (None, "")}
        inner = (key for name in NESTED_KEYS if isinstance(below := stated.get(name), Mapping) for key in below)
        sources |= {plain_key(key): source for key in (*stated, *inner)}
    return EffectiveHeader(fields, sources)


def over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """The keys and values above, and those below of which nothing above means the same."""
    stated = {key: value for key, value in above.items() if value not in (None, "")}
    said = set(map(meaning, stated))
    inner = {plain_key(key): value for key, value in below.items() if isinstance(value, Mapping)}
    for key, value in stated.items():
        if isinstance(value, Mapping) and (old := inner.get(plain_key(key))):
            stated[key] = over(old, value)
    return {key: value for key, value in below.items() if meaning(key) not in said} | stated


def meaning(key: str) -> str:
    """The plain key that stands for all of its meaning."""
    name = plain_key(key)
    return MEANINGS.get(name, name)

"""The title of a post whose header has none, and what its path says beside the title."""

from __future__ import annotations

import re
from collections.abc import Iterable

from index.posts.languages import is_language
from index.posts.names import on_one_line
from index.schema import Section

__all__ = ["INDEX_NAMES", "name_beside", "title_from_body", "title_from_name"]

INDEX_NAMES = frozenset({"index", "_index", "readme"})
"""What files are called, without suffix and in lower case, whose page is that of their folder."""

DATE_IN_NAME = re.compile(r"^\d{4}-\d{1,2}-\d{1,2}(?:[-_ ]+|$)")
HASH_IN_NAME = re.compile(r"\b(?:[\da-f]{8}(?: [\da-f]{4}){3} [\da-f]{12}|(?=[a-f]*\d)[\da-f]{8,})\b", re.IGNORECASE)
"""A hash or UUID in the words of a name; a long number is as little of a name."""
WORD = r"[^\W_]+"
POST_SUFFIX = re.compile(r"\.(?:md|markdown|mdown|mkd|mdx|html?|txt|aspx|php)$", re.IGNORECASE)


def title_from_body(sections: Iterable[Section], *, in_note: bool = False) -> str:
    """The heading that is the title of the post, "" where none is: one below other text is only where it is an H1,
    as is any in a note, which is known by the name of its file.
    """
    first = next(iter(sections), None)
    return on_one_line(first.title) if first and (first.level == 1 or (first.start == 0 and not in_note)) else ""


def title_from_name(id: str) -> str:
    """A title from the path: `2013-06-19-my-post.md` is "My post", as is `my-post.de.md` or `my-post/index.md`."""
    folder, _, name = id.rpartition("/")
    stem = bare_stem(name)
    if stem.lower() in INDEX_NAMES and folder:
        stem = bare_stem(folder.rpartition("/")[2])
    words = on_one_line(re.sub("[-_]+", " ", DATE_IN_NAME.sub("", stem))) or on_one_line(stem) or "\ufffd"
    return words[:1].upper() + words[1:]


def name_beside(title: str, id: str) -> tuple[str, ...]:
    """The title from the path where it has a word that the title of the post has in no form, nor is number or hash.

    A form is told by its beginning: all but three letters, or four. To make terms of both takes ten times as long.
    """
    name = HASH_IN_NAME.sub("", title_from_name(id)).strip()
    if not re.search(r"[^\W\d_]", name) or name.lower() in INDEX_NAMES or is_language(name.lower().replace(" ", "-")):
        return ()
    held = f" {' '.join(re.findall(WORD, title.lower()))} "
    words = re.findall(WORD, name.lower())
    return () if all(f" {word[: max(len(word) - 3, 4)]}" in held for word in words) else (name,)


def bare_stem(name: str) -> str:
    """The name without its suffixes, of which there may be two, `.html.md`, and without its language, `.de.md`."""
    while (stem := POST_SUFFIX.sub("", name)) not in {name, ""}:
        name = stem
    stem, _, suffix = name.rpartition(".")
    return stem if stem and is_language(suffix) else name

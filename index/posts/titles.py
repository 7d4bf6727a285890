"""What the path of a post says of its title."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from index.analysis import tokenize
from index.posts.languages import is_language
from index.posts.names import on_one_line

__all__ = ["INDEX_NAMES", "name_beside", "title_from_name"]

INDEX_NAMES = frozenset({"index", "_index", "readme"})
"""What files are called, without suffix and in lower case, whose page is that of their folder."""

DATE_IN_NAME = re.compile(r"^\d{4}-\d{1,2}-\d{1,2}(?:[-_ ]+|$)")
HASH_IN_NAME = re.compile(r"\b(?:[\da-f]{8}(?: [\da-f]{4}){3} [\da-f]{12}|(?=[a-f]*\d)[\da-f]{8,})\b", re.IGNORECASE)
"""A hash or UUID in the words of a name; a long number is as little of a name."""
POST_SUFFIX = re.compile(r"\.(?:md|markdown|mdown|mkd|mdx|html?|txt|aspx|php)$", re.IGNORECASE)


def title_from_name(id: str) -> str:
    """A title from the path: `2013-06-19-my-post.md` is "My post", as is `my-post.de.md` or `my-post/index.md`."""
    path = PurePosixPath(id)
    stem = bare_stem(path.name)
    if stem.lower() in INDEX_NAMES and path.parent.name:
        stem = bare_stem(path.parent.name)
    words = on_one_line(re.sub("[-_]+", " ", DATE_IN_NAME.sub("", stem))) or on_one_line(stem) or "\ufffd"
    return words[:1].upper() + words[1:]


def name_beside(title: str, id: str, lang: str) -> tuple[str, ...]:
    """The title from the path where it has words that the title of the post has not, nor are numbers or hashes."""
    name = HASH_IN_NAME.sub("", title_from_name(id)).strip()
    if not re.search(r"[^\W\d_]", name) or name.lower() in INDEX_NAMES or is_language(name.lower().replace(" ", "-")):
        return ()
    if set(name.lower().split()) <= set(re.findall(r"\w+", title.lower())):  # which most are, and is told soonest
        return ()
    terms = {token.term for token in tokenize(title, lang)}
    words = tokenize(name, lang)
    held = {token.position for token in words if token.term in terms}
    return (name,) if any(token.position not in held for token in words) else ()


def bare_stem(name: str) -> str:
    """The name without its suffixes, of which there may be two, `.html.md`, and without its language, `.de.md`."""
    while (stem := POST_SUFFIX.sub("", name)) not in {name, ""}:
        name = stem
    stem, _, suffix = name.rpartition(".")
    return stem if stem and is_language(suffix) else name

"""Whether a post may be found, and from when to when, by its header and its path.

All that hides a post is named here. It fails closed: a hiding key with a value that nobody can read hides the post.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo
from functools import lru_cache
from typing import NamedTuple

from index.errors import Finding
from index.posts.dates import read_date
from index.posts.names import on_one_line
from index.unicode import normalize

__all__ = [
    "DRAFT_FOLDERS",
    "META_TAG",
    "exclusion",
    "hides",
    "may_hide",
    "odd_answers",
    "plain_key",
    "plain_line",
    "prefer",
    "truth",
    "window",
]

SUBJECT = "(?:is|dg|hugo|post|page|article)?"
HIDES_UNLESS_NO = re.compile(
    rf"{SUBJECT}(?:(?:archive)?draft|hidden|private|unlist(?:ed)?|unpublished|wip|headless|password(?:protected)?)"
    "|redirect(?:(?:s|ed)?to|url|uri|link|path|target|location)?"
)
"""Keys, as `plain_key` writes them, that hide the post, or name the page that is shown in its place."""

BEARS_TEXT = re.compile(rf"{SUBJECT}(?:password|redirect)")
"""Those of them that bear more than yes and no."""

HIDES_UNLESS_YES = re.compile(rf"{SUBJECT}(?:publish(?:ed)?|public|visible|listed)")
"""Keys whose falsehood hides the post; they may also bear a date."""

HIDES_WITH_YES = re.compile("hide|excluded?|protected|eleventyexcludefromcollections")
HIDES_WITH_NO = re.compile(r"permalink|build\.?(?:render|list)")
"""Keys that bear other things than yes and no, too, which say nothing."""

SEARCH_WORD = re.compile(
    "(?P<noun>searchable|searchengines?|search|indexable|indexed|indexing|index|crawlable|crawlers?|pagefind|algolia"
    "|docsearch|elasticsearch|opensearch|meilisearch|typesense|flexsearch|minisearch|elasticlunr|lunr|orama|tipue"
    "|robots?|googlebot)"
    "|(?P<denial>hidden|hide|excluded?|exclusion|skipped|skip|disallow|disabled?|omit|ignored?|removed?|blocked|block"
    "|without|never|not|non|no|un)"
    "|(?P<inclusion>included?|enabled?|allowed|allow|added|add|into|in|to|visible)"
    "|(?P<about>seo|meta)"
    "|(?P<filler>the|site|local|fulltext|from|by|for|on|be)"
    "|(?P<other>results?|pages?|posts?|docs?|content|follow|is)"
)
"""The words that make up a key which says whether search engines, or the site's own search, may know the post."""

PLAIN_NOUNS = frozenset({"searchable", "indexable", "indexed", "indexing", "crawlable"})
"""Nouns that bear nothing but yes and no."""

NOT_FOR_SEARCH = frozenset(
    ["exclude", "excluded", "hidden", "hide", "none", "noindex", "skip", "skipped", "ignore", "ignored", "disabled"]
)
"""Words with which such a key hides the post, beside no."""

HIDING_WORDS = {
    "status": frozenset(
        ["draft", "hidden", "private", "pending", "trash", "skip", "unpublished", "future", "auto-draft", "wip",
         "review", "in-review", "progress", "in-progress", "unlisted"]
    ),
    "state": frozenset(["draft", "hidden", "private", "pending", "trash", "unpublished", "unlisted", "wip"]),
    "poststatus": frozenset(["draft", "hidden", "private", "pending", "trash", "future", "auto-draft"]),
    "visibility": frozenset(
        ["draft", "hidden", "private", "unlisted", "internal", "members", "paid", "none", "password"]
    ),
}  # fmt: skip
"""Keys with a vocabulary, and the words of it that hide the post."""

OPEN_STATUS = frozenset(
    ["published", "publish", "public", "live", "posted", "done", "final", "stable", "active", "current", "visible",
     "featured",
     "accepted", "approved", "complete", "completed", "released", "experimental", "deprecated", "non-standard"]
)  # fmt: skip
"""Words of `status` with which a post is for everyone; in a header, all others hide it.

Those of the last line speak of what the post is about, in pages of reference and records of decisions.
"""

ABOUT_THE_PAGE = frozenset({"seo", "head", "meta", "metas", "metatags", "metadata"})
"""Keys below which, at any depth, stand keys that mean what they mean at the top."""

META_TAG = re.compile(r"""<meta\s+name=["']?(?P<key>[\w.:-]+)["']?\s+content=["']?(?P<value>[^"'>]*)""", re.IGNORECASE)

STARTS = (
    "publishdate", "publisheddate", "datepublished", "publicationdate", "pubdate", "publishon", "publishedon",
    "publishat", "publishedat", "goliveat",
)  # fmt: skip
ENDS = ("expirydate", "unpublishdate", "expires", "expiredate", "expirationdate", "expiry", "expireson")

ERROR_PAGE = re.compile(
    r"404(?:\.[a-z]{2,3}(?:[-_][a-z]{2,4})?)?(?:\.(?:md|markdown|mdown|mkd|mdx|html?|txt))+", re.IGNORECASE
)

DRAFT_FOLDERS = frozenset({"_drafts", "drafts", "draft"})
YES = frozenset({"true", "yes", "on", "1", "y", "t"})
NO = frozenset({"false", "no", "off", "0", "n", "f", "never"})

LINE = re.compile(
    r"""[\s\-?{\["',]*(?P<key>[a-z][\w.-]*)["']?\s*(?:[:=]|\s(?:true|false|yes|no)\s*$|$)""", re.IGNORECASE
)


MAX_LINE_CHARS = 20_000
"""How much of a line is looked at, in scripts other than Latin: one character may stand for eighteen."""


def plain_key(key: object) -> str:
    """The key as all spellings of it: `publishDate`, `publish_date` and `Publish-Date` are one.

    Only letters and digits count, so that a blank of another kind, pasted with the key, makes it no other key.
    """
    return letters(str(key))


@lru_cache(1024)
def letters(key: str) -> str:
    return re.sub(r"[\W_]+", "", normalize("NFKC", key).lower())


def plain_line(line: str) -> str:
    """The line with the plain form of its characters and without those that can't be seen: `：` becomes `:`."""
    if line.isascii():
        return line
    spaced = normalize("NFKC", line[:MAX_LINE_CHARS].replace("：", ": "))
    return spaced if spaced.isprintable() else "".join(c for c in spaced if unicodedata.category(c) != "Cf")


def truth(value: object) -> bool | None:
    """Yes or no, as people and formats write them; None for everything else."""
    word = str(value).strip().lower()
    return True if word in YES else False if word in NO else None


def exclusion(fields: Mapping[str, object], id: str, *, strict_status: bool = False) -> str | None:
    """Why the post must not be found, as a short sentence such as "draft: true"; None where nothing says so.

    `fields` is the header with plain keys. `strict_status` takes an unknown `status` for hiding, which is right where
    the generator has a closed list of them.
    """
    if ERROR_PAGE.fullmatch(id.rpartition("/")[2]):
        return "it is an error page"
    folder = next((part for part in id.split("/")[:-1] if part.lower() in DRAFT_FOLDERS), None)
    if folder:
        return f"it lies in {folder}/"
    if strict_status and str(fields.get("status") or "published").strip().lower() != "published":
        return f"status: {abridged(fields['status'])}"
    return next((reason for key, value in fields.items() if (reason := hides(key, value))), None)


def hides(key: str, value: object, *, in_text: bool = False) -> str | None:
    """Why this one key hides the post, or None.

    With `in_text`, which may be prose, a `status` of unknown words passes, and any date of publication or expiry hides.
    """
    key = plain_key(key)
    if isinstance(value, str) and key not in ABOUT_THE_PAGE and not can_hide(key):
        return None  # as most of a header does
    pairs = flattened(key, value)
    return next((f"{name}: {abridged(item)}" for name, item in pairs if hidden(name, item, in_text=in_text)), None)


def flattened(key: str, value: object) -> Iterator[tuple[str, object]]:
    """The key with its value, with each of several, or the keys one level below it as `search.exclude`.

    Below the keys that are about the page as a whole it goes to any depth, and what `<meta>` elements name are keys.
    """
    about = key.partition(".")[0] in ABOUT_THE_PAGE
    if isinstance(value, Mapping):
        fields = {plain_key(name): item for name, item in value.items()}
        if about and "content" in fields and (name := fields.get("name") or fields.get("property")):
            yield f"{key}.{plain_key(name)}", fields["content"]
        for name, item in fields.items():
            yield from flattened(f"{key}.{name}", item) if about else ((f"{key}.{name}", item),)
    elif isinstance(value, list):
        for item in value:
            yield from flattened(key, item)
    elif about and "<" in str(value):
        yield from ((f"{key}.{plain_key(meta['key'])}", meta["value"]) for meta in META_TAG.finditer(str(value)))
    else:
        yield key, value


class Rule(NamedTuple):
    """With what a key hides the post: an answer, any of some words and, if `strict`, all that is neither yes nor no."""

    answer: bool | None
    strict: bool = False
    words: frozenset[str] = frozenset()


@lru_cache(4096)
def rule_of(key: str) -> Rule | None:
    """With what the key, by its meaning, hides the post; None for one that never does."""
    root, *below = key.split(".")
    if below and root in ABOUT_THE_PAGE:
        return rule_of(".".join(below[-2:])) or rule_of(below[-1]) or search_rule(root + below[-1])
    if HIDES_WITH_YES.fullmatch(key):
        return Rule(True)
    if HIDES_WITH_NO.fullmatch(key):
        return Rule(False, words=frozenset({"link"}) if key != "permalink" else frozenset())
    if HIDES_UNLESS_NO.fullmatch(key.replace(".", "")):
        return Rule(True, strict=True)
    if HIDES_UNLESS_YES.fullmatch(key):
        return Rule(False, strict=True)
    return Rule(None, words=HIDING_WORDS[key]) if key in HIDING_WORDS else search_rule(key.replace(".", ""))


def search_rule(key: str) -> Rule | None:
    """With what a key about search hides the post: `noindex` and `exclude_from_search` with yes, `in_search` with no.

    `index: false` by itself is none: it says that a page is not the first of its folder.
    """
    words, end = [], 0
    while match := SEARCH_WORD.match(key, end):
        words.append(match)
        end = match.end()
    kinds, nouns = {word.lastgroup for word in words}, {word[0] for word in words if word["noun"]}
    if end < len(key) or not nouns:
        return Rule(False, words=NOT_FOR_SEARCH) if "robots" in key else None
    if "denial" in kinds:
        return Rule(True, strict=True)
    plain = bool(nouns & PLAIN_NOUNS) or "inclusion" in kinds
    if not plain and ("other" in kinds or (nouns == {"index"} and "about" not in kinds)):
        return None
    return Rule(False, strict=plain, words=NOT_FOR_SEARCH)


def can_hide(key: str) -> bool:
    """Whether the key hides the post with some value, for good or for a time."""
    return key in STARTS or key in ENDS or rule_of(key) is not None


def hidden(key: str, value: object, *, in_text: bool = False) -> bool:
    """Whether the key, with this value, hides the post."""
    if value is None or value == "":
        return False
    if in_text and (key in STARTS or key in ENDS):
        return read_date(value).moment is not None
    if (rule := rule_of(key)) is None:
        return False
    answer, words = truth(value), set(re.split(r"[\s,;:]+", str(value).strip().lower()))
    if not rule.words.isdisjoint(words | {word.replace("-", "") for word in words}):
        return True
    if key == "status" and not in_text:
        return answer is not True and not words - {""} <= OPEN_STATUS
    if answer is not None:
        return answer is rule.answer
    return rule.strict and not (rule.answer is False and read_date(value).moment)


def odd_answers(fields: Mapping[str, object]) -> tuple[Finding, ...]:
    """A finding for each key, as `plain_key` writes it, that says yes or no and has a value that nobody can read."""
    return tuple(
        Finding(f"{key}: {abridged(value)} is neither yes nor no, and hides the post")
        for key, value in fields.items()
        if (rule := rule_of(key)) and rule.strict and isinstance(value, str) and not BEARS_TEXT.match(key)
        if truth(value) is None and hidden(key, value) and value.strip().lower() not in rule.words
    )


def prefer(key: object, old: object, new: object) -> object:
    """Which of two values of one key counts: the last, unless the first hides the post, or hides it for longer.

    The key may stand below `search`, where `exclude` hides.
    """
    if plain_key(key) in {"date", *STARTS}:
        first, last = (read_date(value).moment for value in (old, new))
        return old if first and last and first > last else new
    hiding = [any(hides(f"{above}{key}", value) for above in ("", "search")) for value in (old, new)]
    return old if hiding == [True, False] else new


def may_hide(line: str) -> bool:
    """Whether the line, however badly it is written, might be meant to hide the post."""
    match = LINE.match(plain_line(line))
    return match is not None and can_hide(plain_key(match["key"]))


def window(
    fields: Mapping[str, object], date: datetime | None, zone: tzinfo
) -> tuple[datetime | None, datetime | None, str | None, tuple[Finding, ...]]:
    """From when and to when the post may be found, why never, and what is odd about the dates.

    Without a date of publication it is the post's own date. A date that can't be read hides the post.
    """
    ends = tuple(key for key in ENDS if truth(fields.get(key)) is not False)  # as `expires: never`
    start, end, odd = read_first(fields, STARTS, zone), read_first(fields, ends, zone), []
    for key, value, moment in (start, end):
        if key and moment is None:
            return None, None, f"{key}: {abridged(value)}", (Finding(f"{key}: {abridged(value)} is not a date"),)
    if start[2] and end[2] and start[2] >= end[2]:
        odd.append(Finding(f"{end[0]}: {abridged(end[1])} is not after {start[0]}: the post is never visible"))
    return start[2] or date, end[2], None, tuple(odd)


def read_first(
    fields: Mapping[str, object], keys: tuple[str, ...], zone: tzinfo
) -> tuple[str, object, datetime | None]:
    """The first of the keys that has a value, the value and its date."""
    key = next((key for key in keys if fields.get(key) not in (None, "", False)), "")
    return key, fields.get(key), read_date(fields[key], zone).moment if key else None


def abridged(value: object) -> str:
    """The value in a sentence, short."""
    text = str(value).lower() if isinstance(value, bool) else on_one_line(str(value))
    return text if len(text) <= 60 else text[:59] + "…"

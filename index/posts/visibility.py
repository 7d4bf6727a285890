"""Whether a post may be found, and from when to when, by its header and its path.

All that hides a post is named here. It fails closed: a hiding key with a value that nobody can read hides the post.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo
from functools import lru_cache

from index.errors import Finding
from index.posts.dates import read_date
from index.posts.names import on_one_line
from index.unicode import normalize

__all__ = [
    "DRAFT_FOLDERS",
    "exclusion",
    "hides",
    "may_hide",
    "plain_key",
    "plain_line",
    "prefer",
    "truth",
    "window",
]

HIDES_WHEN_TRUE = {
    "draft", "isdraft", "hidden", "ishidden", "private", "isprivate", "unlist", "unlisted", "unpublished", "wip",
    "noindex", "nosearch", "headless", "protected",
    "passwordprotected", "archivedraft", "exclude", "searchexclude", "excludesearch", "excludefromsearch",
    "excludedfromsearch", "search.exclude", "search.hide", "search.noindex", "hidefromsearch", "hideinsearch",
    "robots.noindex",
}  # fmt: skip
"""Keys, as `plain_key` writes them, whose truth hides the post."""

HIDES_WHEN_FALSE = {
    "published", "ispublished", "publish", "public", "ispublic", "visible", "isvisible", "listed", "islisted",
    "search", "searchable", "indexable", "search.index", "search.enabled", "search.include", "robots.index",
    "build.render", "build.list",
}  # fmt: skip
"""Keys whose falsehood hides the post; values that are no yes or no are left to `FREE_KEYS` below."""

FREE_KEYS = frozenset({"published", "publish", "search", "build.render", "build.list", "protected", "exclude"})
"""Keys that also bear other things than yes and no, such as a date, a URL or a word of their own."""

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
    "permalink": frozenset({"false"}),
    "robots": frozenset({"noindex", "none"}),
    "search": frozenset({"exclude", "excluded", "hidden", "none", "noindex"}),
    "build.render": frozenset({"never"}),
    "build.list": frozenset({"never"}),
}  # fmt: skip
"""Keys with a vocabulary, and the words of it that hide the post."""

OPEN_STATUS = frozenset(
    ["published", "publish", "public", "live", "posted", "done", "final", "stable", "active", "current", "visible",
     "accepted", "approved", "complete", "completed", "released", "experimental", "deprecated", "non-standard"]
)  # fmt: skip
"""Words of `status` with which a post is for everyone; in a header, all others hide it.

Those of the second line speak of what the post is about, in pages of reference and records of decisions.
"""

ABOUT_THE_PAGE = ("seo.", "meta.")
"""Keys below which stand keys that mean what they mean at the top."""

SECRETS = frozenset({"password", "postpassword"})
"""Keys whose mere presence, with any value, says that not everyone may read the post."""

STARTS = ("publishdate", "pubdate", "publishon", "publishat", "goliveat")
ENDS = ("expirydate", "unpublishdate", "expires", "expiredate", "expirationdate", "expiry", "expireson")
HIDING_KEYS = HIDES_WHEN_TRUE | HIDES_WHEN_FALSE | set(HIDING_WORDS) | SECRETS | {*STARTS, *ENDS}
"""All keys that can hide a post, for good or for a time."""

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
    if isinstance(value, str) and key not in HIDING_KEYS and not key.startswith(ABOUT_THE_PAGE):
        return None  # as most of a header does
    pairs = flattened(key, value)
    return next((f"{name}: {abridged(item)}" for name, item in pairs if hidden(name, item, in_text=in_text)), None)


def flattened(key: str, value: object) -> Iterator[tuple[str, object]]:
    """The key with its value, with each of several, or the keys one level below it as `search.exclude`.

    It goes one level deeper below the keys that are about the page as a whole.
    """
    if isinstance(value, Mapping):
        for name, item in value.items():
            below = f"{key}.{plain_key(name)}"
            deeper = f"{key}." in ABOUT_THE_PAGE
            yield from flattened(below, item) if deeper else ((below, item),)
    elif isinstance(value, list):
        for item in value:
            named = isinstance(item, Mapping) and key == "meta" and "name" in item
            yield (f"{key}.{plain_key(item['name'])}", item.get("content")) if named else (key, item)
    else:
        yield key, value


def hidden(key: str, value: object, *, in_text: bool = False) -> bool:
    """Whether the key, with this value, hides the post."""
    key = key.removeprefix(next(filter(key.startswith, ABOUT_THE_PAGE), ""))
    if value is None or value == "" or key not in HIDING_KEYS:
        return False
    if in_text and key in {*STARTS, *ENDS}:
        return read_date(value).moment is not None
    answer, words = truth(value), set(re.split(r"[\s,;:]+", str(value).strip().lower()))
    if (key in SECRETS and answer is not False) or words & HIDING_WORDS.get(key, frozenset()):
        return True
    if key == "status" and not in_text:
        return answer is not True and not words - {""} <= OPEN_STATUS
    if key in HIDES_WHEN_TRUE:
        return answer is not False and not (answer is None and key in FREE_KEYS)
    if key in HIDES_WHEN_FALSE:
        return answer is False or (answer is None and not free(key, value))
    return False


def free(key: str, value: object) -> bool:
    """Whether the key may hold such a value that is neither yes nor no: `published: 2013-06-19` is a date."""
    if key in {"published", "publish"}:
        return read_date(value).moment is not None
    return key in FREE_KEYS


def prefer(key: object, old: object, new: object) -> object:
    """Which of two values of one key counts: the last, unless the first hides the post and the last does not.

    The key may stand below `search`, where `exclude` hides.
    """
    hiding = [any(hides(f"{above}{key}", value) for above in ("", "search")) for value in (old, new)]
    return old if hiding == [True, False] else new


def may_hide(line: str) -> bool:
    """Whether the line, however badly it is written, might be meant to hide the post."""
    match = LINE.match(plain_line(line))
    return match is not None and plain_key(match["key"]) in HIDING_KEYS


def window(
    fields: Mapping[str, object], date: datetime | None, zone: tzinfo
) -> tuple[datetime | None, datetime | None, str | None, tuple[Finding, ...]]:
    """From when and to when the post may be found, why never, and what is odd about the dates.

    Without a date of publication it is the post's own date. A date that can't be read hides the post.
    """
    start, end, odd = read_first(fields, STARTS, zone), read_first(fields, ENDS, zone), []
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

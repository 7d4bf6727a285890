"""Filling Hugo's permalink patterns, such as `/:year/:slug/`.

The tokens are those of https://gohugo.io/configuration/permalinks/#tokens, the cleaning of texts is that of
https://gohugo.io/functions/urls/urlize/.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from index.posts.metadata import Metadata
from index.sites.generators.addresses import MAX_LINK_CHARS
from index.sites.generators.values import as_mapping, as_text
from index.unicode import stream_safe

__all__ = ["ContentFile", "PermalinkPattern", "expand", "read_patterns", "sanitize", "without_accents"]

TOKEN = re.compile(r":(\w+)(?:\[(.+?)\])?")
DATE_TOKENS = {"month": "%m", "monthname": "%B", "day": "%d", "weekday": "%w", "weekdayname": "%A"}
DATE_TOKENS |= {"01": "%m", "1": "%-m", "Jan": "%b", "January": "%B", "02": "%d", "2": "%-d", "06": "%y"}
DATE_TOKENS |= {"Mon": "%a", "Monday": "%A", "15": "%H", "04": "%M", "05": "%S", "002": "%j"}
ALLOWED = frozenset("./\\_#+~-@")
HEXADECIMAL = frozenset("0123456789abcdefABCDEF")


@dataclass(frozen=True, slots=True)
class ContentFile:
    """A content file: `kind` is "page", "bundle" for an `index` file or "section" for an `_index` file."""

    kind: str
    steps_as_named: tuple[str, ...]
    stem: str
    suffix: str
    lang: str
    slug: str
    date: datetime
    post: Metadata

    @property
    def steps(self) -> tuple[str, ...]:
        """The folders of the file as Hugo looks at them: lower case, without spaces."""
        return tuple(step.lower().replace(" ", "-") for step in self.steps_as_named)

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders that the page lies in; a bundle's own is none of them."""
        return self.steps_as_named[:-1] if self.kind == "bundle" else self.steps_as_named

    @property
    def path(self) -> tuple[str, ...]:
        """Where the page stands among the others: its folders and its name, lower case, without spaces."""
        named = () if self.kind == "section" else (self.base,)
        return tuple(step.lower().replace(" ", "-") for step in (*self.folders, *named))

    @property
    def base(self) -> str:
        """The name of the file, or of the bundle, without a suffix."""
        return (self.steps_as_named or ("",))[-1] if self.kind in {"bundle", "section"} else self.stem


@dataclass(frozen=True, slots=True)
class PermalinkPattern:
    """A pattern for the pages, or the sections, of one section; that of the root has the name ""."""

    kind: str
    section: str
    text: str

    def matches(self, page: ContentFile) -> bool:
        if self.kind != ("section" if page.kind == "section" else "page"):
            return False
        path = "/".join(page.path)
        return path == self.section or path.startswith(f"{self.section}/") if self.section else len(page.path) == 1


def read_patterns(value: object) -> tuple[PermalinkPattern, ...]:
    """The patterns in any of the three forms of `permalinks`; the first that matches counts.

    Only the form that is a list has an order; of the other two the deeper sections come first.
    """
    if isinstance(value, list):
        return tuple(pattern for rule in value for pattern in read_rule(as_mapping(rule)))
    found = []
    for key, item in as_mapping(value).items():
        if isinstance(item, Mapping):
            found += [PermalinkPattern(key, name.strip(" /"), as_text(one)) for name, one in item.items()]
        else:
            found.append(PermalinkPattern("page", key.strip(" /"), as_text(item)))
    return tuple(sorted((p for p in found if p.text), key=lambda p: (-len(p.section), p.section)))


def read_rule(rule: Mapping[str, object]) -> list[PermalinkPattern]:
    """The patterns of a rule with a target; globs other than `/section/**` are not followed."""
    target = as_mapping(rule.get("target"))
    section = re.sub(r"/\*\*$", "", as_text(target.get("path")).lower()).strip("/{} ").partition(",")[0]
    kinds = [as_text(target.get("kind")).lower()] if as_text(target.get("kind")) else ["page", "section"]
    return [
        PermalinkPattern(kind, section, as_text(rule.get("pattern"))) for kind in kinds if as_text(rule.get("pattern"))
    ]


def expand(pattern: str, page: ContentFile, sections: tuple[str, ...], *, lower: bool) -> str | None:
    """The pattern with its tokens filled; None where it has one that can't be told from the file alone."""
    title = sanitize(as_text(page.post.raw.get("title")), lower=lower).replace("/", "-").rstrip("#")
    slug, base = sanitize(page.slug, lower=lower), sanitize(page.base, lower=lower)
    values = {
        "title": title,
        "slug": slug or title,
        "slugorfilename": slug or base,
        "filename": base if page.kind != "section" else "",
        "contentbasename": base,
        "slugorcontentbasename": slug or base,
        "section": page.folders[0].lower().replace(" ", "-") if page.folders else "",
        "sections": "/".join(sections),
        **{name: page.date.strftime(form) for name, form in DATE_TOKENS.items()},
        "year": str(page.date.year),
        "2006": f"{page.date.year:04}",
        "yearday": str(page.date.timetuple().tm_yday),
    }
    if any(name not in values for name, _ in TOKEN.findall(pattern)):
        return None

    def value(match: re.Match[str]) -> str:
        if match[1] == "sections" and match[2]:
            return "/".join(sliced(sections, match[2]))
        return values[match[1]]

    return TOKEN.sub(value, pattern)


def sliced(steps: tuple[str, ...], cut: str) -> tuple[str, ...]:
    """The part of the steps that a cut such as `1:`, `:last` or `0` names."""

    def number(word: str, missing: int) -> int:
        return len(steps) - 1 if word == "last" else int(word) if word.isdecimal() else missing

    low, colon, high = cut.lower().partition(":")
    start = number(low, 0)
    return steps[start : number(high, len(steps))] if colon else steps[start : start + 1]


def sanitize(name: str, *, lower: bool = True) -> str:
    """The text as Hugo puts it into a path: letters, digits and few marks stay, spaces become hyphens."""
    kept: list[str] = []
    waiting = False
    for place, letter in enumerate(name[:MAX_LINK_CHARS]):
        if letter == "%":
            stays = place + 2 < len(name) and set(name[place + 1 : place + 3]) <= HEXADECIMAL
        else:
            stays = letter in ALLOWED or letter.isdecimal() or unicodedata.category(letter)[0] in "LM"
        if stays:
            if waiting and letter != "-":
                kept.append("-")
            waiting = False
            kept.append(letter)
        elif kept and kept[-1] != "-" and letter.isspace():
            waiting = True
    return "".join(kept).lower() if lower else "".join(kept)


def without_accents(text: str) -> str:
    """The text without the marks of its letters, as `removePathAccents` has it."""
    apart = unicodedata.normalize("NFD", stream_safe(text))
    return unicodedata.normalize("NFC", "".join(c for c in apart if unicodedata.category(c) != "Mn"))

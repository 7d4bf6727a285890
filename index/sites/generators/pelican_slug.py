"""The slugs that Pelican makes of titles and names.

The rules are those of https://docs.getpelican.com/en/latest/settings.html (SLUG_REGEX_SUBSTITUTIONS,
SLUGIFY_USE_UNICODE, SLUGIFY_PRESERVE_CASE).
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass

from index.latin import ascii_letters
from index.sites.generators.addresses import MAX_LINK_CHARS
from index.unicode import normalize

__all__ = ["Slugs"]

SUBSTITUTIONS = ((r"[^\w\s-]", ""), (r"(?u)\A\s*", ""), (r"(?u)\s*\Z", ""), (r"[-\s]+", "-"))


@dataclass(frozen=True, slots=True)
class Slugs:
    """Makes slugs by the settings of a site."""

    settings: Mapping[str, object]

    def make(self, name: str, kind: str = "SLUG") -> str:
        """The slug of a title, or of an author's or a category's name by the substitutions of their own."""
        plain = html.unescape(re.sub(r"<!--.*?-->|<[^>]*>", "", name[:MAX_LINK_CHARS], flags=re.DOTALL))
        slug = normalize("NFKC", " ".join(plain.split()))
        slug = slug if self.settings.get("SLUGIFY_USE_UNICODE") else ascii_letters(slug)
        for pattern, replacement in self.substitutions(kind):
            slug = re.sub(pattern, replacement, slug, flags=re.IGNORECASE)
        return (slug if self.settings.get("SLUGIFY_PRESERVE_CASE") else slug.lower()).strip()

    def substitutions(self, kind: str) -> tuple[tuple[str, str], ...]:
        """The pairs of pattern and replacement for that kind of name; those that are no patterns are left out."""
        general = self.settings.get("SLUG_REGEX_SUBSTITUTIONS", SUBSTITUTIONS)
        listed = self.settings.get(f"{kind}_REGEX_SUBSTITUTIONS", general)
        pairs = listed if isinstance(listed, list | tuple) else ()
        return tuple((pair[0], pair[1]) for pair in pairs if is_substitution(pair))


def is_substitution(pair: object) -> bool:
    """Whether it is a pair of a pattern and a replacement that can be used."""
    if not (isinstance(pair, list | tuple) and len(pair) == 2 and all(isinstance(part, str) for part in pair)):
        return False
    try:
        re.sub(pair[0], pair[1], "a")
    except (re.error, IndexError):
        return False
    return True

"""Addresses that can be followed: the URL of a post goes in, one that is safe to link to comes out, or ""."""

from __future__ import annotations

import re
from urllib.parse import quote, urljoin

__all__ = ["absolute_url", "safe_url"]

INVISIBLE = re.compile(r"[\x00-\x20\x7f-\x9f]+")
SCHEME = re.compile(r"[^/?#]*:")
KEPT = "%/?#[]@:!$&'()*+,;=~"
"""What has a meaning in an address; all else, letters of other scripts among it, is written as `%…`."""


def safe_url(url: str) -> str:
    """The address, or "" where following it would run a script instead of showing a page."""
    # Browsers drop control characters and blanks before they read the scheme, so `java\nscript:` is one.
    plain = INVISIBLE.sub("", url)
    scheme = SCHEME.match(plain)
    return url if not scheme or scheme[0].lower() in {"http:", "https:"} else ""


def absolute_url(url: str, base: str) -> str:
    """The address in full, in ASCII, for readers that see it apart from the site; "" where it can't be followed."""
    if not safe_url(url):
        return ""
    try:
        return safe_url(urljoin(base, quote(url, safe=KEPT, errors="replace")))
    except ValueError:  # such as `http://[`
        return ""

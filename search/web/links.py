"""Which addresses of posts are safe to link to: those that show a page and run no script."""

from __future__ import annotations

import re
from urllib.parse import quote, urljoin

__all__ = ["absolute_url", "safe_url"]

IGNORED_BY_BROWSERS = re.compile(r"[\x00-\x20\x7f-\x9f]+")
"""What browsers leave out of an address before they read its scheme, so that `java\\nscript:` is one."""

URL_SCHEME = re.compile(r"[^/?#]*:")
UNQUOTED = "%/?#[]@:!$&'()*+,;=~"
"""What has a meaning in an address; all else, letters of other scripts among it, is written as `%…`."""


def safe_url(url: str) -> str:
    """The address, or "" where following it would run a script instead of showing a page."""
    scheme = URL_SCHEME.match(IGNORED_BY_BROWSERS.sub("", url))
    return url if not scheme or scheme[0].lower() in {"http:", "https:"} else ""


def absolute_url(url: str, base: str) -> str:
    """The address in full, in ASCII, for readers that see it apart from the site; "" where it can't be followed."""
    if not safe_url(url):
        return ""
    try:
        return safe_url(urljoin(base, quote(url, safe=UNQUOTED, errors="replace")))
    except ValueError:  # such as `http://[`
        return ""

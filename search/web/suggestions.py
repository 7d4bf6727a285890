"""What completes a text that is being typed, in the JSON that browsers ask for (OpenSearch Suggestions 1.1)."""

from __future__ import annotations

from typing import Any

from search.matches import Suggestion
from search.web.links import absolute_url

__all__ = ["MAX_SUGGESTIONS", "suggestion_lists"]

MAX_SUGGESTIONS = 8
MAX_ABOUT_CHARS = 120


def suggestion_lists(text: str, suggestions: tuple[Suggestion, ...], site: str) -> list[Any]:
    """What was typed, and of all suggestions the texts, what each is about, the addresses and, by name, the rest.

    Browsers pass over names that they do not know. Addresses are in full, as seen from `site`, or empty.
    """
    return [
        text,
        [suggestion.text for suggestion in suggestions],
        [shortened(suggestion.about) for suggestion in suggestions],
        [absolute_url(suggestion.url, site) if suggestion.url else "" for suggestion in suggestions],
        {
            "kinds": [suggestion.kind for suggestion in suggestions],
            "posts": [suggestion.posts for suggestion in suggestions],
        },
    ]


def shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MAX_ABOUT_CHARS else line[: MAX_ABOUT_CHARS - 1].rstrip() + "…"

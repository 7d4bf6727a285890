"""Turns a `Match` into a `Hit`: its title, snippet and tags become HTML with `<mark>`, here and nowhere else."""

from __future__ import annotations

from search.fragment import fragment
from search.matches import Match
from search.query import SNIPPET_CHARS
from search.results import Highlights, Hit, SectionHit
from search.snippet import marked, section_hits, snippet

__all__ = ["hit_of"]


def hit_of(match: Match, snippet_chars: int = SNIPPET_CHARS) -> Hit:
    """The match as it is shown: its title and tags with their words marked, a snippet of its body, its sections."""
    document, ranges = match.document, match.highlights
    shown = snippet(document.body or document.description, ranges.body, length=snippet_chars, title=document.title)
    tags = zip(document.tags, ranges.tags, strict=True)
    lead = "" if "#" in document.url else "#"
    words = fragment(document, ranges.body, shown)
    return Hit(
        id=document.id,
        url=document.url,
        title=document.title,
        date=document.date.date().isoformat() if document.date else None,
        author=document.author,
        tags=document.tags,
        lang=document.lang,
        score=match.score,
        highlights=Highlights(
            title=marked(document.title, ranges.title),
            body=shown.html,
            tags=tuple(marked(tag, found) for tag, found in tags),
        ),
        snippet=shown.html,
        plain_snippet=shown.plain,
        matched_fields=match.fields,
        sections=tuple(
            SectionHit(
                section.title,
                f"{document.url}#{section.anchor}",
                part.html,
                fragment(document, ranges.body, part),
            )
            for section, part in section_hits(document, ranges.body, shown, snippet_chars)
        ),
        fragment=words and lead + words,
        pinned=match.pinned,
        explanation=match.explanation,
        site=document.site,
    )

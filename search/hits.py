"""Turns a `Match` into a `Hit`: its title, snippet and tags become HTML with `<mark>`, here and nowhere else."""

from __future__ import annotations

from search.fragment import fragment
from search.matches import Match
from search.results import Highlights, Hit, SectionHit
from search.snippet import section_hits, snippet, to_html, to_plain, whole

__all__ = ["hit_of"]


def hit_of(match: Match) -> Hit:
    """The match as it is shown: its title and tags with their words marked, a snippet of its body, its sections."""
    document, ranges = match.document, match.highlights
    shown = snippet(document.body or document.description, ranges.body, title=document.title)
    body = to_html(shown)
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
            title=to_html(whole(document.title, ranges.title)),
            body=body,
            tags=tuple(to_html(whole(tag, found)) for tag, found in tags),
        ),
        snippet=body,
        plain_snippet=to_plain(shown),
        matched_fields=match.fields,
        sections=tuple(
            SectionHit(
                section.title,
                f"{document.url}#{section.anchor}",
                to_html(part),
                fragment(document, ranges.body, part),
            )
            for section, part in section_hits(document, ranges.body, shown)
        ),
        fragment=words and lead + words,
        pinned=match.pinned,
        explanation=match.explanation,
        site=document.site,
    )

"""From what an engine found to what is shown: a `Match` goes in, a `Hit` with its snippet comes out."""

from __future__ import annotations

from index.schema import Document
from search.highlight import Highlighter, Range
from search.query import Query
from search.results import Hit, Match, SectionHit
from search.snippet import section_hits, snippet, to_html, to_plain, whole

__all__ = ["HitMaker"]


class HitMaker:
    """Makes the hits of one query."""

    def __init__(self, query: Query) -> None:
        self.highlighter = Highlighter(query)

    def hit(self, match: Match) -> Hit:
        """The match as it is shown."""
        document = match.document
        ranges = self.highlighter.ranges(document.body, document.lang)
        shown = snippet(document.body or document.description, ranges, title=document.title)
        text = to_html(shown)
        return Hit(
            id=document.id,
            url=document.url,
            title=document.title,
            date=document.date.date().isoformat() if document.date else None,
            author=document.author,
            tags=document.tags,
            lang=document.lang,
            score=match.score,
            highlights={
                "title": self.marked(document.title, "title", document),
                "body": text,
                "tags": self.tags(document),
            },
            snippet=text,
            plain_snippet=to_plain(shown),
            matched_fields=match.fields,
            sections=self.sections(document, ranges),
        )

    def marked(self, text: str, field: str, document: Document) -> str:
        return to_html(whole(text, self.highlighter.ranges(text, document.lang, field)))

    def tags(self, document: Document) -> tuple[str, ...]:
        return tuple(self.marked(tag, "tags", document) for tag in document.tags)

    def sections(self, document: Document, ranges: tuple[Range, ...]) -> tuple[SectionHit, ...]:
        return tuple(
            SectionHit(section.title, f"{document.url}#{section.anchor}", to_html(part))
            for section, part in section_hits(document, ranges)
        )

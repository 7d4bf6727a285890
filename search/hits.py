"""From what an engine found to what is shown: a `Match` goes in, a `Hit` with its snippet comes out."""

from __future__ import annotations

from index.schema import Document
from search.highlight import Highlighter
from search.query import Query
from search.ranges import Marks, Range
from search.results import Highlights, Hit, Match, SectionHit
from search.snippet import section_hits, snippet, to_html, to_plain, whole

__all__ = ["HitMaker"]


class HitMaker:
    """Makes the hits of one query."""

    def __init__(self, query: Query) -> None:
        self.highlighter = Highlighter(query)

    def hit(self, match: Match) -> Hit:
        """The match as it is shown."""
        document = match.document
        marks = self.read(document) if match.marks is None else match.marks
        ranges = marks["body"][0]
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
            highlights=Highlights(
                title=to_html(whole(document.title, marks["title"][0])),
                body=text,
                tags=tuple(to_html(whole(tag, found)) for tag, found in zip(document.tags, marks["tags"], strict=True)),
            ),
            snippet=text,
            plain_snippet=to_plain(shown),
            matched_fields=match.fields,
            sections=self.sections(document, ranges),
        )

    def read(self, document: Document) -> Marks:
        """The marks of a document, found by reading it."""
        texts = {"body": (document.body,), "title": (document.title,), "tags": document.tags}
        return {
            field: tuple(self.highlighter.ranges(text, document.lang, field) for text in found)
            for field, found in texts.items()
        }

    def sections(self, document: Document, ranges: tuple[Range, ...]) -> tuple[SectionHit, ...]:
        return tuple(
            SectionHit(section.title, f"{document.url}#{section.anchor}", to_html(part))
            for section, part in section_hits(document, ranges)
        )

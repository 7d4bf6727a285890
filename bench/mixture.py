"""Any number of made-up posts, mixed from the paragraphs of real documents.

They have about 1 kB each and are the same at every run. One is made at a time, so that a million of them need no more
memory than one, and no disk.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from bench.questions import SEED
from index.schema import Document

__all__ = ["Mixture"]

SHORTEST, LONGEST = 60, 600
"""Lines shorter than this are headings and the like; longer ones are cut."""

CHARACTERS = 1000
FIRST_DAY = datetime(2000, 1, 1, tzinfo=UTC)
DAYS = 9000


class Mixture:
    """The paragraphs, titles, tags and authors of some posts, mixed into new posts. Raises `ValueError` for none."""

    def __init__(self, documents: Iterable[Document], seed: int = SEED) -> None:
        paragraphs: dict[str, None] = {}
        titles, tags, authors = dict[str, None](), dict[str, None](), dict[str, None]()
        for document in documents:
            paragraphs |= dict.fromkeys(line[:LONGEST] for line in document.body.split("\n") if len(line) >= SHORTEST)
            titles[document.title] = None
            tags |= dict.fromkeys(document.tags)
            authors |= dict.fromkeys(document.author)
        if not paragraphs:
            raise ValueError("the posts hold no paragraphs to mix; name a folder with longer posts")
        self.seed = seed
        self.paragraphs, self.titles = list(paragraphs), list(titles)
        self.tags, self.authors = list(tags) or self.words(), list(authors) or ["Ann Author", "Bob Writer"]

    def words(self) -> list[str]:
        """Tags where the posts have none: words of their titles."""
        return sorted({word.lower() for title in self.titles for word in title.split() if word.isalpha()}) or ["post"]

    def posts(self, count: int) -> Iterator[Document]:
        """The first posts of the mixture; those of a smaller count are the first of a larger one."""
        chance = random.Random(self.seed)
        return (self.post(chance, number) for number in range(count))

    def post(self, chance: random.Random, number: int) -> Document:
        return Document(
            id=f"{number:07}.md",
            url=f"/{number:07}/",
            title=chance.choice(self.titles),
            body="\n\n".join(gather(chance, self.paragraphs)),
            tags=tuple({chance.choice(self.tags): None for _ in range(3)}),
            author=(chance.choice(self.authors),),
            date=FIRST_DAY + timedelta(days=chance.randrange(DAYS)),
        )


def gather(chance: random.Random, paragraphs: Sequence[str]) -> Iterator[str]:
    """Paragraphs until there are enough of them for a post."""
    length = 0
    while length < CHARACTERS:
        paragraph = chance.choice(paragraphs)
        length += len(paragraph)
        yield paragraph

"""Tantivy, asked for the words near those of the question too, which is how it finds what is misspelled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bench.peers import WEIGHTS
from bench.peers.tantivy import Tantivy, tantivy

__all__ = ["ENGINE", "FuzzyTantivy"]

NEAR_BOOST = 4
"""How much more words near the typed one weigh than it: they all score 1, a rare word several times that."""

ONE_EDIT_LETTERS, TWO_EDITS_LETTERS = 5, 9
"""From how many letters on a word may differ by one edit, and by two; a swap of two letters is one."""


class FuzzyTantivy(Tantivy):
    """See `Tantivy`. Words as they are typed are asked for too, since fuzzy terms all score alike."""

    key = "tantivy_fuzzy"
    name = f"{Tantivy.name}, fuzzy"

    def rank(self, words: Sequence[str], limit: int) -> list[str]:
        parts = [(tantivy.Occur.Should, part) for word in words for part in self.parts(word)]
        found = self.searcher.search(tantivy.Query.boolean_query(parts), limit).hits
        return [str(self.searcher.doc(address).get_first("id")) for _, address in found]

    def parts(self, word: str) -> list[Any]:
        """The word as it is typed, and the words near it where it is long enough; with a `*` those that begin so."""
        letters = word.rstrip("*")
        edits = (len(letters) >= ONE_EDIT_LETTERS) + (len(letters) >= TWO_EDITS_LETTERS)
        begins = letters != word
        exact = self.in_some_field(letters) if begins else self.files.parse_query(letters, list(WEIGHTS), WEIGHTS)
        if not edits:
            return [exact]
        # Fuzzy terms are stemmed like any by the parser, which `fuzzy_term_query` does not do.
        near = self.files.parse_query(
            letters, list(WEIGHTS), WEIGHTS, fuzzy_fields=dict.fromkeys(WEIGHTS, (begins, edits, True))
        )
        return [exact, tantivy.Query.boost_query(near, NEAR_BOOST)]


ENGINE = FuzzyTantivy

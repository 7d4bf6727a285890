"""Tantivy, in Rust: the `en_stem` tokenizer and `SnippetGenerator`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.peers import HITS, WEIGHTS, Answer, PeerMissing, Ranker, texts
from bench.questions import Question
from index.schema import Document

try:
    import tantivy
except ImportError as error:
    raise PeerMissing("Tantivy is left out: it is not installed (`pip install tantivy`)") from error

__all__ = ["ENGINE", "Tantivy", "tantivy"]

FEW_LETTERS = 3
MOST_TERMS = 200
"""How many words with a beginning are marked."""


class Tantivy(Ranker):
    """Tantivy as its documentation sets it up, with all texts stored."""

    key = "tantivy"
    name = f"Tantivy {version('tantivy')}"

    def index(self, documents: Iterable[Document], folder: Path) -> None:
        builder = tantivy.SchemaBuilder()
        for name in WEIGHTS:
            builder.add_text_field(name, stored=True, tokenizer_name="en_stem")
        builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
        self.schema = builder.build()
        self.files = tantivy.Index(self.schema, path=str(folder))
        writer = self.files.writer()
        for document in documents:
            writer.add_document(tantivy.Document(id=document.id, **texts(document)))
        writer.commit()
        writer.wait_merging_threads()
        self.files.reload()
        self.searcher = self.files.searcher()

    def ask(self, question: Question) -> list[Answer]:
        query = self.begun(question) if question.begins else self.whole(question.text)
        found = self.searcher.search(query, HITS).hits
        marks = self.marked(question) if question.begins else query
        snippets = tantivy.SnippetGenerator.create(self.searcher, marks, self.schema, "body")
        documents = [self.searcher.doc(address) for _, address in found]
        return [Answer(str(d.get_first("title")), snippets.snippet_from_doc(d).to_html()) for d in documents]

    def whole(self, text: str) -> Any:
        return self.files.parse_query(text, list(WEIGHTS), field_boosts=WEIGHTS, conjunction_by_default=True)

    def rank(self, words: Sequence[str], limit: int) -> list[str]:
        # A dash and NOT would exclude.
        whole = " ".join(word.lower().lstrip("-") for word in words if not word.endswith("*"))
        # Without weights, which put its ranking of any of the words behind.
        parts = [self.files.parse_query(whole, list(WEIGHTS))] if whole else []
        parts += [self.in_some_field(word.rstrip("*")) for word in words if word.endswith("*")]
        query = tantivy.Query.boolean_query([(tantivy.Occur.Should, part) for part in parts])
        found = self.searcher.search(query, limit).hits
        return [str(self.searcher.doc(address).get_first("id")) for _, address in found]

    def in_some_field(self, letters: str) -> Any:
        """Documents with a word that begins with these letters in some field."""
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, self.beginning(name, letters)) for name in WEIGHTS])

    def begun(self, question: Question) -> Any:
        """All words but the last, and in some field a word that begins like the last."""
        last = self.in_some_field(question.words[-1])
        if len(question.words) == 1:
            return last
        whole = self.whole(" ".join(question.words[:-1]))
        return tantivy.Query.boolean_query([(tantivy.Occur.Must, whole), (tantivy.Occur.Must, last)])

    def beginning(self, field: str, letters: str) -> Any:
        """Documents with a word that begins with these letters, all of them.

        Both ways are exact, and each is the faster one where it is used; `phrase_prefix_query` is faster still, but
        gives up after the first words that begin so.
        """
        if len(letters) < FEW_LETTERS:
            query = tantivy.Query.regex_query(self.schema, field, letters + ".*")
        else:
            words = [word for word, _ in self.searcher.terms_with_prefix(field, letters)]
            query = tantivy.Query.term_set_query(self.schema, field, words)
        return tantivy.Query.boost_query(query, WEIGHTS[field])

    def marked(self, question: Question) -> Any:
        """What to mark: `SnippetGenerator` passes over beginnings, so the words of the body are looked up for it."""
        words = self.searcher.terms_with_prefix("body", question.words[-1], limit=MOST_TERMS)
        parts = [(tantivy.Occur.Should, tantivy.Query.term_query(self.schema, "body", word)) for word, _ in words]
        if len(question.words) > 1:
            parts.append((tantivy.Occur.Should, self.whole(" ".join(question.words[:-1]))))
        return tantivy.Query.boolean_query(parts)

    def close(self) -> None:
        del self.searcher, self.files


ENGINE = Tantivy

"""postsearch behind the same contract as its peers, and the reading of posts that all of them build on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from bench.corpus import Question
from bench.peers import HITS, Answer, Peer
from index.engines import open_writer
from index.errors import PostError
from index.folder import Folder
from index.posts.post import read_post
from index.schema import Document
from index.settings import Settings
from index.sites.site import Site, read_site
from search.service import Search

__all__ = ["Postsearch", "read_documents"]


def read_documents(settings: Settings) -> list[Document]:
    """Every post of the folder that can be read and found."""
    folder = Folder(settings)
    site = read_site(folder.root, settings)
    documents = (read(folder.path(id), id, site) for id in folder.scan().files)
    return [document for document in documents if document]


def read(path: Path, id: str, site: Site) -> Document | None:
    try:
        return read_post(path.read_bytes(), id, site).document
    except PostError:
        return None


class Postsearch(Peer):
    """Ours, as the endpoint asks it: whole results with facets and sections, not only titles and snippets."""

    name = "postsearch"

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def build(self, documents: Iterable[Document], folder: Path) -> None:
        settings = replace(self.settings, index=folder)
        with open_writer(settings) as writer:
            for document in documents:
                writer.put(document)
            writer.commit()
        self.service = Search(settings)

    def ask(self, question: Question) -> list[Answer]:
        results = self.service.run(question.text, per_page=HITS, prefix=question.kind == "prefix")
        return [Answer(hit.title, hit.snippet) for hit in results.hits]

    def close(self) -> None:
        self.service.close()

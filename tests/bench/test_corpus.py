"""What the bench measures with: posts that are copied, mixed or made up, and the questions drawn from them."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path

import pytest

from bench.corpus import read_corpus, read_documents, write_posts
from bench.mixture import Mixture
from bench.questions import KINDS, UNASKED, Question, dear_questions, draw_questions, keystrokes
from index.schema import Document
from index.settings import Settings

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def posts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bench") / "posts"
    write_posts(folder, 60)
    return folder


@pytest.fixture(scope="module")
def documents(posts: Path) -> list[Document]:
    return list(read_documents(Settings(posts=posts)))


def test_the_questions_are_the_same_at_every_run(documents: list[Document]) -> None:
    drawn = draw_questions(documents, 24)

    assert drawn == draw_questions(documents, 24)
    assert len(set(drawn)) == 24
    assert [question.kind for question in drawn] == [*KINDS] * 4


def test_a_post_answers_each_question(documents: list[Document]) -> None:
    bodies = [document.body.lower() for document in documents]
    for question in draw_questions(documents, 24):
        wanted = [" ".join(question.words)] if question.kind == "phrase" else question.words
        end = "" if question.begins else r"\b"

        assert any(all(re.search(rf"\b{word}{end}", body) for word in wanted) for body in bodies), question


def test_no_question_holds_a_word_that_whoosh_drops() -> None:
    analysis = pytest.importorskip("whoosh.analysis")
    text = "from have that this when will with your garden"
    documents = [Document(str(number), "", "", text) for number in range(30)]
    documents += [Document(str(number), "", "", "other words of all kinds") for number in range(30, 200)]

    assert {word for word in analysis.STOP_WORDS if len(word) >= 4} == UNASKED
    assert {word for question in draw_questions(documents, 1) for word in question.words} == {"garden"}


def test_dear_questions_are_of_what_most_posts_hold() -> None:
    sentence = "is this all of the time that there is in the world"
    documents = [Document("1", "", "", f"{sentence.capitalize()}? Yes."), Document("2", "", "", "some of the other")]

    assert dear_questions(documents, 1) == [
        Question("one letter", ("t",), "t"),
        Question("two letters", ("th",), "th"),
        Question("sentence", tuple(sentence.split()), sentence),
        Question("common phrase", ("of", "the"), '"of the"'),
    ]


def test_a_folder_without_posts_is_refused(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()

    with pytest.raises(ValueError, match="there is no post to read"):
        read_corpus(tmp_path / "posts", tmp_path / "scratch", 5)


def test_posts_are_copied_and_the_originals_stay(posts: Path, tmp_path: Path) -> None:
    (posts / "notes.bin").write_bytes(b"no post")
    corpus = read_corpus(posts, tmp_path, 6)

    assert len(corpus.documents) == 60
    assert corpus.reading > 0
    assert corpus.settings.posts != posts
    assert not (corpus.settings.posts / "notes.bin").exists()
    assert str(corpus).startswith("posts: 60 posts, ")


def test_keys_are_the_beginnings_of_a_question_and_a_space_is_none(documents: list[Document]) -> None:
    phrase = next(question for question in draw_questions(documents, 6) if question.kind == "phrase")
    keys = list(keystrokes([phrase]))

    assert [key.text for key in keys][:2] == [phrase.text[:2], phrase.text[:3]]
    assert keys[-1].text == phrase.text[:-1]
    assert keys[-1].words == phrase.words
    assert all(key.begins and key.text[-1] != " " for key in keys)


def test_a_mixture_is_the_same_at_every_run_and_a_smaller_one_begins_a_larger(documents: list[Document]) -> None:
    mixture = Mixture(documents)

    assert list(mixture.posts(20)) == list(islice(Mixture(documents).posts(1_000), 20))
    assert len({document.id for document in mixture.posts(20)}) == 20


def test_mixed_posts_hold_real_paragraphs_and_about_a_kilobyte(documents: list[Document]) -> None:
    mixture = Mixture(documents)
    lines = {line for document in documents for line in document.body.split("\n")}

    for document in mixture.posts(50):
        assert 1000 <= len(document.body) < 1700
        assert all(any(line.startswith(part) for line in lines) for part in document.body.split("\n\n"))
        assert document.title
        assert document.tags
        assert document.author


def test_a_million_mixed_posts_are_made_one_by_one(documents: list[Document]) -> None:
    """They could not all be made in the time of a test, so the first of them must not wait for the last."""
    source = Mixture(documents).posts(10**12)

    assert next(source).id == "0000000.md"


def test_posts_without_paragraphs_are_refused() -> None:
    with pytest.raises(ValueError, match="no paragraphs"):
        Mixture([Document("a.md", "/a", "A", "Short.")])

"""What the site's authors say of its search: real files beside posts, and what is found by them."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from index import Settings, reindex
from search import Search, create_app

POSTS = {
    "guide.md": "---\ntitle: A guide to Kubernetes\ntags: [containers]\n---\nPods and services.\n",
    "k8s.md": "---\ntitle: Notes\n---\nOur k8s notes.\n",
    "dialogs.md": "---\ntitle: Dialogs\n---\nA dialog opens.\n",
    "modal.md": "---\ntitle: A modal\n---\nIt opens.\n",
    "learning.md": "---\ntitle: Introduction\n---\nAn introduction to machine learning.\n",
    "apart.md": "---\ntitle: Apart\n---\nLearning to use a machine.\n",
    "ml.md": "---\ntitle: Short\n---\nAn introduction to ML.\n",
    "secret.md": "---\ntitle: Kubernetes drafts\ndraft: true\n---\nKubernetes.\n",
}
SYNONYMS = "k8s: kubernetes\nModal = dialog\nml = machine learning\nkäse: modal\nit: machine learning\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(posts=tmp_path / "posts", index=tmp_path / "index")
    settings.posts.mkdir()
    for id, text in POSTS.items():
        (settings.posts / id).write_text(text)
    save(settings, SYNONYMS)
    reindex(settings)
    return settings


def save(settings: Settings, text: str, name: str = "synonyms.yml") -> None:
    (settings.posts / name).write_text(text)


def found(service: Search, text: str) -> set[str]:
    return {hit.id for hit in service.run(text, prefix=False).hits}


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("k8s", {"guide.md", "k8s.md"}),
        ("kubernetes", {"guide.md"}),  # one way
        ("MODAL", {"dialogs.md", "modal.md"}),
        ("modals", {"dialogs.md", "modal.md"}),
        ("dialog", {"dialogs.md", "modal.md"}),
        ("ml", {"learning.md", "ml.md"}),  # a phrase is held in a row
        ("kase", {"modal.md"}),
        ("KÄSE", {"modal.md"}),
        ("kaese", {"modal.md"}),  # and no synonyms of synonyms
        ('"k8s"', {"k8s.md"}),
        ("opens -modal", {"dialogs.md"}),
        ("title:k8s", {"guide.md"}),
        ("tag:k8s", set()),
        ("k8s | short", {"guide.md", "k8s.md", "ml.md"}),
        ("introduction it", {"learning.md", "ml.md"}),  # a stop word brings nothing in
    ],
)
def test_a_word_is_held_by_its_synonyms(settings: Settings, text: str, ids: set[str]) -> None:
    assert found(Search(settings), text) == ids


def test_several_words_are_each_held_by_their_synonym(settings: Settings) -> None:
    results = Search(settings).run("introduction machine learning", prefix=False, explain=True)

    assert {hit.id for hit in results.hits} == {"learning.md", "apart.md", "ml.md"}
    assert results.parsed == "introduction machine | ml learning | ml"
    parts = {hit.id: hit.explanation for hit in results.hits}
    assert parts["ml.md"].all_words == parts["learning.md"].all_words > parts["apart.md"].all_words  # type: ignore[union-attr]


def test_what_the_synonym_found_is_marked(settings: Settings) -> None:
    service = Search(settings)

    assert [hit.snippet for hit in service.run("ml").hits if hit.id == "learning.md"] == [
        "An introduction to <mark>machine learning</mark>."
    ]
    assert "A guide to <mark>Kubernetes</mark>" in {hit.highlights.title for hit in service.run("k8s").hits}


def test_a_title_that_holds_the_synonym_comes_before_a_text_that_holds_the_word(settings: Settings) -> None:
    assert [hit.id for hit in Search(settings).run("k8s").hits] == ["guide.md", "k8s.md"]


def test_a_synonym_is_no_quotation_that_gives_way(settings: Settings) -> None:
    save(settings, "xyzzy: learning machine\n")
    results = Search(settings).run("xyzzy", prefix=False)

    assert (results.total, results.warnings) == (0, ())


def test_synonyms_that_are_saved_count_at_the_next_query(settings: Settings) -> None:
    service = Search(settings)
    steps = [("pods: modal\n", {"guide.md", "modal.md"}), ("pods: ml\n", {"guide.md", "ml.md"})]

    assert found(service, "pods") == {"guide.md"}
    for text, ids in steps:
        save(settings, text)
        assert found(service, "pods") == ids
    # Within the time that a coarse clock calls one moment, at the same size, in the same file.
    status = (settings.posts / "synonyms.yml").stat()
    save(settings, "pods: zz\n")
    os.utime(settings.posts / "synonyms.yml", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert found(service, "pods") == {"guide.md"}
    (settings.posts / "synonyms.yml").unlink()
    assert found(service, "pods") == found(service, "k8s pods") - {"k8s.md"} == {"guide.md"}


def test_a_broken_file_leaves_the_last_good_one_in_use_and_is_told_once(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    service = Search(settings)
    found(service, "k8s")
    save(settings, "fine: good\nk8s: a: b\n")
    with caplog.at_level(logging.WARNING):
        assert [found(service, "k8s") for _ in range(3)] == [{"guide.md", "k8s.md"}] * 3

    (message,) = [record.getMessage() for record in caplog.records]
    assert message.startswith(f"{settings.posts / 'synonyms.yml'}:2: it is not valid YAML")
    assert found(Search(settings), "k8s") == {"k8s.md"}
    save(settings, "k8s: ml\n")
    assert found(service, "k8s") == {"k8s.md", "ml.md"}


def test_other_processes_see_what_is_saved(settings: Settings) -> None:
    code = (
        "import sys; from search import Search; from index import Settings\n"
        f"service = Search(Settings(posts={str(settings.posts)!r}, index={str(settings.index)!r}))\n"
        "for line in sys.stdin: print(*sorted(hit.id for hit in service.run(line.strip()).hits), flush=True)\n"
    )
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code], stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdin
        assert process.stdout
        answers = []
        for text in (SYNONYMS, "k8s: short\n"):
            save(settings, text)
            process.stdin.write("k8s\n")
            process.stdin.flush()
            answers.append(process.stdout.readline().split())
        process.stdin.close()

    assert answers == [["guide.md", "k8s.md"], ["k8s.md", "ml.md"]]


def test_a_process_without_such_files_does_without_yaml(settings: Settings) -> None:
    (settings.posts / "synonyms.yml").unlink()
    code = (
        "import sys; from search import Search; from index import Settings\n"
        f"Search(Settings(posts={str(settings.posts)!r}, index={str(settings.index)!r})).run('k8s')\n"
        "print('yaml' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def etag(client: FlaskClient, path: str) -> str:
    return client.get(path).headers["ETag"]


@pytest.mark.parametrize(
    "path", ["/search/hits?q=k8s", "/search/?q=k8s", "/search/feed?q=k8s", "/search/suggest?q=k8s"]
)
def test_a_save_makes_another_answer_of_it(settings: Settings, path: str) -> None:
    client = create_app(settings).test_client()
    before = client.get(path)
    held = {"If-None-Match": before.headers["ETag"]}

    assert client.get(path, headers=held).status_code == 304
    save(settings, "k8s: ml\n")
    after = client.get(path, headers=held)
    assert after.status_code == 200
    assert after.headers["ETag"] != before.headers["ETag"]


def test_many_synonyms_in_a_long_query_are_bounded(settings: Settings) -> None:
    words = [f"w{n}" for n in range(64)]
    save(settings, "\n".join(f"{word}: [{', '.join(f's{n}{word}' for n in range(30))}]" for word in words))
    query = Search(settings).query(" ".join(words))

    assert sum(len(getattr(clause, "options", [1])) for clause in query.clauses) == 64 + 64


def test_the_command_line_knows_the_synonyms_of_the_posts_that_were_indexed(settings: Settings) -> None:
    command = [sys.executable, "-m", "search.cli", "search", "k8s", "--json", "--index", str(settings.index)]
    done = subprocess.run(command, cwd=settings.index, capture_output=True, text=True, check=True)

    assert {hit["id"] for hit in json.loads(done.stdout)["hits"]} == {"guide.md", "k8s.md"}

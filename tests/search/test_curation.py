"""What the site's authors say of its search: real files beside posts, and what is found by them."""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from index import Settings, reindex
from index.indexer.status import check
from search import Search, create_app

POSTS = {
    "guide.md": "---\ntitle: A guide to Kubernetes\ntags: [containers]\n---\nPods and services.\n",
    "jotted.md": "---\ntitle: Notes\n---\nOur k8s notes.\n",
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
        ("k8s", {"guide.md", "jotted.md"}),
        ("kubernetes", {"guide.md"}),  # one way
        ("MODAL", {"dialogs.md", "modal.md"}),
        ("modals", {"dialogs.md", "modal.md"}),
        ("dialog", {"dialogs.md", "modal.md"}),
        ("ml", {"learning.md", "ml.md"}),  # a phrase is held in a row
        ("kase", {"modal.md"}),
        ("KÄSE", {"modal.md"}),
        ("kaese", {"modal.md"}),  # and no synonyms of synonyms
        ('"k8s"', {"jotted.md"}),
        ("opens -modal", {"dialogs.md"}),
        ("title:k8s", {"guide.md"}),
        ("tag:k8s", set()),
        ("k8s | short", {"guide.md", "jotted.md", "ml.md"}),
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
    assert [hit.id for hit in Search(settings).run("k8s").hits] == ["guide.md", "jotted.md"]


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
    assert found(service, "pods") == found(service, "k8s pods") - {"jotted.md"} == {"guide.md"}


def test_a_broken_file_leaves_the_last_good_one_in_use_and_is_told_once(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    service = Search(settings)
    found(service, "k8s")
    save(settings, "fine: good\nk8s: a: b\n")
    with caplog.at_level(logging.WARNING):
        assert [found(service, "k8s") for _ in range(3)] == [{"guide.md", "jotted.md"}] * 3

    (message,) = [record.getMessage() for record in caplog.records]
    assert message.startswith(f"{settings.posts / 'synonyms.yml'}: line 2: it is not valid YAML")
    assert message.endswith("its last good version counts until then")
    assert found(Search(settings), "k8s") == {"jotted.md"}
    save(settings, "k8s: ml\n")
    assert found(service, "k8s") == {"jotted.md", "ml.md"}


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

    assert answers == [["guide.md", "jotted.md"], ["jotted.md", "ml.md"]]


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

    assert {hit["id"] for hit in json.loads(done.stdout)["hits"]} == {"guide.md", "jotted.md"}


PINS = """\
Opens it:
  - learning.md
  - guide.md
  - secret.md
  - gone.md
  - later.md
"Café  time": guide.md
"""


@pytest.fixture
def pinned(settings: Settings) -> Settings:
    (settings.posts / "later.md").write_text("---\ntitle: Later\ndate: 2999-01-01\n---\nIt opens.\n")
    (settings.posts / "title.md").write_text("---\ntitle: Opens it\n---\nMore.\n")
    reindex(settings)
    save(settings, PINS, "pins.yml")
    return settings


@pytest.mark.parametrize("text", ["opens it", "OPENS  ÍT", "opens it lang:en"])
def test_pinned_posts_come_first_in_their_order(pinned: Settings, text: str) -> None:
    results = Search(pinned).run(text, prefix=False)

    assert [(hit.id, hit.pinned) for hit in results.hits][:3] == [
        ("learning.md", True),
        ("guide.md", True),
        ("title.md", False),
    ]
    assert {hit.id for hit in results.hits} == {"learning.md", "guide.md", "title.md", "dialogs.md", "modal.md"}
    assert results.total == 5


@pytest.mark.parametrize("text", ["it opens", "opens it now", '"opens it"', "opens"])
def test_another_text_has_no_pins(pinned: Settings, text: str) -> None:
    assert not any(hit.pinned for hit in Search(pinned).run(text).hits)


def test_pins_pass_filters_and_hold_nothing_that_is_left_out(pinned: Settings) -> None:
    service = Search(pinned)

    assert [hit.id for hit in service.run("opens it", tag="containers").hits] == ["guide.md"]
    assert [hit.id for hit in service.run("opens it -pods").hits][:2] == ["learning.md", "title.md"]
    assert not any(hit.pinned for hit in service.run("opens it", sort="newest").hits)
    assert service.run("cafe time").hits[0].pinned
    assert service.run("opnes it").hits[0].pinned  # misspelt
    assert not any(hit.pinned for hit in service.run("opnes it", sort="newest").hits)


def test_pages_with_pins_hold_each_hit_once(pinned: Settings) -> None:
    service = Search(pinned)
    pages = [service.run("opens it", page=page, per_page=1) for page in range(1, 6)]

    ids = [hit.id for page in pages for hit in page.hits]
    assert ids[:3] == ["learning.md", "guide.md", "title.md"]
    assert len(ids) == len(set(ids)) == pages[0].total == 5
    assert not service.run("opens it", page=6, per_page=1).hits


def test_an_explanation_says_that_a_post_is_pinned(pinned: Settings) -> None:
    service = Search(pinned)
    first, second, later = (service.explain("opens it", id) for id in ("learning.md", "title.md", "later.md"))

    assert (first.rank, first.parts and first.parts.pinned, first.missing) == (1, True, ())
    assert (second.rank, second.parts and second.parts.pinned) == (3, False)
    assert (later.rank, later.missing) == (None, ("It is hidden until 2999-01-01 00:00:00+00:00.",))


def test_the_page_and_the_terminal_say_that_a_post_is_pinned(pinned: Settings) -> None:
    client = create_app(pinned).test_client()
    command = [sys.executable, "-m", "search.cli", "search", "opens it", "--index", str(pinned.index)]

    assert client.get("/search/?q=opens+it").text.count(">Pinned<") == 2
    assert client.get("/search/?q=opens+it&sort=newest").text.count(">Pinned<") == 0
    assert client.get("/search/hits?q=opens+it").json["hits"][0]["pinned"] is True  # type: ignore[index]
    told = subprocess.run(command, cwd=pinned.index, capture_output=True, text=True, check=True).stdout
    assert told.splitlines()[1] == "  /learning/  pinned"


def test_a_saved_pin_makes_another_answer_of_it(pinned: Settings) -> None:
    client = create_app(pinned).test_client()
    before = etag(client, "/search/hits?q=opens+it")
    save(pinned, "opens it: guide.md\n", "pins.yml")

    assert etag(client, "/search/hits?q=opens+it") != before


def test_check_names_pins_that_lead_nowhere_and_what_can_not_be_used(pinned: Settings) -> None:
    found = [(problem.path, problem.line, problem.message) for problem in check(pinned).problems]

    assert found == [
        ("pins.yml", 1, "'Opens it' is pinned to secret.md: draft: true"),
        ("pins.yml", 1, "'Opens it' is pinned to gone.md: there is no such post; give its path below the posts folder"),
    ]
    save(pinned, "a = b\nk8s: a: b\n")
    save(pinned, "x:\n", "pins.yml")
    assert [(problem.path, problem.line, problem.kind) for problem in check(pinned).problems] == [
        ("pins.yml", 1, "error"),
        ("synonyms.yml", 2, "error"),
    ]


def run_check(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "search.cli", "check", "posts", "--index", str(settings.index), *arguments]
    return subprocess.run(command, cwd=settings.posts.parent, capture_output=True, text=True, check=False)


def test_search_tests_run_against_the_index_where_there_is_one(settings: Settings) -> None:
    post = settings.posts / "apart.md"
    post.write_text(post.read_text().replace("---\n", "---\nsearch: {expect: [use a machine, pods]}\n", 1))
    save(settings, "k8s:\n  posts: [guide.md, jotted.md]\n  within: 1\nkubernetes: secret.md\n", "search-tests.yml")
    done = run_check(settings)

    assert done.returncode == 1
    lines = [line.split(" does not bring ") for line in done.stdout.splitlines()]
    command = f"postsearch reindex --index {settings.index}"
    draft = f"secret.md is left out (draft: true); change that, then run `{command}`."
    assert lines == [
        ["posts/search-tests.yml:1:1: error: 'k8s'", "guide.md into the first 1. It is number 2 of 2 posts."],
        ["posts/search-tests.yml:4:1: error: 'kubernetes'", f"secret.md into the first 5. {draft}"],
        [
            "posts/apart.md: error: 'pods'",
            "apart.md into the first 5. It holds none of the words that could bring it in: pods.",
        ],
    ]
    assert done.stderr.splitlines() == [
        "Search tests of 4 queries: success@1 0.50, success@5 0.50, mean reciprocal rank 0.50.",
        "3 findings.",
    ]
    assert [one["path"] for one in json.loads(run_check(settings, "--json").stdout)] == [
        "search-tests.yml", "search-tests.yml", "apart.md",
    ]  # fmt: skip


def test_each_mistake_is_told_once_and_a_file_of_another_name_is_pointed_out(settings: Settings) -> None:
    save(settings, "k8s: guide.md\n", "search-tests.yml")
    save(settings, "k8s kubernetes\n")
    save(settings, "k8s: guide.md\n", "pins.yaml")
    done = run_check(settings)

    assert done.stdout.splitlines()[:2] == [
        "posts/pins.yaml: warning: this file is not read; call it pins.yml",
        "posts/synonyms.yml:1:1: error: 'k8s kubernetes' has no colon; write `k8s: kubernetes`",
    ]
    assert (done.stdout + done.stderr).count("write `k8s: kubernetes`") == 1
    assert "last good version" not in done.stdout + done.stderr


def test_a_command_that_meets_a_mistake_has_no_last_good_version(settings: Settings) -> None:
    save(settings, "k8s kubernetes\n")
    command = [sys.executable, "-m", "search.cli", "search", "k8s", "--index", str(settings.index)]
    told = subprocess.run(command, cwd=settings.index, capture_output=True, text=True, check=True).stderr

    assert told.endswith("write `k8s: kubernetes`; mend it; nothing of it counts until then\n")


def test_search_tests_that_pass_find_nothing(settings: Settings) -> None:
    save(settings, "k8s: guide.md\npods: guide.md\n", "search-tests.yml")
    done = run_check(settings)

    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.startswith(
        "Search tests of 2 queries: success@1 0.50, success@5 1.00, mean reciprocal rank 0.75."
    )


def test_without_an_index_search_tests_do_not_fail(settings: Settings) -> None:
    save(settings, "k8s: guide.md\n", "search-tests.yml")
    done = run_check(replace(settings, index=settings.index / "none"))

    assert (done.returncode, done.stdout) == (0, "")
    assert "Search tests were not run" in done.stderr
    assert "postsearch reindex" in done.stderr


def test_check_tells_what_it_found_in_the_posts_beside_an_index_that_can_not_be_read(settings: Settings) -> None:
    save(settings, "modal: modal.md\n", "search-tests.yml")
    save(settings, "modal: [\n")
    for segment in settings.index.rglob("*.posts"):
        segment.write_bytes(b"")
    done = run_check(settings)

    assert "synonyms.yml" in done.stdout
    assert "1 finding." in done.stderr
    assert str(settings.index) in done.stderr
    assert done.returncode == 3


def test_two_indexes_are_compared_by_the_first_pages_of_the_search_tests(settings: Settings) -> None:
    save(settings, "k8s: guide.md\npods: guide.md\nopens: modal.md\n", "search-tests.yml")
    old = shutil.copytree(settings.index, settings.index.with_name("old"))
    (settings.posts / "new.md").write_text("---\ntitle: Pods\n---\nAll of them.\n")
    (settings.posts / "jotted.md").unlink()
    reindex(settings)
    done = run_check(settings, "--compare", str(old))

    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "k8s",
        "  went   jotted.md, which was at 1",
        "  moved  guide.md from 2 to 1",
        "pods",
        "  came   new.md at 1",
        "  moved  guide.md from 1 to 2",
    ]
    assert done.stderr == "The first page of 2 of 3 tested queries differs.\n"
    assert json.loads(run_check(settings, "--compare", str(old), "--json").stdout) == [
        {"query": "k8s", "came": {}, "went": {"jotted.md": 1}, "moved": {"guide.md": [2, 1]}},
        {"query": "pods", "came": {"new.md": 1}, "went": {}, "moved": {"guide.md": [1, 2]}},
    ]
    assert run_check(settings, "--compare", "nowhere").returncode == 3

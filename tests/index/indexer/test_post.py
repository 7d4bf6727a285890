"""Posts as files in `posts/`, each with what comes of it beside it; adding a case is adding two files."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.errors import PostError
from index.indexer.post import MAX_BODY_CHARS, MAX_TEXT_BYTES, Post, read_post
from index.markup.dialect import Dialect
from index.posts.metadata import Metadata
from index.schema import SEPARATOR
from index.sites.generators import Rules
from index.sites.site import Site

POSTS = Path(__file__).parent / "posts"
SITE = Site()
CASES = sorted(path for path in POSTS.iterdir() if not path.name.endswith(".expected.json"))


def read(path: Path, id: str = "", site: Site = SITE) -> Post:
    return read_post(path.read_bytes(), id or path.name, site)


def result(path: Path) -> dict[str, object]:
    """What comes of the file, as the expected files write it: only what is not the default."""
    try:
        post = read(path)
    except PostError as error:
        return {"error": error.message, "line": error.line, "column": error.column}
    found: dict[str, object] = {"warnings": [f"{w.line}:{w.column} {w.message}" for w in post.warnings]}
    if post.document is None:
        return found | {"excluded": post.excluded}
    fields = ("title", "author", "tags", "category", "description", "lang", "boost", "body")
    moments = ("date", "visible_from", "visible_to")
    values = {name: getattr(post.document, name) for name in fields}
    dates = {name: str(getattr(post.document, name)) for name in moments if getattr(post.document, name)}
    return found | {name: list(v) if isinstance(v, tuple) else v for name, v in values.items()} | dates


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_a_post_becomes_what_is_expected(path: Path) -> None:
    expected = path.with_name(path.name + ".expected.json")

    assert expected.is_file(), f"write {expected.name}"
    assert result(path) == json.loads(expected.read_text("utf-8"))


def test_every_expected_file_has_its_post() -> None:
    assert {path.name for path in POSTS.glob("*.expected.json")} == {f"{path.name}.expected.json" for path in CASES}


@pytest.mark.parametrize(
    ("body", "title"),
    [
        ("## A *first* heading\n\n# Another", "A first heading"),
        ("![logo](x.png)\n\n# Real title\n\ntext", "Real title"),
        ("# `<br>`: it &amp;amp; others", "<br>: it &amp; others"),
        ("Some text.\n\n## Related links\n\n# Below", "Blender modifiers"),
        ("Some text.\n\n### Example", "Blender modifiers"),
        ("<!-- a comment -->\n<h2>On top</h2>\n<p>text", "On top"),
        ("Some text.", "Blender modifiers"),
    ],
)
def test_a_heading_is_the_title_where_the_header_has_none_if_it_is_an_h1_or_opens_the_body(
    body: str, title: str
) -> None:
    document = read_post(f"---\ntitle:\n---\n{body}\n".encode(), "blender-modifiers.md", SITE).document

    assert document is not None
    assert document.title == title


@pytest.mark.parametrize(
    ("id", "header", "aliases"),
    [
        ("blender-modifiers.md", "title: Related links", ("Blender modifiers",)),
        ("2013-06-19-install/index.md", "title: Set it up", ("Install",)),
        ("how-to-run-posts.md", "title: How to run a post\nlang: en", ()),
        ("k8s.md", "title: Kubernetes\naliases: [K8S, kubernetes, Kube]", ("K8s", "Kube")),
        ("k8s.md", "aliases: [/old/]", ()),
        ("2013-06-19.md", "title: x", ()),
        ("0042.md", "title: x", ()),
        ("a3f9c2e17b.md", "title: x", ()),
        ("9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d.md", "title: x", ()),
        ("My notes 0f3a9c2e17b84d65aa01.md", "title: x", ("My notes",)),
        ("index.md", "title: x", ()),
        ("pt-BR/index.md", "title: x", ()),
    ],
)
def test_the_name_of_the_file_is_an_alias_where_it_says_more_than_the_title(
    id: str, header: str, aliases: tuple[str, ...]
) -> None:
    document = read_post(f"---\n{header}\n---\nbody".encode(), id, SITE).document

    assert document is not None
    assert document.aliases == aliases


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\n---\ntitle: x\nDate: 2013-02-30\n---\ndate: of the body\n", 4),
        ("Title: x\nDate: 2013-02-30\n", 2),
        ("Title: x\nDate: 2013-02-30", 2),
    ],
)
def test_what_is_odd_about_a_key_is_reported_on_its_line(text: str, line: int, tmp_path: Path) -> None:
    path = tmp_path / "x.md"
    path.write_text(text)

    assert [(w.line, w.column) for w in read(path).warnings] == [(line, 1)]


@pytest.mark.parametrize("id", ["a.excalidraw.md", "a.md"])
def test_a_drawing_is_told_by_its_name_or_its_header(id: str) -> None:
    header = b"" if id != "a.md" else b"---\nexcalidraw-plugin: parsed\n---\n"

    document = read_post(header + b"# Text Elements\nHello ^x\n\n%%\n# Drawing\n```json\n{}\n```\n", id, SITE).document

    assert document is not None
    assert document.body == "Hello"


def test_tags_in_the_text_of_a_note_follow_those_of_its_header() -> None:
    vault = replace(SITE, dialect=Dialect(notes="obsidian"))
    data = b"---\ntags: [A, c]\n---\n#b/x #a " + b"d " * (MAX_TEXT_BYTES // 2)

    document = read_post(data, "a.md", vault).document

    assert document is not None
    assert document.tags == ("A", "c", "b/x")


def test_dates_without_a_zone_are_in_the_zone_of_the_site(tmp_path: Path) -> None:
    path = tmp_path / "x.md"
    path.write_text("---\ntitle: x\ndate: 2013-06-07 18:46\n---\n")

    document = read(path, site=replace(SITE, timezone="Europe/Berlin")).document

    assert document is not None
    assert document.date is not None
    assert document.date.isoformat() == "2013-06-07T18:46:00+02:00"


@dataclass
class RecordingRules(Rules):
    """Rules that remember the titles of the posts that they gave an address."""

    named: list[str] = field(default_factory=list)

    def url(self, path: str, post: Metadata) -> str | None:
        self.named.append(post.title)
        return f"/{path}/"


def test_the_address_of_a_post_is_made_once() -> None:
    """Hugo's rules look at every folder above the post, which takes its time on a slow disk."""
    rules = RecordingRules()

    document = read_post(b"---\ntitle: x\n---\nbody", "a/b.md", Site(rules=rules)).document

    assert document is not None
    assert document.url == "/a/b.md/"
    assert rules.named == ["x"]


SEEDS = [path.read_bytes() for path in CASES]
PIECES = [
    b"---\n",
    b"+++\n",
    b"{",
    b"<!--",
    b"draft: true\n",
    b"\t",
    b"\x00",
    b"\xff",
    b"<<: *a\n",
    b"&a ",
    b"[",
    b": ",
    b"\r",
]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """One of the posts with pieces cut out, repeated and put in."""
    data = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 6))):
        start, length = draw(st.integers(0, len(data))), draw(st.integers(0, 40))
        piece = draw(
            st.one_of(st.sampled_from(PIECES), st.binary(max_size=8), st.just(data[start : start + length] * 2))
        )
        data = data[:start] + piece + data[start + draw(st.integers(0, length)) :]
    return data


@given(data=mutated(), name=st.sampled_from(["x.md", "x.html", "x.txt"]))
@settings(max_examples=300, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_file_holds_only_a_post_error_is_raised(tmp_path: Path, data: bytes, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)

    outcome = result(path)

    assert ("error" in outcome) + ("excluded" in outcome) + ("title" in outcome) == 1
    assert outcome.get("error") != ""
    assert int(str(outcome.get("line", 0))) <= data.count(b"\n") + data.count(b"\r") + 1


def test_of_a_text_that_is_too_long_the_rest_is_left_out_with_a_warning() -> None:
    text = "# One\n\n" + "wörter " * (MAX_TEXT_BYTES // 7) + "\n\n# Two\n\nbehind"

    post = read_post(text.encode(), "a.md", SITE)

    assert post.document
    assert post.document.body.startswith("One\nwörter wörter")
    assert post.document.body.endswith(" wörter")
    assert MAX_TEXT_BYTES - 8 <= len(post.document.body.encode()) <= MAX_TEXT_BYTES
    assert [section.title for section in post.document.sections] == ["One"]
    assert [warning.message for warning in post.warnings] == [
        "the text is longer than 1,000,000 bytes: what follows is not searched; part the post in several"
    ]


def test_of_a_body_that_is_too_long_the_rest_is_left_out_with_a_warning() -> None:
    post = read_post(f"before\n\n{'<p>' * (MAX_BODY_CHARS // 3)}\n\nbehind".encode(), "a.md", SITE)

    assert post.document
    assert post.document.body == "before"
    assert [warning.message for warning in post.warnings] == [
        "the body is longer than 2,000,000 characters: what follows is not searched; part the post in several"
    ]


def test_data_of_images_does_not_count_for_the_length_of_a_body() -> None:
    text = f"before\n\n![a chart](data:image/png;base64,{'QUFB' * (MAX_BODY_CHARS // 4)})\n\nbehind"

    post = read_post(text.encode(), "a.md", SITE)

    assert post.document
    assert post.document.body == f"before\n{SEPARATOR}a chart\nbehind"
    assert post.warnings == ()


def test_marks_beyond_thirty_on_a_letter_are_dropped_with_a_warning() -> None:
    post = read_post(("e" + "\u0301\u0316" * 40 + "x").encode(), "a.md", SITE)

    assert post.document
    assert len(post.document.body) == 32
    assert [warning.message for warning in post.warnings] == [
        "of more than 30 marks on one letter the rest were removed"
    ]

"""The files beside the posts in which the site's authors say something of its search."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.curation import Rule, SearchTest, parse_pins, parse_search_tests, parse_synonyms, read_bytes
from index.errors import CurationError

SYNONYMS = """\
# What our readers call things.
k8s: kubernetes, container orchestration
modal = dialog = "pop-up"
"sign in": [log in, login]

- ml = machine learning  # two ways: both
c# = csharp
'a: b' = c
"""


def told(text: str) -> list[tuple[str, tuple[str, ...], int]]:
    return [(rule.text, rule.values, rule.line) for rule in parse_synonyms(text.encode())]


def test_synonyms_are_one_way_or_two_ways() -> None:
    assert told(SYNONYMS) == [
        ("modal", ("dialog", "pop-up"), 3),
        ("dialog", ("modal", "pop-up"), 3),
        ("pop-up", ("modal", "dialog"), 3),
        ("ml", ("machine learning",), 6),
        ("machine learning", ("ml",), 6),
        ("c#", ("csharp",), 7),
        ("csharp", ("c#",), 7),
        ("a: b", ("c",), 8),
        ("c", ("a: b",), 8),
        ("k8s", ("kubernetes", "container orchestration"), 2),
        ("sign in", ("log in", "login"), 4),
    ]


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\n", "{}", "[]", "\ufeff"])
def test_a_file_may_say_nothing(text: str) -> None:
    assert told(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "- k8s: kubernetes\n- modal = dialog\n",
        '- k8s: [kubernetes]\n- "modal = dialog"\n',
        "k8s: kubernetes\r\nmodal=dialog",
    ],
)
def test_a_list_and_other_line_ends_say_the_same(text: str) -> None:
    assert sorted(value for value, _, _ in told(text)) == ["dialog", "k8s", "modal"]
    assert {line for _, _, line in told(text)} == {1, 2}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("fine: good\nk8s:\n", 2, "'k8s' needs a text behind it"),
        ("fine: good\nk8s: {a: b}\n", 2, "'k8s' needs a text behind it"),
        ("fine: good\nk8s: a: b\n", 2, "it is not valid YAML"),
        ("fine = good\n\nk8s => kubernetes\n", 3, "`a: b` for one"),
        ("fine = good\nk8s =\n", 2, "write `a = b`"),
        ("fine = good\n" + " = ".join("abc" * 20), 2, "write `a = b`"),
        ("just text\n", 1, "'just text' has no colon; write `just: text`"),
        ("modal = dialog\nk8s kubernetes\nml: x\n", 2, "write `k8s: kubernetes`"),
        ("k8s", 1, "write `k8s: …`"),
        ("k8s: a\nfine: good\nk8s: b\n", 3, "'k8s' is given twice"),
        ("k8s:\n  - a\nk8s:\n  - b\n", 3, "'k8s' is given twice"),
        ("fine: good\nfoo = foo\n", 2, "'foo' is its own synonym"),
        ("fine: good\nfoo: bar, Foo\n", 2, "'foo' is its own synonym"),
        ("- fine: good\n- just text\n", 2, "needs a text behind it"),
        ("fine: good\n'!!!': x\n", 2, "'!!!' has no word"),
        (f"fine: good\n{'a ' * 17}: x\n", 2, "more than 16"),
        (f"fine: good\n{'a' * 201}: x\n", 2, "at most 200 characters"),
        (f"fine: good\nx: [{', '.join('abcdefghijklmnopqrstuvwxyz0123456789')}]\n", 2, "1 to 32 texts"),
        ("\n".join(f"a{n} = b{n}" for n in range(1001)), 1001, "more than 2,000 rules"),
        ("fine: good\nx: \x07\n", 2, "a character that YAML forbids"),
        ("fine: good\nx: " + "[" * 100 + "\n", 2, "deeper than 64"),
        ("fine: good\n---\nx: y\n", 2, "second YAML document"),
    ],
)
def test_a_mistake_is_told_with_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(CurationError, match=words) as raised:
        parse_synonyms(text.encode())

    assert raised.value.line == line


def test_a_small_file_can_not_become_a_large_one() -> None:
    laughs = ["a0: &a0 [lol, lol]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9))]

    with pytest.raises(CurationError, match="more than 100000 values"):
        parse_synonyms("\n".join(laughs).encode())


def test_bytes_that_are_no_text_are_told_with_their_line() -> None:
    with pytest.raises(CurationError, match="save it as UTF-8") as raised:
        parse_synonyms(b"a: b\nc: \xff\n")

    assert raised.value.line == 2


@pytest.mark.parametrize("make", ["large", "pipe", "link", "folder"])
def test_what_is_no_small_file_is_refused_at_once(tmp_path: Path, make: str) -> None:
    path = tmp_path / "synonyms.yml"
    if make == "large":
        path.write_bytes(b"a: b\n" * 2_000_000)
    elif make == "pipe":
        os.mkfifo(path)
    elif make == "link":
        path.symlink_to("/etc/passwd")
    else:
        path.mkdir()

    with pytest.raises(CurationError):
        read_bytes(path)


def test_no_file_says_nothing(tmp_path: Path) -> None:
    assert read_bytes(tmp_path / "synonyms.yml") == read_bytes(tmp_path / "no folder" / "pins.yml") == b""


def test_pins_are_queries_with_ids() -> None:
    assert parse_pins(b"get started: start-here.md\n'a, b':\n  - docs/a, b.md\n  - c.md\n") == (
        Rule("get started", ("start-here.md",), 1),
        Rule("a, b", ("docs/a, b.md", "c.md"), 2),
    )
    with pytest.raises(CurationError, match="'x' needs a text behind it") as raised:
        parse_pins(b"a: b\nx: {y: z}\n")
    assert raised.value.line == 2


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("install: a.md\nother: b.md\ninstall: c.md\n", 3, "'install' is given twice"),
        ("install: a.md\n\nInstall: c.md\n", 3, "'Install' is the query of line 1 too"),
        ("fine: a.md\nget started docs/start.md\n", 2, "write `get started: docs/start.md`"),
    ],
)
def test_a_mistake_in_pins_is_told_with_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(CurationError, match=words) as raised:
        parse_pins(text.encode())

    assert raised.value.line == line


def test_several_words_may_have_the_same_synonym() -> None:
    assert told("a, b: c\n") == [("a", ("c",), 1), ("b", ("c",), 1)]


def test_search_tests_are_queries_with_posts() -> None:
    data = b"reset password: a.md\n'log in':\n  posts: [b.md, c.md]\n  within: 3\n- x: y\n"

    assert parse_search_tests(data.partition(b"- x")[0]) == (
        SearchTest("reset password", "a.md", 5, line=1),
        SearchTest("log in", "b.md", 3, line=2),
        SearchTest("log in", "c.md", 3, line=2),
    )


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("", "needs a text behind it"),
        ("[]", "needs a text behind it"),
        ("{posts: [], within: 1}", "needs a text behind it"),
        ("{posts: a.md, within: 0}", "`within` is '0'"),
        ("{posts: a.md, within: three}", "`within` is 'three'"),
        ("{post: a.md}", "`post` is no option and `posts` is missing"),
        ("{within: 3}", "`posts` is missing"),
        ("[{a: b}]", "needs a text behind it"),
    ],
)
def test_a_search_test_that_can_not_be_read_is_told_with_its_line(value: str, words: str) -> None:
    with pytest.raises(CurationError, match=f"'x' .*{words}") as raised:
        parse_search_tests(f"fine: good.md\nx: {value}\n".encode())

    assert raised.value.line == 2


PIECES = st.sampled_from(
    ["a", "k8s", " ", "  ", "\n", "\n- ", ": ", ":", " = ", "=", "=>", ", ", "[", "]", "{", "}", '"', "'", "#", " # ",
     "&x ", "*x", "<<: ", "? ", "| ", "> ", "!t ", "\t", "\r", "\x00", "\x07", "\u2028", "ä", "漢字", "---\n", "%"]
)  # fmt: skip


@pytest.mark.parametrize(
    "text", ["=", " ", "a\n", "a,", '"', "a:", " #", "[", "- ", "\n", "- a: b\n", "a = ", "a: b\n", "? ", "*a ", "!!x "]
)
@pytest.mark.parametrize("frame", ["{}", "a: b{}c", "a{}= b", '"a{}" = "b"', "- {}"])
def test_much_of_anything_is_read_in_no_time(text: str, frame: str) -> None:
    """Which the time limit of the tests holds: what takes the square of it would take minutes."""
    with suppress(CurationError):
        parse_synonyms(frame.format(text * (190_000 // len(text))).encode())


TEXTS = st.lists(PIECES, max_size=40).map("".join) | st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@pytest.mark.parametrize("parse", [parse_synonyms, parse_pins, parse_search_tests])
@settings(max_examples=700)
@given(data=TEXTS.map(str.encode) | st.binary(max_size=200))
def test_any_file_gives_rules_or_an_error_of_ours(
    parse: Callable[[bytes], tuple[Rule | SearchTest, ...]], data: bytes
) -> None:
    last_line = len(data.decode("utf-8", "replace").splitlines()) + 1
    try:
        rules = parse(data)
    except CurationError as caught:
        line, told = caught.line, caught.message
    else:
        line, told = max((rule.line for rule in rules), default=0), "rules"
        assert all(all(text) for rule in rules if isinstance(rule, Rule) for text in (rule.text, *rule.values))

    assert 0 <= line <= last_line
    assert told

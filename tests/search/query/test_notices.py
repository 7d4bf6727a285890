"""What is told of a query: each notice has its sentence in all languages, whatever it tells of."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator

import pytest

from search.query.notices import Notice
from search.query.parser import parse
from search.wording import LANGUAGES, wording_of
from tests import ROOT

TABLE = json.loads((ROOT / "search" / "web" / "static" / "strings" / "en.json").read_bytes())
HOSTILE = "{n} {text} %s \\1 <b>&amp; \u202eabc\u2066 \u2069שלום"


def test_each_sentence_is_told_somewhere_and_each_that_is_told_is_there() -> None:
    trees = [ast.parse(path.read_text("utf-8")) for path in (ROOT / "search").rglob("*.py")]
    texts = {node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    told = {code for tree in trees for code in codes(tree)}

    assert told
    assert {*TABLE["notices"], *TABLE["errors"]} <= texts
    assert told <= {*TABLE["notices"], *TABLE["errors"]}


def codes(tree: ast.AST) -> Iterator[object]:
    """The names of sentences that a module tells."""
    place = {"Notice": 0, "tell": 0, "notices_of": 2, "refusal": 1, "problem": 1}
    for call in ast.walk(tree):
        if isinstance(call, ast.Call):
            name = getattr(call.func, "id", "") or getattr(call.func, "attr", "")
            wanted = call.args[place[name] :][:1] if name in place else []
            yield from (node.value for one in wanted for node in ast.walk(one) if isinstance(node, ast.Constant))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_was_typed_is_shown_as_it_is_and_turns_nothing_around(lang: str) -> None:
    shown = "\u2068{n} {text} %s \\1 <b>&amp; abc שלום\u2069"

    for name in TABLE["notices"]:
        said = Notice(name, {"text": HOSTILE, "words": HOSTILE, "most": 8, "n": 2}).text(wording_of(lang))

        assert not set("\u202e\u2066\u2067") & set(said.replace("\u20662013", "").replace(shown, ""))
        assert said.count("\u2068") == said.count(shown)


@pytest.mark.parametrize(
    "text", ["\u202e" + "x" * 200, 'after:9{most} "{text}', "<b>" * 50 + " -lang:{n}", "\u2069 -m"]
)
def test_no_query_has_notices_that_can_not_be_told(text: str) -> None:
    query = parse(text, prefix=False, lang_counts=lambda _: {"en": 1})

    for lang in LANGUAGES:
        for notice in (*query.notices, *(other.notice for other in query.instead)):
            assert notice.text(wording_of(lang))

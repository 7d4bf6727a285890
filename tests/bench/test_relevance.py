"""What the measuring of relevance asks, and what it says of the answers: each rule of picking, and the measures."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from math import log2
from pathlib import Path

import pytest

pytest.importorskip("ir_measures", reason="these need the package ir-measures")

from bench.corpus import read_documents
from bench.peers import Ranker, kinds_of_peer
from bench.relevance import __main__ as relevance
from bench.relevance.cases import JUDGED, KNOWN, Answer, Case, make_row, words
from bench.relevance.collections import judged_cases, write_collection
from bench.relevance.copied import code_lines, copied_cases
from bench.relevance.engines import FUZZY, RANKERS, built, ours
from bench.relevance.known_items import known_item_cases, title_cases
from bench.relevance.languages import language_cases
from bench.relevance.misspellings import misspelled_cases, one_edit
from bench.relevance.questions import QUESTIONS, question_cases
from bench.relevance.report import make_part
from bench.relevance.similar import similar_cases
from bench.relevance.untouched import ask_twice, untouched_cases, untouched_part
from index.schema import Document
from index.settings import Settings
from search import Search

pytestmark = pytest.mark.full

POST = """---
title: Watering the raised beds of a garden
tags: [soil]
---
Tomatoes and pumpkins wilt when the summer brings no rain at all. Short one. {pumpkins}

```console
$ waterctl --bed 7 --minutes 5
git pull --rebase
git pull
waterctl: error: bed 7 is unknown to this valve
DO NOT TOUCH
```

    valve.open(bed=7, minutes = 5)
    setValveTimer

since v1.20.3 it is `valve_state`, and v1.20.30 is another.
"""


@pytest.fixture(scope="module")
def posts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One post that holds something of each kind, beside posts that hold nothing of any."""
    folder = tmp_path_factory.mktemp("relevance") / "garden"
    folder.mkdir()
    (folder / "watering.md").write_text(POST.format(pumpkins="pumpkins " * 9), "utf-8")
    (folder / "again.md").write_text("---\ntitle: A B\n---\nThe pumpkins wilt. Brings nothing.\n", "utf-8")
    (folder / "twin.md").write_text("---\ntitle: a  b\n---\nbrings\n", "utf-8")
    return folder


@pytest.fixture(scope="module")
def documents(posts: Path) -> list[Document]:
    return list(read_documents(Settings(posts=posts)))


def by_kind(cases: Sequence[Case]) -> dict[str, list[Case]]:
    return {kind: [case for case in cases if case.kind == kind] for kind in {case.kind: None for case in cases}}


def test_known_items_are_what_is_left_of_a_title_or_a_body(documents: list[Document]) -> None:
    text = {case.kind: case.text for case in known_item_cases(documents, 9) if "watering.md" in case.right}

    assert text["title"] == "Watering the raised beds of a garden"
    assert len(text["title less a word"].split()) == 6
    assert set(text["title less a word"].split()) < set(text["title"].split())
    assert text["last word half typed"] == "Watering the raised beds of a gar"
    assert text["first half of the title"] == "Watering the raised beds"
    assert text["three letters and a star each"] == "Wat* the rai* bed* of a gar*"
    assert text["sentence of 8 to 12 words"] == "Tomatoes and pumpkins wilt when the summer brings no rain at all."
    assert len(set(text["three telling words"].split())) == 3
    tag, rare = text["tag and a rare word"].split()
    assert tag == "soil"
    assert rare in {"pumpkins", "wilt", "brings"}


def test_peers_are_told_which_words_are_beginnings(documents: list[Document]) -> None:
    cases = by_kind(known_item_cases(documents, 9))

    [half] = cases["last word half typed"]
    [stars] = cases["three letters and a star each"]
    assert half.words == ("watering", "the", "raised", "beds", "of", "a", "gar*")
    assert stars.words == ("wat*", "the", "rai*", "bed*", "of", "a", "gar*")
    assert all("*" not in word for kind in cases if kind == "title" for case in cases[kind] for word in case.words)


def test_telling_words_are_frequent_in_the_post_and_rare_elsewhere() -> None:
    body = "common " * 9 + "alpha beta gamma delta epsilon zeta " * 3 + "once"
    documents = [Document("a.md", "/a", "", body), *(Document(f"{n}.md", "/", "", "common") for n in range(5))]

    [case] = [case for case in known_item_cases(documents, 9) if case.kind == "three telling words"]
    assert set(case.text.split()) < {"alpha", "beta", "gamma", "delta", "epsilon", "zeta"}
    assert case.right == {"a.md": 1}


def test_posts_of_the_same_title_are_all_right(documents: list[Document]) -> None:
    cases = title_cases(documents)

    assert len(cases) == 3
    assert {case.text: set(case.right) for case in cases} == {
        "A B": {"again.md", "twin.md"},
        "a b": {"again.md", "twin.md"},
        "Watering the raised beds of a garden": {"watering.md"},
    }


def test_a_sentence_that_two_posts_hold_is_passed_over() -> None:
    sentence = "One sentence stands in both of these posts word for word."
    documents = [Document(id, "/", "", f"Before it. {sentence} After it.") for id in ("a.md", "b.md")]

    assert "sentence of 8 to 12 words" not in by_kind(known_item_cases(documents, 9))
    assert "sentence of 8 to 12 words" in by_kind(known_item_cases(documents[:1], 9))


def test_what_is_left_of_a_title_is_passed_over_where_it_fits_another() -> None:
    titles = (
        "Weekly update of June 2016",
        "Weekly update of July 2016",
        "Planting cherry trees",
        "planting Cherry  trees",
    )
    documents = [Document(f"{n}.md", "/", title, "") for n, title in enumerate(titles)]

    cases = by_kind(known_item_cases(documents, 9))
    assert {case.text for case in cases["title"]} == set(titles)
    assert {case.text for case in cases["three letters and a star each"]} == {
        "Wee* upd* of Jun* 2016",
        "Wee* upd* of Jul* 2016",
        "Pla* che* tre*",
        "pla* Che* tre*",
    }
    assert "first half of the title" not in cases
    assert {case.text: set(case.right) for case in cases["last word half typed"]} == {
        "Planting cherry tr": {"2.md", "3.md"},
        "planting Cherry  tr": {"2.md", "3.md"},
    }


def test_what_is_left_of_posts_is_asked_in_their_languages() -> None:
    body = "Im Herbst wird jede Tonne geleert und ihr Deckel gut geschlossen."
    documents = [
        Document("de.md", "/", "Regentonnen winterfest machen", body, lang="de-at"),
        Document("ja.md", "/", "全文検索の方法", "日本語の文を二文字ずつ索引に入れて検索する。", lang="ja"),
        Document("xx.md", "/", "Qapla", "", lang="tlh"),
    ]  # fmt: skip

    cases = by_kind(language_cases(documents, 9))
    assert {kind for kind in cases if not kind.startswith("tlh")} == {
        "de-at: title less a word", "de-at: question", "de-at: sentence less a word", "de-at: misspelt title",
        "ja: title less a word", "ja: question", "ja: sentence less a word",
    }  # fmt: skip
    [question] = cases["de-at: question"]
    assert question.text.startswith("wie kann ich das mit ")
    assert question.right == {"de.md": 1}
    [less] = cases["ja: title less a word"]
    assert less.text in {"検索の方法", "全文の方法", "全文検索法", "全文検索の方"}
    [sentence] = cases["de-at: sentence less a word"]
    assert len(sentence.text.split()) == len(body.split()) - 1
    [typo] = cases["de-at: misspelt title"]
    assert len(typo.text.split()) == 3


def test_things_are_copied_as_they_stand_in_the_post(documents: list[Document], posts: Path) -> None:
    drawn = by_kind([case for seed in range(30) for case in copied_cases(documents, posts, 5, seed)])

    assert {kind: {case.text for case in cases} for kind, cases in drawn.items()} == {
        "command": {"git pull"},
        "command with an option": {"waterctl --bed 7 --minutes 5", "git pull --rebase"},
        "error message": {"error: bed 7 is unknown to this valve"},
        "version without v": {"1.20.3", "1.20.30"},
        "identifier": {"setValveTimer"},
        "code of several words": {"waterctl: error: bed 7 is unknown to this valve", "valve.open(bed=7, minutes = 5)"},
        "words in capitals": {"DO NOT TOUCH"},
    }


def test_a_post_is_right_that_holds_a_copied_thing_whole(tmp_path: Path) -> None:
    for id, text in {"a.md": "v1.2.3", "b.md": "1.2.3", "c.md": "v11.2.34 and 1.2.30"}.items():
        (tmp_path / id).write_text(f"# Of {id[0]}\n\nIt is {text} now.\n", "utf-8")
    documents = list(read_documents(Settings(posts=tmp_path)))

    cases = {case.text: set(case.right) for case in copied_cases(documents, tmp_path, 5)}
    assert cases["1.2.3"] == {"a.md", "b.md"}


def test_what_more_than_a_page_of_posts_holds_is_not_copied(tmp_path: Path) -> None:
    for number in range(11):
        (tmp_path / f"{number}.md").write_text(f"# {number}\n\n```\nmake all\n```\n", "utf-8")
    documents = list(read_documents(Settings(posts=tmp_path)))

    assert copied_cases(documents, tmp_path, 5) == []
    assert len(copied_cases(documents[:10], tmp_path, 5)) == 1


def test_code_is_read_from_fences_indented_lines_and_pre() -> None:
    source = "text\n    no code\n\n    four\n\n\ttab\n\n```\nfenced\n```\nafter\n<pre class=x>a &lt; <b>b</b>\n</pre>"

    assert sorted(code_lines(source)) == ["a < b", "fenced", "four", "tab"]


def test_cases_are_the_same_at_every_run_and_no_more_than_asked_for(documents: list[Document], posts: Path) -> None:
    assert known_item_cases(documents, 2) == known_item_cases(documents, 2)
    assert copied_cases(documents, posts, 2) == copied_cases(documents, posts, 2)
    assert all(len(cases) <= 2 for cases in by_kind(known_item_cases(documents, 2)).values())


def test_every_question_by_hand_names_its_posts() -> None:
    rows = [line.split("\t") for line in QUESTIONS.read_text("utf-8").splitlines()[1:]]

    assert len(question_cases("golang")) == len(question_cases("nodejs")) == len(rows) / 2 == 50
    assert len({question for _, question, _ in rows}) == 100
    assert all(case.right and case.words for name in ("golang", "nodejs") for case in question_cases(name))


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    """A collection with judgements: two questions, of which one is judged, and texts that Markdown would change."""
    folder = tmp_path / "data" / "ir" / "tiny"
    folder.mkdir(parents=True)
    corpus = [
        {
            "_id": "1",
            "title": 'Wings "in" a: stream',
            "text": "1. lift *of* a <wing> & more",
            "metadata": {"author": "Ann"},
        },
        {"_id": "2", "title": "Heat", "text": "nothing of a wing"},
    ]
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, corpus)), "utf-8")
    queries = [{"_id": "a", "text": "what is a <wing>?"}, {"_id": "b", "text": "unjudged"}]
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)), "utf-8")
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\na\t1\t1\na\t2\t0\nb\t2\t0\n", "utf-8")
    return folder


def test_judged_documents_become_posts_and_lose_nothing(collection: Path, tmp_path: Path) -> None:
    write_collection(collection, tmp_path / "posts")
    first, second = read_documents(Settings(posts=tmp_path / "posts"))

    assert (first.id, first.title, first.body) == ("1.html", 'Wings "in" a: stream', "1. lift *of* a <wing> & more")
    assert first.author == ("Ann",)
    assert (second.id, second.author) == ("2.html", ())


def test_a_question_without_a_relevant_document_is_not_asked(collection: Path) -> None:
    assert judged_cases(collection) == [Case("tiny", "what is a <wing>?", ("what", "is", "a", "wing"), {"1.html": 1})]


def answer(right: dict[str, int], found: tuple[str, ...], milliseconds: float = 1.0) -> Answer:
    return Answer("tiny", "postsearch", Case("tiny", "text", ("text",), right), found, milliseconds)


def test_the_measures_are_those_of_a_calculation_by_hand() -> None:
    """Right are a and b: found second and fourth by the one answer, and not at all by the other."""
    one, other = answer({"a": 1, "b": 1}, ("x", "a", "y", "b"), 1), answer({"a": 1}, (), 3)
    ideal = 1 + 1 / log2(3)

    judged = make_row("tiny", "tiny", [one, other], JUDGED)
    assert judged.measures == {
        "nDCG@10": pytest.approx((1 / log2(3) + 1 / log2(5)) / ideal / 2),
        "AP@100": pytest.approx((1 / 2 + 2 / 4) / 2 / 2),
        "R@100": pytest.approx(1 / 2),
    }
    known = make_row("tiny", "tiny", [one, other], KNOWN)
    assert known.measures == {"Success@1": 0, "Success@5": 0.5, "RR@10": pytest.approx(1 / 4)}
    assert (known.cases, known.median_ms, known.p95_ms) == (2, 2, 3)


def test_posts_keep_the_order_in_which_they_were_found_and_only_the_first_ten_count() -> None:
    last = answer({"p9": 1}, tuple(f"p{n}" for n in range(10)))
    below = answer({"p10": 1}, tuple(f"p{n}" for n in range(11)))

    assert make_row("", "", [last], KNOWN).measures["RR@10"] == pytest.approx(0.1)
    assert make_row("", "", [below], KNOWN).measures["RR@10"] == 0


def test_collections_count_the_same_in_their_mean() -> None:
    small = [Answer("small", "postsearch", Case("small", "", (), {"a": 1}), ("a",), 1.0)]
    large = [Answer("large", "postsearch", Case("large", "", (), {"a": 1}), ("x",), 1.0)] * 3

    part = make_part("Collections", [*small, *large], partial(make_row, measures=KNOWN))
    assert [(row.kind, row.cases, row.measures["Success@1"]) for row in part.rows] == [
        ("small", 1, 1),
        ("large", 3, 0),
        ("mean", 4, 0.5),
    ]
    assert len(part.missed) == 3


GARDEN = [
    Document("beds.md", "/", "Watering the raised strawberry of a garden", ""),
    Document("shed.md", "/", "A shed", "Strawberry, watering of a garden gaarden"),
    Document("both.md", "/", "garden", ""),
]


@pytest.fixture
def misspellings(tmp_path: Path) -> Path:
    rows = ("gaarden\tgarden\t1", "guarding\tgarden\t3", "gar den\tgarden\t1", 'waterin"\twatering\t1', "shet\tshed\t1")
    table = "misspelling\tcorrect\tdamerau_osa_distance\n" + "\n".join(rows)
    (tmp_path / "misspellings.tsv").write_text(table, "utf-8")
    return tmp_path


def test_one_of_the_rarest_words_of_a_title_is_misspelled_and_its_twin_is_clean(misspellings: Path) -> None:
    """Two posts hold `watering` and `strawberry`, and one alone `raised`."""
    cases = {
        kind: case
        for seed in range(9)
        for kind, drawn in by_kind(misspelled_cases(GARDEN, misspellings, 9, seed)).items()
        for case in drawn
        if case.right == {"beds.md": 1}
    }

    clean = {kind: case.clean.text for kind, case in cases.items() if case.clean}
    title = "Watering the raised strawberry of a garden"
    pair = "watering strawberry"
    assert clean == {
        "one edit by chance": pair,
        "first letter wrong": pair,
        "one word split": pair,
        "two words joined": pair,
        "last word misspelled and unfinished": "watering strawb",
        "title, one edit by chance": title,
        "title, misspelled by people": title,
    }
    assert cases["two words joined"].text == "wateringstrawberry"
    assert "".join(cases["one word split"].text.split()) == "wateringstrawberry"
    assert len(cases["one word split"].text.split()) == 3
    assert cases["title, misspelled by people"].text == title.replace("garden", "guarding")
    assert cases["last word misspelled and unfinished"].words[1].endswith("*")
    assert cases["first letter wrong"].text.partition(" ")[0][1:] + " " in "atering strawberry trawberry "


def test_what_people_wrote_is_passed_over_where_a_post_holds_it_or_it_is_no_word(misspellings: Path) -> None:
    near = [Document(f"{n}.md", "/", f"watering garden {n}", "gaarden") for n in range(2)]

    drawn = {case.kind: case.text for case in misspelled_cases(near[:1], misspellings, 9) if "people" in case.kind}
    assert drawn == {"title, misspelled by people": "watering guarding 0"}
    assert all(case.kind.startswith("title") for case in misspelled_cases(near, misspellings, 9))
    assert not any("people" in case.kind for case in misspelled_cases(near, misspellings / "nowhere", 9))


def test_an_edit_by_chance_is_one_and_spares_the_first_letter() -> None:
    chance = random.Random(1)
    drawn = {one_edit(chance, "abcd") for _ in range(500)}

    assert {"acd", "abd", "abdc", "acbd"} < drawn
    assert all(word[0] == "a" and len(word) in {3, 4, 5} for word in drawn)
    assert len({word for word in drawn if len(word) == 5}) > 40


def test_successes_of_misspelled_questions_are_told_as_a_share_of_the_clean_ones() -> None:
    clean = [answer({"a": 1}, found) for found in (("a",), ("a",), ("x", "a"), ())]
    wrong = [answer({"a": 1}, found) for found in (("a",), ("x", "a"), (), ())]
    both = [replace(one, clean=other) for one, other in zip(wrong, clean, strict=True)]

    measures = make_row("", "", both, KNOWN).measures
    assert measures["Success@1"] == 1 / 4
    assert measures["Success@1 of clean"] == pytest.approx(1 / 2)
    assert measures["Success@5 of clean"] == pytest.approx(2 / 3)


def test_real_words_are_rare_ones_and_regular_inflections_that_no_post_holds(tmp_path: Path) -> None:
    texts = ("plant planting bake baked formal glass dry", "plant bake formal glass dry setTimer", "", "")
    documents = [Document(f"{n}.md", "/", "", text) for n, text in enumerate(texts)]

    cases = by_kind(untouched_cases(tmp_path / "posts" / "garden", documents, 9))
    rare = {case.text: set(case.right) for case in cases["rare words"]}
    assert rare.keys() == {"plant", "planting", "bake", "baked", "formal", "glass", "dry", "setTimer"}
    assert (rare["plant"], rare["setTimer"]) == ({"0.md", "1.md"}, {"1.md"})
    inflected = {case.text for case in cases["inflections"]}
    assert inflected == {"plants", "planted", "bakes", "baking", "formally", "glasses"}


def test_what_mending_changes_is_counted_of_a_thousand() -> None:
    typed = answer({"a": 1}, ("a", "b"))
    same = replace(typed, clean=typed)
    worse = replace(typed, found=("b", "a"), clean=typed, corrected="other text")
    longer = replace(typed, found=("a", "b", "c"), clean=typed)

    part = untouched_part("Untouched", [same, same, worse, longer])
    assert part.rows[0].measures == {"first ten ‰": 500, "first ‰": 250, "worse ‰": 250, "corrected ‰": 250}
    assert part.missed == [worse, longer]


def test_ours_is_asked_with_mending_and_without(posts: Path, documents: list[Document], tmp_path: Path) -> None:
    with built(posts, documents, [], tmp_path), closing(Search(ours(posts, tmp_path))) as service:
        [asked] = ask_twice("garden", service, [Case("", "raised beds", (), {"watering.md": 1})])

    assert asked.found == ("watering.md",)
    assert asked.clean
    assert asked.clean.found == asked.found


def test_fuzzy_tantivy_finds_words_that_are_near(tmp_path: Path) -> None:
    kinds, _ = kinds_of_peer([FUZZY])
    if not kinds:
        pytest.skip("Tantivy is not installed")
    peer = kinds[0]()
    assert isinstance(peer, Ranker)
    tmp_path.chmod(0o700)
    peer.build([Document("a.md", "/", "", "gardener"), Document("b.md", "/", "strawberry", "")], tmp_path)

    assert peer.rank(("graden",), 10) == peer.rank(("gardenr",), 10) == ["a.md"]
    assert peer.rank(("starwbery",), 10) == peer.rank(("strwabe*",), 10) == ["b.md"]
    assert peer.rank(("gard", "sgardener"), 10) == ["a.md"]
    assert peer.rank(("bard",), 10) == []
    peer.close()


@pytest.mark.parametrize("key", RANKERS)
def test_peers_rank_posts_with_any_of_the_words_and_know_beginnings(key: str, tmp_path: Path) -> None:
    kinds, _ = kinds_of_peer([key])
    if not kinds:
        pytest.skip(f"{key} is not installed")
    peer = kinds[0]()
    assert isinstance(peer, Ranker)
    tmp_path.chmod(0o700)
    bodies = {"both.md": "gardeners watering", "one.md": "a gardener", "none.md": "neither of them"}
    peer.build([Document(id, "/", "", body) for id, body in bodies.items()], tmp_path)

    assert peer.rank(words("gardener waters"), 10) == ["both.md", "one.md"]
    assert set(peer.rank(("gard*", "neither"), 10)) == set(bodies)
    assert len(peer.rank(("gard*", "neither"), 2)) == 2
    assert peer.rank(("unheard",), 10) == peer.rank((), 10) == []
    assert peer.rank(words("and or not near to"), 10) == []
    peer.close()


def test_ours_is_asked_as_people_ask_it(posts: Path, documents: list[Document], tmp_path: Path) -> None:
    with built(posts, documents, [], tmp_path) as [ours]:
        assert ours.find(Case("", '"raised beds" gard', (), {}), 10) == ["watering.md"]


def test_ours_lies_where_the_environment_says_with_an_index_for_each_collection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ours(tmp_path, tmp_path / "garden").engine == "whoosh"
    monkeypatch.setenv("POSTSEARCH_ENGINE", "opensearch")
    monkeypatch.setenv("POSTSEARCH_OPENSEARCH_URL", "http://127.0.0.1:9201,http://127.0.0.1:9202")
    monkeypatch.setenv("POSTSEARCH_OPENSEARCH_INDEX", "bench")
    monkeypatch.setenv("POSTSEARCH_PER_PAGE", "3")

    settings = ours(tmp_path, tmp_path / "garden")

    assert (settings.engine, settings.opensearch_index, len(settings.opensearch_url)) == (
        "opensearch",
        "bench-garden",
        2,
    )
    assert settings.per_page == 10, "what changes the answers is the same everywhere"


def test_posts_that_share_a_tag_are_like_one_another() -> None:
    posts = [
        Document(name, f"/{name}", "Of beds", "", tags=tags)
        for name, tags in (
            ("a", ("Soil", "wood")),
            ("b", ("soil",)),
            ("c", ("wood", "water")),
            ("d", ()),
            ("e", ("tea",)),
        )
    ]

    cases = {case.text: set(case.right) for case in similar_cases(posts)}

    assert cases == {"a": {"b", "c"}, "b": {"a"}, "c": {"a"}, "e": set()}


def test_all_of_it_is_measured_from_the_command_line(
    collection: Path, posts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = collection.parents[1]
    (data / "posts").mkdir()
    (data / "posts" / "garden").symlink_to(posts, target_is_directory=True)

    relevance.main([str(data), "--peers", "fts5", "--sample", "3"], tmp_path / "results")

    told = capsys.readouterr().out
    assert "Collections with judgements\n" in told
    assert "version without v" in told
    assert "Posts like one" in told
    [path] = (tmp_path / "results").iterdir()
    kept = json.loads(path.read_text("utf-8"))
    engines = {row["engine"] for row in kept["parts"]["Known items: what is left of a post in memory"]}
    assert engines == {"postsearch", "fts5"}
    assert all(row["median_ms"] > 0 for rows in kept["parts"].values() for row in rows)


def test_a_folder_without_collections_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit, match="there is nothing to ask in"):
        relevance.main([str(tmp_path)])
    monkeypatch.delenv("POSTSEARCH_TEST_DATA", raising=False)
    with pytest.raises(SystemExit, match="set POSTSEARCH_TEST_DATA"):
        relevance.main([])

"""Long questions find posts by what they mean, too; where that must have no say, it has none."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from flask import Flask

from index.indexer.run import reindex, update
from index.settings import Settings
from index.storage.reader import Reader
from search import PostSearch
from search.commands.search import search_command
from search.engine.meaning import meant_words
from search.engine.ranking import MAX_RESCORED
from search.query.parser import parse
from search.results import Results
from search.service import Search
from tests.tiny_model import MEANINGS, write_model

pytest.importorskip("tokenizers", reason="the extra `meaning` is not installed")
pytest.importorskip("safetensors", reason="the extra `meaning` is not installed")

POSTS = {
    "rain.md": "# Weekly\n\nA note of the week, of water, plants and the garden in the rain. "
    + "Water the plants. " * 9,
    "bread.md": "# Weekly note\n\nA note of the week, of bread: the oven and a loaf. " + "Baking bread, a loaf. " * 9,
    "other.md": "# Minutes\n\nNothing of that.",
}
QUESTION = "note of the week about oven loaf and baking"
"""Which holds five telling words and more."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Posts that are indexed with a model of meaning."""
    posts = tmp_path / "posts"
    posts.mkdir()
    for name, text in POSTS.items():
        (posts / name).write_text(text)
    found = Settings(
        posts=posts, index=tmp_path / "index", meaning=write_model(tmp_path / "model"), workers=1, max_per_page=200
    )
    reindex(found)
    return found


def test_a_model_that_the_index_was_made_without_is_told_once(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    without = replace(settings, meaning="", index=tmp_path / "without")
    reindex(without)
    for chosen in (settings, without, replace(without, meaning=settings.meaning)):
        with closing(Search(chosen)) as search:
            for _ in range(2):
                assert search.run(QUESTION).total == 2

    (told,) = [record.getMessage() for record in caplog.records]
    assert told.startswith("meaning has no effect: the index was made without this model; run `postsearch reindex`")


def run(settings: Settings, text: str, **more: object) -> Results:
    with closing(Search(settings)) as search:
        return search.run(text, explain=True, **more)  # type: ignore[arg-type]


def lifts(results: Results) -> dict[str, float]:
    """The part that meaning has in the score of each hit."""
    return {hit.id: hit.explanation.meaning for hit in results.hits if hit.explanation}


def vectors(settings: Settings) -> dict[str, list[int]]:
    """The embedding of each live post, in whole numbers."""
    found: dict[str, list[int]] = {}
    for live in Reader(settings.index).snapshot().segments:
        records = live.segment.records
        rows = zip(records.ids, records.embeddings.vectors.tolist(), live.live_docs.tolist(), strict=True)
        found |= {id.decode(): row for id, row, lives in rows if lives}
    return found


def test_a_post_that_means_what_is_asked_comes_before_one_that_repeats_other_words(settings: Settings) -> None:
    (settings.posts / "far.md").write_text("# Minutes\n\nnote week rain water garden")
    (settings.posts / "near.md").write_text("# Minutes\n\nnote week bread bread bread " + "and so on " * 9)
    reindex(settings)
    by_words = [hit.id for hit in run(replace(settings, meaning=""), QUESTION).hits]
    by_meaning = [hit.id for hit in run(settings, QUESTION).hits]

    assert sorted(by_words) == sorted(by_meaning)
    assert by_words.index("far.md") < by_words.index("near.md")
    assert by_meaning.index("near.md") < by_meaning.index("far.md")


def test_the_score_is_the_product_of_its_parts_and_meaning_is_one_of_them(settings: Settings) -> None:
    results = run(settings, QUESTION)
    found = lifts(results)

    assert found["bread.md"] > found["rain.md"] >= 1
    for hit in results.hits:
        assert hit.explanation
        assert hit.explanation.score == pytest.approx(hit.score)
    with closing(Search(settings)) as search:
        for place, hit in enumerate(results.hits, start=1):
            told = search.explain(QUESTION, hit.id)
            assert (told.rank, told.parts) == (place, hit.explanation)
        missing = search.explain(QUESTION, "other.md").parts
        assert missing
        assert missing.meaning == 1


@pytest.mark.parametrize("sort", ["newest", "oldest"])
def test_by_date_meaning_has_no_say(settings: Settings, sort: str) -> None:
    assert set(lifts(run(settings, QUESTION, sort=sort)).values()) == {1}


@pytest.mark.parametrize(
    "text",
    [
        "note week oven loaf",
        "a note of the week, about the oven and a loaf",
        f'{QUESTION} "bread"',
        f"{QUESTION} -rain",
        f"{QUESTION} title:note",
        "not* wee* ove* loa* bak*",
        "",
    ],
)
def test_few_words_and_what_is_asked_for_word_for_word_are_left_alone(settings: Settings, text: str) -> None:
    assert not meant_words(parse(text))
    assert set(lifts(run(settings, text)).values()) == {1}


def test_the_last_word_may_be_the_beginning_of_one() -> None:
    assert meant_words(parse(QUESTION)) == "note week oven loaf baking"


def test_a_post_whose_title_or_row_of_words_is_the_question_stays_first(settings: Settings) -> None:
    (settings.posts / "titled.md").write_text("# Note, week, rain, loaf, bread\n\nRain.")
    (settings.posts / "row.md").write_text("# Weather\n\nRain: note week water rain bread loaf oven water water water.")
    reindex(settings)

    assert run(settings, "Note week rain loaf bread").hits[0].id == "titled.md"
    assert run(settings, "note week water rain bread loaf oven").hits[0].id == "row.md"


def test_all_pages_together_hold_every_post_once_and_the_best_are_rescored(settings: Settings) -> None:
    for number in range(2 * MAX_RESCORED):
        (settings.posts / f"{number}.md").write_text(f"# Note {number}\n\nThe oven: {'bread ' * (number % 7)}")
    reindex(settings)
    pages: list[Results] = []
    while not pages or len(pages) < pages[0].pages:
        pages.append(run(settings, QUESTION, page=len(pages) + 1, per_page=30))
    hits = [hit for page in pages for hit in page.hits]
    scores = [hit.score for hit in hits]

    assert len({hit.id for hit in hits}) == len(hits) == pages[0].total > 2 * MAX_RESCORED
    assert scores == sorted(scores, reverse=True)
    found = [hit.explanation.meaning for hit in hits if hit.explanation]
    assert set(found[MAX_RESCORED:]) == {1} != set(found[:MAX_RESCORED])


def test_what_a_post_means_is_kept_over_saves_merges_and_removals(settings: Settings) -> None:
    for name in ("rain.md", "new.md", "bread.md"):
        (settings.posts / name).write_text("# Changed\n\nwater, water everywhere and a loaf")
        update(settings, [name])
    (settings.posts / "other.md").unlink()
    update(settings, ["other.md"])
    rebuilt = replace(settings, index=settings.index.with_name("rebuilt"))
    reindex(rebuilt, full=True)

    assert vectors(settings) == vectors(rebuilt)
    assert set(vectors(settings)) == {"rain.md", "bread.md", "new.md"}
    assert np.max(list(vectors(settings).values())) == 127


def test_many_posts_that_are_read_in_processes_mean_the_same(settings: Settings) -> None:
    for number in range(450):
        (settings.posts / f"note{number}.md").write_text(f"# Note\n\nrain {'bread ' * number}")
    several = replace(settings, index=settings.index.with_name("several"), workers=2)
    reindex(several)
    reindex(settings)

    assert vectors(several) == vectors(settings)
    assert len(vectors(several)) == 450 + len(POSTS)


def test_turning_it_on_or_off_or_to_another_model_reads_all_posts_anew(settings: Settings, tmp_path: Path) -> None:
    off = replace(settings, meaning="")
    other = replace(settings, meaning=write_model(tmp_path / "other", {"bread": (1, 0), "rain": (0, 1)}))

    assert reindex(settings).indexed == 0
    for changed, size in ((off, 0), (settings, len(MEANINGS["bread"])), (other, 2)):
        assert reindex(changed).indexed == len(POSTS)
        assert {len(vector) for vector in vectors(changed).values()} == {size}


def test_an_index_of_another_model_is_searched_by_words_alone(settings: Settings, tmp_path: Path) -> None:
    turned = {word: vector[::-1] for word, vector in MEANINGS.items()}
    for name, words in (("wider", {"bread": (1, 0, 0, 0)}), ("turned", turned)):
        other = replace(settings, meaning=write_model(tmp_path / name, words))

        assert set(lifts(run(other, QUESTION)).values()) == {1}


def related(settings: Settings, text: str, **more: object) -> list[str]:
    return [hit.id for hit in run(settings, text, **more).related]


def test_where_words_find_few_posts_the_nearest_in_meaning_are_told_beside_them(settings: Settings) -> None:
    (settings.posts / "cake.md").write_text("---\ntags: [sweet, round]\n---\n# Cake\n\nThat is baking.")
    reindex(settings)
    results = run(settings, "oven")

    assert [hit.id for hit in results.hits] == ["bread.md"]
    assert results.total == 1
    assert [(hit.id, hit.plain_snippet, hit.matched_fields) for hit in results.related] == [
        ("cake.md", "That is baking.", ())
    ]
    assert results.related[0].score == pytest.approx(1, abs=0.01)
    assert results.to_dict()["related"][0]["highlights"]["tags"] == ["sweet", "round"]
    assert related(settings, "loaf baking") == []
    assert related(replace(settings, meaning=""), "oven") == []


def test_related_posts_are_shown_below_a_line_that_says_so(settings: Settings) -> None:
    (settings.posts / "cake.md").write_text("# Cake\n\nThat is baking.")
    reindex(settings)
    app = Flask(__name__)
    app.config |= {f"POSTSEARCH_{name.upper()}": getattr(settings, name) for name in ("posts", "index", "meaning")}
    PostSearch(app)
    flags = ["--index", str(settings.index), "--meaning", settings.meaning]

    page = app.test_client().get("/search/?q=oven").text
    told = CliRunner().invoke(search_command, ["oven", *flags]).output

    for text in (page, told):
        assert text.index("Weekly") < text.index("Related by meaning") < text.index("Cake")
    assert "Related" not in app.test_client().get("/search/?q=minutes").text


@pytest.mark.parametrize("text", ["xqzzt", "minutes", '"oven cake"', "baking -rain", "title:baking", ""])
def test_what_no_post_is_about_and_what_is_left_alone_has_no_related_posts(settings: Settings, text: str) -> None:
    assert related(settings, text) == []


def test_related_posts_pass_the_filters_and_may_be_found_now(settings: Settings) -> None:
    (settings.posts / "cake.md").write_text("---\ntags: sweet\n---\n# Cake\n\nbread")
    (settings.posts / "hidden.md").write_text("---\ndate: 2999-01-01\n---\n# Hidden\n\nbread")
    (settings.posts / "gone.md").write_text("# Gone\n\nbread")
    reindex(settings)
    (settings.posts / "gone.md").unlink()
    reindex(settings)

    assert related(settings, "loaf") == ["cake.md"]
    assert related(settings, "loaf", tag="sweet") == ["cake.md"]
    assert related(settings, "loaf", tag="sour") == []
    assert related(settings, "loaf", page=2) == []

"""What the bench tells: rounds, goals, tables, the plot, and what is kept and published."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bench.figures import GOALS, WHOLE, Figure, Goal, verdicts
from bench.peers import PEERS, Answer, Peer
from bench.plot import COLOURS, growth_plot
from bench.questions import Question
from bench.record import DOCS, END, PUBLISHED, START, Record, keep, load, merge, page, publish
from bench.rounds import interleaved, percentile, take_rounds
from bench.table import PARTS, markdown, shown, terminal

pytestmark = pytest.mark.full

NAMES = {"postsearch": "postsearch", "tantivy": "Tantivy 0.27.0"}
SVG = "{http://www.w3.org/2000/svg}"


@dataclass
class FakePeer:
    """An engine that takes the times that it is told to, and notes when it was asked."""

    key: str
    times: list[float]
    log: list[str] = field(default_factory=list)

    def seconds(self, _question: Question) -> float:
        self.log.append(self.key)
        return self.times.pop(0) if len(self.times) > 1 else self.times[0]

    def ask(self, question: Question) -> Sequence[Answer]:
        return [Answer("T", "a <mark>b</mark>")] if question.text == "yes" else []


def fakes(*peers: FakePeer) -> Sequence[Peer]:
    return peers  # type: ignore[return-value]  # they do what is asked of a peer here


def figure(what: str, value: float, engine: str = "postsearch", part: str = "hits", posts: int = 10) -> Figure:
    return Figure(part, what, "corpus", posts, engine, value, "ms")


def record(*figures: Figure, notes: dict[str, list[str]] | None = None) -> Record:
    return Record("2026-01-02T03:04:05+00:00", "3.11", "a machine", NAMES, {"corpus": ["q"]}, notes or {}, figures)


def test_engines_take_turns_and_the_order_of_the_turns_changes() -> None:
    log: list[str] = []
    peers = fakes(FakePeer("a", [0.001], log), FakePeer("b", [0.001], log))

    timings = take_rounds(peers, [Question("one word", ("yes",), "yes")], rounds=3, budget=60)

    assert log == ["a", "b", "a", "b", "b", "a", "a", "b"]
    assert {timing.rounds for timing in timings.values()} == {3}


def test_interleaved_engines_take_turns_at_every_question() -> None:
    log: list[str] = []
    peers = fakes(FakePeer("a", [1.0, 7.0, 3.0, 7.0, 2.0, 7.0], log), FakePeer("b", [0.5], log))
    questions = [Question("one word", (word,), word) for word in ("yes", "no")]

    assert interleaved(peers, questions, rounds=3) == [[2000.0, 7000.0], [500.0, 500.0]]
    assert log == ["a", "b"] * 6


def test_a_question_takes_the_median_of_its_rounds_and_the_first_time_is_apart() -> None:
    peer = FakePeer("a", [9.0, 0.003, 0.001, 0.002])
    question = Question("one word", ("no",), "no")

    timing = take_rounds(fakes(peer), [question], rounds=3, budget=60)["a"]

    assert timing.times == (2.0,)
    assert timing.first == (9000.0,)
    assert (timing.answered, timing.marked) == (0, 0)


def test_an_engine_that_has_used_up_its_time_stops_but_is_asked_once() -> None:
    slow, fast = FakePeer("slow", [10.0]), FakePeer("fast", [0.001])

    timings = take_rounds(fakes(slow, fast), [Question("one word", ("yes",), "yes")], rounds=5, budget=25)

    assert {key: timing.rounds for key, timing in timings.items()} == {"slow": 2, "fast": 5}
    assert timings["fast"].marked == 1
    assert take_rounds(fakes(slow), [Question("one word", ("yes",), "yes")], rounds=5, budget=1)["slow"].rounds == 1


@pytest.mark.parametrize(
    ("share", "value"), [(0.95, 95), (0.5, 50), (0.01, 1), (1.0, 100)], ids=["p95", "p50", "p1", "all"]
)
def test_a_percentile_is_one_of_the_values(share: float, value: int) -> None:
    assert percentile(range(100, 0, -1), share) == value


def test_a_goal_against_an_engine_is_a_multiple_of_its_figure() -> None:
    theirs = figure("median", 4.0, "tantivy")
    goals = [Goal("hits", "median", 0.25, "tantivy")]

    (met,) = verdicts([figure("median", 1.0), theirs], goals)
    (missed,) = verdicts([figure("median", 1.01), theirs], goals)

    assert (met.met, met.bound) == (True, 1.0)
    assert not missed.met


def test_a_goal_by_itself_holds_over_as_many_posts_as_it_says() -> None:
    goals = [Goal("keys", "p95", 2.0, posts=range(100))]

    assert [v.met for v in verdicts([figure("p95", 2.1, part="keys")], goals)] == [False]
    assert list(verdicts([figure("p95", 2.1, part="keys", posts=100)], goals)) == []


def test_a_goal_may_be_that_of_one_folder() -> None:
    here, elsewhere = figure("median", 2.0), replace(figure("median", 2.0), corpus="elsewhere")

    assert [v.ours for v in verdicts([here, elsewhere], [Goal("hits", "median", 1, corpus="elsewhere")])] == [elsewhere]


def test_a_goal_may_be_a_least() -> None:
    goals = [Goal("load", "rate", 0.5, "constant", least=True)]
    constant = figure("rate", 1000, "constant", "load")

    assert [v.met for v in verdicts([figure("rate", 499, part="load"), constant], goals)] == [False]
    assert [v.met for v in verdicts([figure("rate", 500, part="load"), constant], goals)] == [True]


def test_a_goal_against_an_engine_that_was_left_out_is_not_judged() -> None:
    assert list(verdicts([figure("median", 1.0)], [Goal("hits", "median", 0.25, "tantivy")])) == []


def test_goals_name_parts_and_engines_that_there_are() -> None:
    assert {goal.part for goal in GOALS} <= set(PARTS)
    assert {goal.against for goal in GOALS} <= {"", "constant", WHOLE, *PEERS}


def test_the_table_shows_figures_ratios_and_goals() -> None:
    told = terminal([figure("median", 2.0), figure("median", 1.0, "tantivy")], NAMES)

    assert "Ten ranked hits with highlighted snippets, in process: corpus, 10 posts" in told
    assert "1.00 ms (0.50×)" in told
    assert "missed: ≤ 0.70 ms, 0.7 × Tantivy" in told
    assert "| median | 2.00 ms | 1.00 ms (0.50×) | missed" in markdown(
        [figure("median", 2.0), figure("median", 1.0, "tantivy")], NAMES
    )


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.1234, "ms", "0.12 ms"),
        (12.34, "s", "12.3 s"),
        (1234.5, "/s", "1,234/s"),
        (40, "", "40"),
        (2.0, "s", "2.00 s"),
    ],
)
def test_values_are_shown_in_few_digits(value: float, unit: str, text: str) -> None:
    assert shown(value, unit) == text


def growth(*values: tuple[str, int, float]) -> list[Figure]:
    return [figure("median", value, engine, "growth", posts) for engine, posts, value in values]


def test_the_plot_is_an_svg_with_a_line_and_a_name_for_each_engine() -> None:
    figures = growth(("postsearch", 1000, 0.5), ("postsearch", 10_000, 0.7), ("tantivy", 1000, 1.0))
    root = ElementTree.fromstring(growth_plot(figures, NAMES | {"tantivy": "Tantivy <&>"}))

    texts = {element.text for element in root.iter(f"{SVG}text")}
    dots = [dot.attrib for dot in root.iter(f"{SVG}circle")]
    assert {"postsearch", "Tantivy <&>", "1,000", "10,000", "posts"} <= texts
    assert [dot["fill"] for dot in dots] == [COLOURS["postsearch"]] * 2 + [COLOURS["tantivy"]]
    assert float(dots[0]["cx"]) < float(dots[1]["cx"])
    assert float(dots[0]["cy"]) > float(dots[1]["cy"])


def test_names_at_the_ends_of_lines_do_not_lie_on_each_other() -> None:
    figures = growth(*((key, 1000, 1.0) for key in PEERS), ("postsearch", 100, 1.0))
    root = ElementTree.fromstring(growth_plot(figures, {}))

    heights = sorted(float(e.attrib["y"]) for e in root.iter(f"{SVG}text") if e.attrib["font-weight"] == "600")
    assert len(heights) == len(PEERS)
    assert min(after - before for before, after in pairwise(heights)) >= 15


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("ground", ["#ffffff", "#0d1117"])
def test_the_plot_can_be_read_on_light_and_on_dark(ground: str) -> None:
    """Three to one is what the guidelines for accessible pages ask of graphics and of large text."""
    root = ElementTree.fromstring(growth_plot(growth(*((key, 1000, 1.0) for key in PEERS)), {}))

    for colour in {e.attrib["fill"] for e in root.iter(f"{SVG}text")}:
        light, dark = sorted((luminance(colour), luminance(ground)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 3, colour


def test_a_plot_of_nothing_is_still_an_svg() -> None:
    assert ElementTree.fromstring(growth_plot([], {})).tag == f"{SVG}svg"


def test_a_record_is_kept_and_read_again(tmp_path: Path) -> None:
    kept = record(figure("median", 1.5), notes={"keys": ["left out"]})

    path = keep(kept, tmp_path / "results")

    assert load(path) == kept
    assert path.name == "20260102T030405Z.json"


def test_merging_replaces_the_parts_that_were_measured_again_and_their_notes() -> None:
    kept = figure("p95", 9.0, part="keys")
    old = record(figure("median", 1.0, posts=99), kept, notes={"hits": ["old"], "keys": ["kept"]})
    new = replace(record(figure("median", 2.0), notes={"hits": []}), at="2027-01-01T00:00:00+00:00")

    merged = merge(old, new)

    assert merged.figures == [kept, figure("median", 2.0)]
    assert merged.notes == {"hits": [], "keys": ["kept"]}
    assert merged.at.startswith("2027")


def test_publishing_writes_page_plot_and_record(tmp_path: Path) -> None:
    place = tmp_path / "benchmarks.md"
    place.write_text(f"# Head\n\n{START}\nold\n{END}\n\nTail\n", "utf-8")

    publish(record(*growth(("postsearch", 1000, 0.5)), notes={"load": ["no wrk"]}), tmp_path, tmp_path / "p.json")

    text = place.read_text("utf-8")
    assert text.startswith("# Head\n")
    assert text.endswith("Tail\n")
    assert "old" not in text
    assert "- no wrk\n" in text
    assert "| median | 0.50 ms |" in text
    assert ElementTree.fromstring((tmp_path / "benchmarks.svg").read_text("utf-8")).tag == f"{SVG}svg"
    published = json.loads((tmp_path / "p.json").read_text("utf-8"))
    assert published["figures"]
    assert not published["questions"], "words of somebody's posts"


def test_a_page_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="between which the tables are written"):
        page("# Benchmarks\n", record())


def test_the_docs_show_what_was_published() -> None:
    if not PUBLISHED.exists():
        pytest.skip("no figures have been published yet")
    published = load(PUBLISHED)
    text = (DOCS / "benchmarks.md").read_text("utf-8")

    assert page(text, published) == text, "run `python -m bench --publish`"
    assert growth_plot(published.figures, published.engines) == (DOCS / "benchmarks.svg").read_text("utf-8")

"""Which piece of a text is shown, where it is cut, and that nothing but `<mark>` comes out of it as HTML."""

from __future__ import annotations

import re
import time
import unicodedata
from html import unescape

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.schema import Document, Section
from search.query.parser import parse
from search.snippet import Snippet, marked, section_hits, snippet
from tests.oracles.highlights import Range, ranges_by_reading

UNHURRIED = settings(deadline=None, print_blob=True)
FILLER = "Nothing of note is said in this sentence of filling. "


def shown(asked: str, text: str, lang: str = "en", **options: object) -> str:
    ranges = ranges_by_reading(parse(asked, prefix=False), text, lang)
    return snippet(text, ranges, **options).html  # type: ignore[arg-type]


def test_a_short_text_is_shown_whole() -> None:
    assert shown("gluster", "The gluster track is full") == "The <mark>gluster</mark> track is full"


def test_blocks_are_parted_where_no_sign_ends_the_first() -> None:
    text = "Gluster\n\nYou need (all):\nnails\nboards (“long”)\nWhat?\nint f() {\n  return 1\n}\nHe said “so.”\nEnd\n"
    plain = "Gluster · You need (all): nails · boards (“long”) · What? int f() { return 1 } · He said “so.” End"

    assert snippet(text, ()).plain == plain
    assert shown("boards", text) == plain.replace("boards", "<mark>boards</mark>")
    assert shown("nails boards", text) == plain.replace("boards", "<mark>boards</mark>").replace(
        "nails", "<mark>nails</mark>"
    )


def test_cells_and_images_are_set_off() -> None:
    text = "Board\fLength.\flong (2 m)\nnails\f4\nSee\fA gluster (wild)\fhere."

    assert snippet(text, ()).plain == "Board · Length. · long (2 m) · nails · 4 · See · A gluster (wild) · here."


def test_the_description_of_an_image_is_no_beginning() -> None:
    text = "\fA gluster\n\fAn elk\nIt grows. " + FILLER * 9 + FILLER.strip() + "\n\fA fat gluster\n" + FILLER * 5

    assert shown("zebra", text).startswith("It grows.")
    assert shown("fat", text).startswith("Nothing of note")
    assert shown("elk", text).startswith("It grows.")
    assert shown("gluster", "\fA gluster") == "A <mark>gluster</mark>"
    assert shown("gluster", "\fA gluster\n \n") == "A <mark>gluster</mark>"


def test_marks_side_by_side_are_one() -> None:
    text = "A gluster-workshop, gluster workshop, gluster/workshop,\ngluster\nworkshop"

    assert shown("gluster workshop", text) == (
        "A <mark>gluster-workshop</mark>, <mark>gluster workshop</mark>, "
        "<mark>gluster</mark>/<mark>workshop</mark>, <mark>gluster</mark> · <mark>workshop</mark>"
    )


def test_a_phrase_that_goes_over_two_blocks_is_marked_in_each() -> None:
    assert shown('"the gluster every time"', "So is the gluster.\nEvery time: weed") == (
        "So is <mark>the gluster.</mark> · <mark>Every time</mark>: weed"
    )
    assert shown('"4 nails"', "Count\f4\fnails") == "Count · <mark>4</mark> · <mark>nails</mark>"
    assert (
        shown('"gluster of"', "What is a gluster\n\nOf the") == "What is a <mark>gluster</mark> · <mark>Of</mark> the"
    )


def test_words_that_stand_far_apart_take_two_windows() -> None:
    text = FILLER * 9 + "Here the gluster grows. " + FILLER * 9 + "There is a workshop. " + FILLER * 9
    made = snippet(text, ranges_by_reading(parse("gluster workshop", prefix=False), text))

    html = made.html
    assert html.startswith("Here the <mark>gluster</mark> grows. Nothing")
    assert " … There is a <mark>workshop</mark>. Nothing" in html
    assert len(made.plain) <= 243
    assert [text[start:end] for start, end in made.spans] == made.plain.rstrip("…").split(" … ")
    assert "…" not in shown("gluster of", text)


def test_spans_tell_what_of_the_text_is_shown() -> None:
    text = "One\n\n    gluster\fof\nmany " * 40
    made = snippet(text, ranges_by_reading(parse("gluster", prefix=False), text))
    [(start, end)] = made.spans

    assert made.plain.replace(" ·", "").split() == text[start:end].split()


def test_a_snippet_neither_begins_nor_ends_with_the_sign_between_blocks() -> None:
    text = "\n".join(f"item {number}" for number in range(200))
    made = snippet(text, [Range(text.index("item 99"), text.index("item 99") + 7)])

    assert made.plain[-1].isdigit()
    assert made.plain.startswith("item 99 · item 100 · ")


def test_a_sentence_is_shown_from_its_beginning() -> None:
    text = FILLER * 20 + "Here begins the talk about gluster. " + FILLER * 20

    assert shown("gluster", text).startswith("Here begins the talk about <mark>gluster</mark>. Nothing")


def test_a_sentence_is_shown_to_its_end() -> None:
    text = FILLER * 20 + "Here begins the talk about gluster. " + FILLER * 20

    assert shown("gluster", text).endswith("of filling.")


def test_a_long_sentence_is_cut_between_words() -> None:
    text = " ".join(["filling"] * 200 + ["gluster"] + ["stuffing"] * 200)
    html = shown("gluster", text)

    assert html.startswith("…filling filling")
    assert html.endswith(" stuffing…")
    assert 200 < len(html) < 270


def test_the_piece_with_most_words_of_the_query_wins() -> None:
    text = "gluster gluster gluster. " + FILLER * 20 + "A gluster workshop. " + FILLER * 20

    assert "A <mark>gluster workshop</mark>." in shown("gluster workshop", text)


def test_of_pieces_with_the_same_words_the_denser_wins() -> None:
    text = "One gluster. " + FILLER * 20 + "Two glusters, a gluster. " + FILLER * 20

    assert "Two <mark>glusters</mark>" in shown("gluster", text)


def test_of_pieces_with_the_same_words_that_wins_where_they_stand_side_by_side() -> None:
    text = "Gluster of a workshop, gluster of gluster. " + FILLER * 20 + "A gluster workshop. " + FILLER * 20

    assert "A <mark>gluster workshop</mark>." in shown("gluster workshop", text)


def test_while_a_word_is_typed_the_piece_wins_where_it_goes_on_from_the_words_before() -> None:
    text = "Beans have been bent. " + FILLER * 20 + "Raised by beavers. " + FILLER * 20 + "All about raised beds. "
    made = snippet(text, ranges_by_reading(parse("raised be"), text))

    assert made.html.endswith("All about <mark>raised be</mark>ds.")


def test_of_equal_pieces_the_first_wins() -> None:
    text = "One gluster. " + FILLER * 20 + "Another gluster. " + FILLER * 20

    assert shown("gluster", text).startswith("One <mark>gluster</mark>.")


def test_a_match_at_the_end_is_shown_with_what_is_before_it() -> None:
    html = shown("gluster", FILLER * 20 + "Last of all gluster")

    assert html.endswith("Last of all <mark>gluster</mark>")
    assert len(html) > 150


def test_without_matches_the_opening_is_shown() -> None:
    text = "Opening words. " + FILLER * 20
    html = shown("nothing_of_it", text)

    assert html.startswith("Opening words.")
    assert "<mark>" not in html
    assert len(html) <= 241
    assert snippet("", ()) == Snippet("", "", ((0, 0),))


def test_a_first_line_that_says_the_title_again_is_left_out() -> None:
    text = "Event Recap\nThe gluster track."

    assert shown("zebra", text, title="Event recap") == "The gluster track."
    assert shown("recap", text, title="Event recap") == "The gluster track."
    assert shown("gluster", text, title="Event recap") == "The <mark>gluster</mark> track."
    assert shown("zebra", text, title="Another") == "Event Recap · The gluster track."
    assert shown("recap", "Event Recap\n", title="Event Recap") == "Event <mark>Recap</mark>"


def test_text_without_blanks_is_cut_at_the_ends_of_sentences() -> None:
    text = "今日は天気がいい。" * 60 + "日本語の全文検索です。" + "明日は雨が降る。" * 60
    html = shown("全文検索", text, "ja")

    assert "日本語の<mark>全文検索</mark>です。" in html
    assert html.startswith("日本語")
    assert html.endswith("。")


def test_text_without_blanks_or_sentences_is_cut_between_characters() -> None:
    text = "か\u3099" * 400 + "全文" + "は\u309a" * 400
    plain = snippet(text, [Range(800, 802)]).plain

    assert plain.startswith("…か")
    assert plain.endswith("\u309a…")


@pytest.mark.parametrize("length", range(40, 60))
def test_a_long_word_is_cut_between_its_parts(length: int) -> None:
    text = "/".join(["gluster"] * 100)

    shown = snippet(text, [(400, 407, 1)], length=length).plain

    assert set(re.findall(r"\w+", shown)) == {"gluster"}


@pytest.mark.parametrize("length", range(20, 24))
def test_a_sign_keeps_its_colour_of_skin(length: int) -> None:
    shown = snippet("\U0001f44b\U0001f3fd" * 100, [], length=length).plain.strip("…")

    assert shown.replace("\U0001f44b\U0001f3fd", "") == ""


def test_what_indents_code_is_not_shown_and_takes_no_room() -> None:
    text = "Here it is:\n" + "".join(f"{' ' * 20}call_{number};\n" for number in range(100))
    made = snippet(text, ())

    assert made.plain.startswith("Here it is: call_0; call_1; ")
    assert 220 <= len(made.plain) <= 245


def test_a_match_longer_than_the_piece_is_cut() -> None:
    made = snippet("x" * 10_000, [Range(0, 10_000)])

    assert made.html == f"<mark>{'x' * 240}</mark>…"


def test_everything_is_escaped() -> None:
    html = shown("gluster", """<script>alert("x")</script> & 'gluster' <b>""")

    assert html == (
        "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#x27;<mark>gluster</mark>&#x27; &lt;b&gt;"
    )


def test_a_title_is_marked_whole() -> None:
    assert marked("A <b> & b", [Range(2, 5)]) == "A <mark>&lt;b&gt;</mark> &amp; b"
    assert marked("", []) == ""
    assert marked("x" * 1_000, []) == "x" * 1_000


@pytest.mark.parametrize("words", range(1, 6))
def test_a_match_behind_many_short_lines_is_shown(words: int) -> None:
    for count in range(20, 90):
        text = "\n".join(" ".join(["item"] * words) for _ in range(count)) + "\nzebra crossing"

        assert "<mark>zebra</mark>" in shown("zebra", text), count


def test_a_letter_with_very_many_marks_is_cut() -> None:
    text = "zebra क" + "ा" * 300_000

    assert len(snippet(text, [Range(0, 5)]).plain) < 300


@pytest.mark.parametrize("text", [" " * 3_000 + "call();\nend", "\t" * 5_000 + "call();", f"{' ' * 400}call();\n" * 50])
def test_deeply_indented_code_is_shown(text: str) -> None:
    assert snippet(text, ()).plain.startswith("call();")


def test_of_a_line_that_an_image_begins_only_its_description_is_no_beginning() -> None:
    text = "\fA logo\fA line with a gluster in it.\nNext"

    assert shown("gluster", text) == "A line with a <mark>gluster</mark> in it. Next"
    assert shown("zebra", text) == "A line with a gluster in it. Next"


BODY = """Opening gluster gluster.
Install
Run the installer.
Use gluster
Use it with a gluster workshop.
End
The gluster.
"""


def post(**changes: object) -> Document:
    sections = tuple(
        Section(t, t.lower().replace(" ", "-"), 2, BODY.index(f"\n{t}\n") + 1)
        for t in ("Install", "Use gluster", "End")
    )
    return Document(**{"id": "a", "url": "/a/", "title": "A", "body": BODY, "sections": sections} | changes)  # type: ignore[arg-type]


def sections(document: Document, asked: str = "gluster workshop") -> list[tuple[str, str]]:
    ranges = ranges_by_reading(parse(asked, prefix=False), document.body, document.lang)
    return [(section.anchor, part.html) for section, part in section_hits(document, ranges, Snippet())]


def test_sections_that_hold_the_words_are_shown_the_best_first() -> None:
    assert sections(post()) == [
        ("use-gluster", "Use it with a <mark>gluster workshop</mark>."),
        ("end", "The <mark>gluster</mark>."),
    ]


def test_sections_that_can_not_be_pointed_to_or_are_the_post_itself_are_not_shown() -> None:
    document = post()
    blind = tuple(Section(s.title, "", s.level, s.start) for s in document.sections)

    assert sections(post(sections=blind)) == []
    assert [anchor for anchor, _ in sections(post(title="Use Gluster"))] == ["end"]
    assert sections(post(sections=())) == []
    assert sections(document, "zebra") == []


def test_a_section_does_not_say_again_what_the_hit_says() -> None:
    document = post()
    ranges = ranges_by_reading(parse("gluster workshop", prefix=False), document.body)
    whole_body = snippet(document.body, ranges)
    start = BODY.index("The gluster.")
    part = Snippet(plain="gluster.", spans=((start + 4, start + 12),))

    assert [part.html for _, part in section_hits(document, ranges, whole_body)] == ["", ""]
    assert [shown.html for _, shown in section_hits(document, ranges, part)] == [
        "Use it with a <mark>gluster workshop</mark>.", "",
    ]  # fmt: skip


def test_a_section_whose_heading_alone_holds_the_words_says_how_it_begins() -> None:
    body = "A gluster.\nGluster\nWhat it is.\nOther\nA gluster."
    document = post(body=body, sections=(Section("Gluster", "gluster", 2, 11), Section("Other", "other", 2, 31)))
    ranges = ranges_by_reading(parse("gluster", prefix=False), body)

    for start in (0, body.rindex("A gluster")):
        hits = section_hits(document, ranges, Snippet(spans=((start, start + 10),)))
        assert [part.plain for section, part in hits if section.anchor == "gluster"] == ["What it is."]


def test_a_section_says_what_the_hit_leaves_of_it() -> None:
    body = "Gluster\n" + FILLER * 5 + "A gluster is here. " + FILLER * 5
    document = post(body=body, sections=(Section("Gluster", "gluster", 2, 0),))
    ranges = ranges_by_reading(parse("gluster", prefix=False), body)
    middle = body.index("is here")

    def said(*spans: tuple[int, int]) -> str:
        [(_, part)] = section_hits(document, ranges, Snippet(spans=spans))
        return part.plain

    assert said().startswith("A gluster is here. Nothing")
    assert said((0, middle - len("gluster "))).startswith("…gluster is here. Nothing")
    assert said((middle, len(body))).endswith("A gluster…")
    assert said((8, 20), (30, len(body))) == ""


def test_a_section_does_not_say_what_another_part_of_the_post_says_in_the_same_words() -> None:
    line = "Initialize a map for the gluster that holds whole numbers\n"
    body = f"{line}Whole\nSee: {line}{FILLER}\nOther\nA gluster of its own kind\n"
    document = post(body=body, sections=tuple(Section(t, t, 2, body.index(f"\n{t}\n") + 1) for t in ("Whole", "Other")))
    ranges = ranges_by_reading(parse("gluster", prefix=False), body)
    hits = section_hits(document, ranges, snippet(body, ranges, length=len(line)))

    assert [(section.title, part.html) for section, part in hits] == [
        ("Whole", ""), ("Other", "A <mark>gluster</mark> of its own kind"),
    ]  # fmt: skip


def test_there_are_never_more_than_three_sections() -> None:
    body = "Head\ngluster\n" * 10
    many = tuple(Section(f"Head {i}", f"h{i}", 2, 13 * i) for i in range(10))

    assert [anchor for anchor, _ in sections(post(body=body, sections=many))] == ["h0", "h1", "h2"]


PARTS = st.sampled_from(
    [
        "<b>",
        "&amp;",
        "gluster",
        "<mark>",
        "</mark>",
        " ",
        "\n",
        ". ",
        "。",
        '"',
        "'",
        "全文",
        "é",
        "e\u0301",
        "👩\u200d👩",
        "\f",
    ]
)
SHOWN = st.characters(exclude_categories=["C", "Z"])


def tidy(parts: list[str]) -> str:
    """A text of these parts as posts are read: no blanks beside one another or beside the ends of blocks."""
    return re.sub(r"[ \n\f]*([\n\f])[ \n\f]*| +", lambda found: found[1] or " ", "".join(parts)).strip()


TEXTS = st.lists(PARTS | st.text(SHOWN, max_size=8), max_size=80).map(tidy)


@UNHURRIED
@given(TEXTS, st.integers(1, 300))
def test_html_holds_no_element_but_mark_and_says_the_plain_text(text: str, length: int) -> None:
    ranges = ranges_by_reading(parse("gluster 全文 b*"), text)
    made = snippet(text, ranges, length=length)
    html = made.html
    tree = html5lib.parseFragment(html, namespaceHTMLElements=False)

    assert {element.tag for element in tree.iter()} <= {"DOCUMENT_FRAGMENT", "mark"}
    assert unescape(re.sub("</?mark>", "", html)) == made.plain
    assert not set("<>\"'") & set(re.sub("</?mark>", "", html))
    html.encode()


@UNHURRIED
@given(TEXTS, st.integers(20, 300))
def test_a_snippet_is_a_piece_of_the_text_with_matches_in_it(text: str, length: int) -> None:
    ranges = ranges_by_reading(parse("gluster 全文", prefix=False), text)
    made = snippet(text, ranges, length=length)

    assert made.plain == made.plain.strip()
    assert ("<mark>" in made.html) == bool(ranges)
    assert len(made.plain) <= length + 20
    assert not made.plain.startswith("…") or unicodedata.category(made.plain[1])[0] != "M"


@pytest.mark.parametrize(
    "text", ["gluster " * 600_000, "x" * 5_000_000, " " * 5_000_000, "全文" * 2_500_000, "\n" * 5_000_000]
)
def test_a_text_of_five_megabytes_takes_no_long_time(text: str) -> None:
    ranges = [Range(*word.span()) for word in re.finditer("gluster|全文", text)]
    started = time.process_time()
    snippet(text, ranges, title="gluster")

    assert time.process_time() - started < 5


def test_a_page_of_newsletters_takes_no_long_time() -> None:
    text = "We talk about [libgfapi](http://example.org/lib-gfapi) and it's the oVirt workshop that counts. " * 180
    ranges = ranges_by_reading(parse("shanghai libgfapi"), text)
    started = time.process_time()
    for _ in range(10):
        snippet(text, ranges)

    assert time.process_time() - started < 3

"""Headers read without a parser give what the parser gives, or are left to it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import PostError
from index.posts.yaml_events import read_events
from index.posts.yaml_plain import read_plain

SIGNS = st.sampled_from(
    [*"ab1.-_:#'\"[]{},|>&*!%@~?=/\\ é全\t\x85\u2028\xa0", ": ", " #", "- ", "’", "\u2029", "null", "---", '"', "'"]
)
VALUES = st.one_of(
    st.lists(SIGNS, max_size=8).map("".join),
    st.sampled_from(
        ["", "a: b", '"a: #b"', "'it'", '["a, b", c]', "[a , 'b',]", "[]", '[null, ""]', '""', "~", "NULL"]
    ),
)
KEYS = st.one_of(
    st.sampled_from(["title", "a.b", "null", "tags", "x-1", "<<", "a b"]), st.lists(SIGNS, max_size=2).map("".join)
)
LINES = st.one_of(
    st.builds("{}:{}{}".format, KEYS, st.sampled_from([" ", "", "  "]), VALUES),
    st.builds("{}-{}{}".format, st.sampled_from(["", " ", "  "]), st.sampled_from([" ", "", "  "]), VALUES),
    st.sampled_from(["", " ", "# a", " # a", "...", "---", "tags:", "tags: "]),
)


@given(st.lists(LINES, max_size=6).map("\n".join))
def test_a_header_is_read_as_the_parser_reads_it_or_not_at_all(header: str) -> None:
    plain = read_plain(header)
    if plain is not None:
        assert read_events(header) == (plain, ())


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("\n\ntitle: a\n# b\nms.date: 2013-06-19 10:00\n", {"title": "a", "ms.date": "2013-06-19 10:00"}),
        ('title: C# at std::vector, it\'s 5% "off" ', {"title": 'C# at std::vector, it\'s 5% "off"'}),
        ('title: "a: b # [c]"  \nslug: \'d \\ "e"\'', {"title": "a: b # [c]", "slug": 'd \\ "e"'}),
        ("empty:\nnone: null\nquoted: \"null\"\nno: ''", {"empty": None, "none": None, "quoted": "null", "no": ""}),
        ('tags: ["a [b], c", d e , \'\', "", null]\nx: []', {"tags": ["a [b], c", "d e", "", "", None], "x": []}),
        ('tags:\n  - a\n\n  - "b"\n  - null\nby:\n- 全文', {"tags": ["a", "b", None], "by": ["全文"]}),
    ],
)
def test_ordinary_headers_need_no_parser(header: str, wanted: object) -> None:
    assert read_plain(header) == wanted
    assert read_events(header) == (wanted, ())


@pytest.mark.parametrize(
    "header",
    ["", "a: b\na: c", "a:\n b: c", "a: b: c", "a: b #c", "a: |\n b", 'a: "b\\n"', "a: &b c", "a: *b", "a: {b: c}",
     "a: [[b]]", "a: b\n- c", "a: [b]\n- c", "a:\n- b\n - c", "a: !b c", "null: a", "a: b:", "- a", "a:\tb",
     "a: b\n  c", "a: b\n---\nc: d", "a: [b, ]", "a: " + "b" * 20_000],
)  # fmt: skip
def test_all_other_headers_are_left_to_the_parser(header: str) -> None:
    assert read_plain(header) is None


def test_the_parser_is_asked_about_what_is_not_plain() -> None:
    with pytest.raises(PostError):
        read_events("a: b: c")

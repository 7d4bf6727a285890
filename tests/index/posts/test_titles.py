"""Titles of posts whose header has none, by their paths."""

from __future__ import annotations

import pytest

from index.posts.titles import title_from_name


@pytest.mark.parametrize(
    ("id", "title"),
    [
        ("2013-06-19-my-post.md", "My post"),
        ("a\x1b[31m\u202e\tb\n.md", "A[31m b"),
        ("\x1b.md", "\ufffd"),
        ("blog/2013-6-9-event_recap.html.md", "Event recap"),
        ("a-page.aspx.markdown", "A page"),
        ("guides/first-steps/index.md", "First steps"),
        ("2013-06-19.md", "2013-06-19"),
        ("index.md", "Index"),
        ("guide.de.md", "Guide"),
        ("intro/index.zh-CN.md", "Intro"),
        ("node.js.md", "Node.js"),
        (".de.md", ".de"),
        ("C++.md", "C++"),
        ("de.md", "De"),
    ],
)
def test_a_post_without_title_and_heading_is_named_after_its_file(id: str, title: str) -> None:
    assert title_from_name(id) == title

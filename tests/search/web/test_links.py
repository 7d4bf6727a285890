"""Which addresses may be followed, and what they are in full."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.web.links import absolute_url, safe_url


@pytest.mark.parametrize(
    "url",
    [
        "/2013/a-post/",
        "https://example.org/a:b",
        "HTTP://example.org",
        "//example.org/x",
        "a/b:c",
        "?q=a:b",
        "#a:b",
        "../up/",
        "",
        "/日本語/",
    ],
)
def test_addresses_of_pages_are_followed(url: str) -> None:
    assert safe_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "java\nscript:alert(1)",
        " \x01javascript:alert(1)",
        "javascript\t:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "https&colon:x",
    ],
)
def test_addresses_that_run_or_open_anything_else_are_not(url: str) -> None:
    assert safe_url(url) == ""


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        ("/2013/a-post/", "https://example.org/2013/a-post/"),
        ("https://other.org/a?b=c#d", "https://other.org/a?b=c#d"),
        ("//other.org/a", "https://other.org/a"),
        ("/日本/a b.html", "https://example.org/%E6%97%A5%E6%9C%AC/a%20b.html"),
        ("/100%25/#ü", "https://example.org/100%25/#%C3%BC"),
        ("/a\ud800b", "https://example.org/a?b"),
        ("", ""),
        ("javascript:alert(1)", ""),
        ("http://[", ""),
    ],
)
def test_an_address_in_full_is_ascii_and_leads_from_the_site(url: str, whole: str) -> None:
    assert absolute_url(url, "https://example.org/") == whole


@given(url=st.text(max_size=30))
def test_no_text_at_all_becomes_an_address_that_harms(url: str) -> None:
    whole = absolute_url(url, "https://example.org/")

    assert not whole or whole.lower().startswith(("http://", "https://"))
    assert whole.isascii()

"""What counts for a post of what it says itself and of what is said for it."""

from __future__ import annotations

from typing import Any

import pytest

from index.posts.inheritance import Inherited, effective


def fields(own: dict[str, Any], *inherited: dict[str, Any]) -> dict[str, Any]:
    return dict(effective(own, [Inherited(f"{n}.md", given) for n, given in enumerate(inherited)]).fields)


@pytest.mark.parametrize(
    ("own", "inherited", "counts"),
    [
        ({"title": "x"}, [], {"title": "x"}),
        ({"title": "x"}, [{"draft": "true"}], {"title": "x", "draft": "true"}),
        ({"Draft": "false"}, [{"draft": "true"}], {"Draft": "false"}),
        ({}, [{"lang": "fr"}, {"lang": "de"}], {"lang": "de"}),
        ({"authors": ["Ada"]}, [{"author": "Team"}], {"authors": ["Ada"]}),
        ({"author": ""}, [{"author": "Team"}], {"author": "Team"}),
        ({}, [{"category": "a", "categories": "b"}], {"category": "a", "categories": "b"}),
        ({"search": {"boost": "2"}}, [{"search": {"exclude": "true"}}], {"search": {"exclude": "true", "boost": "2"}}),
        ({"search": {"exclude": "false"}}, [{"search": {"exclude": "true"}}], {"search": {"exclude": "false"}}),
    ],
)
def test_a_post_counts_more_than_what_is_said_for_it(
    own: dict[str, Any], inherited: list[dict[str, Any]], counts: dict[str, Any]
) -> None:
    assert fields(own, *inherited) == counts


def test_what_hides_a_post_is_told_with_the_file_that_says_it() -> None:
    header = effective(
        {"draft": "true"}, [Inherited("_config.yml", {"published": "false", "params": {"private": "true"}})]
    )

    assert header.told("published: false") == "published: false, says _config.yml"
    assert header.told("private: true") == "private: true, says _config.yml"
    assert header.told("draft: true") == "draft: true"
    assert header.told("it lies in drafts/") == "it lies in drafts/"

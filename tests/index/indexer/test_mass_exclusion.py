"""When a run says that it left out suspiciously many posts, and what it advises."""

from __future__ import annotations

import pytest

from index.indexer.report import mass_exclusion

GENERATOR = "jekyll makes no page of it"


@pytest.mark.parametrize(("left_out", "total"), [(0, 0), (0, 20), (1, 2), (9, 10), (10, 20)])
def test_posts_that_are_left_out_on_purpose_are_not_remarked(left_out: int, total: int) -> None:
    assert mass_exclusion([GENERATOR] * left_out, total) is None


@pytest.mark.parametrize(("left_out", "total"), [(1, 1), (10, 10), (11, 20), (6, 11), (736, 736)])
def test_all_or_most_of_many_posts_that_are_left_out_are_remarked(left_out: int, total: int) -> None:
    told = mass_exclusion([GENERATOR] * left_out, total)

    assert told is not None
    assert told.startswith(f"{left_out} of {total} file")
    assert f"{left_out} of them for this reason: {GENERATOR}; " in told


@pytest.mark.parametrize(
    ("reasons", "told"),
    [
        ([GENERATOR], "generator"),
        (["excluded by notes/*"], "the setting `exclude`"),
        (["excluded by IGNORE_FILES: *.md"], "the configuration of the site"),
        (["draft: true, says the site's configuration"], "the configuration of the site"),
        (["larger than 10 bytes"], "max_file_size"),
        (["draft: true", "dated in the future: 2998-01-01", "dated in the future: 2999-01-01"], "timezone"),
        (["draft: true"], "postsearch status"),
    ],
)
def test_the_commonest_reason_is_told_with_what_changes_it(reasons: list[str], told: str) -> None:
    assert told in (mass_exclusion(reasons, len(reasons)) or "")

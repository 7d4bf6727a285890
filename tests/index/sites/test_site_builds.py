"""The URLs that we give are pages that the real generators build: built here and now, with those that are installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.index.sites.site_builds import BUILDERS, complaints, read_source

CASES = [(name, style) for name, builder in BUILDERS.items() for style in read_source(builder.generator).styles]


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("name", "style"), CASES)
def test_every_url_is_a_page_that_the_generator_builds(name: str, style: str, tmp_path: Path) -> None:
    builder = BUILDERS[name]
    source = read_source(builder.generator)
    if builder.command() is None:
        pytest.skip(f"{builder.program} is not installed; {builder.variable} may name the command")
    if style in source.newer_styles and not builder.newer:
        pytest.skip("this release of the generator does not have this style")

    answers = builder.build(source, style, tmp_path)

    assert complaints(source, tmp_path / source.posts, answers, newer=builder.newer) == []
    assert len(answers) > 5

"""Several folders of posts in one index: real sites of two generators, which come, go and stay apart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from index.errors import SettingsError, UnlikelyRemoval
from index.indexer.post import Post, read_post
from index.indexer.report import Report
from index.indexer.run import Run, reindex, update
from index.indexer.status import check, read_status, take_file, why_absent
from index.named_folders import NamedFolder
from index.settings import Settings
from index.sites.site import Site
from tests.index.sites.folders import write
from tests.stored import stored_documents

FILES = {
    "blog/_config.yml": "url: https://blog.example.org\npermalink: /:year/:title/\nlang: de\n",
    "blog/_posts/2024-05-06-same.md": "---\ntitle: Aussaat\n---\nZeit der Aussaat\n",
    "blog/_posts/2024-05-07-other.md": "---\ntitle: Ernte\n---\nZeit der Ernte\n",
    "manual/hugo.toml": 'baseURL = "https://docs.example.org/manual/"\n',
    "manual/content/2024-05-06-same.md": "---\ntitle: Sowing\nurl: /sow/\n---\ntime to sow\n",
    "manual/content/guide/tools.md": "---\ntitle: Tools\n---\nspades and rakes\n",
}
BLOG = {"blog/2024-05-06-same.md", "blog/2024-05-07-other.md"}
DOCS = {"docs/2024-05-06-same.md", "docs/guide/tools.md"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    write(tmp_path, FILES)
    folders = {"blog": tmp_path / "blog/_posts", "docs": {"posts": tmp_path / "manual/content", "base_url": "/manual"}}
    return Settings(posts=folders, index=tmp_path / "index")  # type: ignore[arg-type]


def held(settings: Settings) -> set[str]:
    """The ids that the index holds."""
    return set(stored_documents(settings))


def counts(report: Report) -> tuple[int, int, int]:
    return report.indexed, report.unchanged, report.removed


def test_each_folder_has_its_own_generator_address_and_language(settings: Settings) -> None:
    report = reindex(settings)
    told = {id: (document.site, document.url, document.lang) for id, document in stored_documents(settings).items()}

    assert counts(report) == (4, 0, 0)
    assert told == {
        "blog/2024-05-06-same.md": ("blog", "/2024/same/", "de"),
        "blog/2024-05-07-other.md": ("blog", "/2024/other/", "de"),
        "docs/2024-05-06-same.md": ("docs", "/manual/sow/", "en"),
        "docs/guide/tools.md": ("docs", "/manual/guide/tools/", "en"),
    }
    assert counts(reindex(settings)) == (0, 4, 0)


def test_what_changes_in_one_folder_is_read_alone(settings: Settings, tmp_path: Path) -> None:
    reindex(settings)
    (tmp_path / "manual/content/2024-05-06-same.md").write_text("changed", "utf-8")
    (tmp_path / "blog/_posts/2024-05-07-other.md").unlink()

    assert read_status(settings).pending == 2
    assert counts(update(settings, ["docs/2024-05-06-same.md", "docs/none.md", "none/a.md", "a.md"])) == (1, 0, 0)
    assert stored_documents(settings)["docs/2024-05-06-same.md"].body == "changed"
    assert counts(reindex(settings)) == (0, 3, 1)
    assert held(settings) == {"blog/2024-05-06-same.md", *DOCS}


@pytest.mark.parametrize("full", [False, True], ids=["what changed", "anew"])
def test_a_missing_folder_takes_nothing_away_and_returns_as_it_was(
    settings: Settings, tmp_path: Path, full: bool
) -> None:
    reindex(settings)
    (tmp_path / "manual").rename(tmp_path / "away")
    (tmp_path / "blog/_posts/2024-05-06-same.md").unlink()
    report = reindex(settings, full=full)
    updated = update(settings, ["docs/guide/tools.md", "blog/2024-05-07-other.md"])

    assert [(failed.path, failed.error) for failed in report.failed] == [
        ("docs/", f"there is no folder '{tmp_path / 'manual/content'}'")
    ]
    assert (report.removed, updated.removed) == (1, 0)
    assert held(settings) == {"blog/2024-05-07-other.md", *DOCS}
    assert [failed.path for failed in read_status(settings).failed] == ["docs/"]
    assert read_status(settings).pending == 0
    (tmp_path / "away").rename(tmp_path / "manual")
    back = reindex(settings)
    assert (back.indexed if not full else 0, back.removed, back.failed) == (0, 0, ())
    assert held(settings) == {"blog/2024-05-07-other.md", *DOCS}
    assert reindex(settings).unchanged == 3


def test_a_folder_that_goes_while_it_is_read_takes_nothing_away(settings: Settings, tmp_path: Path) -> None:
    reindex(settings)
    before = stored_documents(settings)
    for path in ("blog/_posts/2024-05-06-same.md", "manual/content/guide/tools.md"):
        (tmp_path / path).write_text("changed", "utf-8")

    def going(data: bytes, id: str, *, site: Site) -> Post:
        (tmp_path / "manual").rename(tmp_path / "away")
        return read_post(data, id, site=site)

    report = Run(settings, read=going).go()

    assert counts(report) == (1, 3, 0)
    assert [failed.path for failed in report.failed] == ["docs/"]
    documents = stored_documents(settings)
    assert {id: documents[id] for id in DOCS} == {id: before[id] for id in DOCS}
    (tmp_path / "away").rename(tmp_path / "manual")
    assert counts(reindex(settings)) == (1, 3, 0)


def test_an_only_folder_that_goes_while_it_is_read_loses_nothing(tmp_path: Path) -> None:
    posts = write(tmp_path / "posts", {"a.md": "one", "b.md": "two"})
    settings = Settings(posts=posts, index=tmp_path / "index")
    reindex(settings)
    write(posts, {"a.md": "changed", "b.md": "changed"})

    def going(data: bytes, id: str, *, site: Site) -> Post:
        posts.rename(tmp_path / "away")
        return read_post(data, id, site=site)

    report = Run(settings, read=going).go()

    assert counts(report) == (1, 1, 0)
    assert {id: document.body for id, document in stored_documents(settings).items()} == {
        "a.md": "changed",
        "b.md": "two",
    }
    (tmp_path / "away").rename(posts)
    assert counts(reindex(settings)) == (1, 1, 0)


def test_a_folder_that_was_never_there_is_indexed_once_it_is(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "manual").rename(tmp_path / "away")

    assert counts(reindex(settings)) == (2, 0, 0)
    assert counts(reindex(settings)) == (0, 2, 0)
    (tmp_path / "away").rename(tmp_path / "manual")
    reindex(settings)
    assert held(settings) == BLOG | DOCS


def test_without_any_folder_nothing_is_done(settings: Settings, tmp_path: Path) -> None:
    reindex(settings)
    (tmp_path / "manual").rename(tmp_path / "away")
    (tmp_path / "blog").rename(tmp_path / "gone")

    with pytest.raises(SettingsError, match=r"^posts: there is no folder '.*_posts' and .* '.*content'; name those"):
        reindex(settings)
    assert held(settings) == BLOG | DOCS


@pytest.mark.parametrize("inner", [".", "guide"])
def test_a_folder_in_another_is_refused(settings: Settings, tmp_path: Path, inner: str) -> None:
    content = tmp_path / "manual/content"
    with pytest.raises(SettingsError, match=r"^posts: the folders of docs and guide overlap; name one of them"):
        reindex(replace(settings, posts={"docs": content, "guide": content / inner}, folders=()))  # type: ignore[arg-type]


@pytest.mark.parametrize("target", ["blog/_posts", "blog/_posts/deep", "blog", "."])
@pytest.mark.parametrize("turned", [False, True])
def test_a_folder_that_becomes_a_link_into_another_holds_up_no_other_and_returns_as_it_was(
    settings: Settings, tmp_path: Path, target: str, turned: bool
) -> None:
    if turned:  # which of them the settings name first makes no difference
        settings = replace(settings, folders=settings.folders[::-1])
    (tmp_path / "blog/_posts/deep").mkdir()
    reindex(settings)
    content = tmp_path / "manual/content"
    content.rename(tmp_path / "away")
    content.symlink_to(tmp_path / target)
    (tmp_path / "blog/_posts/2024-05-06-same.md").write_text("changed", "utf-8")
    report = reindex(settings)

    told = f"'{content}' leads to what overlaps the folder of blog; let it lead elsewhere"
    assert [(failed.path, failed.error) for failed in report.failed] == [("docs/", told)]
    assert counts(report) == (1, 3, 0)
    assert held(settings) == BLOG | DOCS
    content.unlink()
    (tmp_path / "away").rename(content)
    assert counts(reindex(settings)) == (0, 4, 0)


def test_a_folder_that_lost_most_of_its_posts_keeps_them_and_holds_up_no_other(
    settings: Settings, tmp_path: Path
) -> None:
    content = tmp_path / "manual/content"
    many = write(content / "many", {f"{number}.md": "text" for number in range(20)})
    reindex(settings)
    for path in many.iterdir():
        path.unlink()
    (content / "guide/tools.md").write_text("changed", "utf-8")
    write(tmp_path / "blog/_posts", {f"2024-06-{day}-new.md": "text" for day in range(10, 30)})
    with pytest.raises(UnlikelyRemoval, match=r"20 of 22 posts are gone from .*content: nothing of it was changed"):
        reindex(settings)

    documents = stored_documents(settings)
    assert len(documents) == 4 + 20 + 20
    assert documents["docs/guide/tools.md"].body == "spades and rakes"
    assert [(failed.path, failed.error) for failed in read_status(settings).failed] == [
        ("docs/", "20 of 22 posts are gone")
    ]
    for path in (tmp_path / "blog/_posts").iterdir():
        path.unlink()
    with pytest.raises(UnlikelyRemoval, match=r"42 of 44 posts are gone from .*_posts and .*content:") as both:
        reindex(settings)
    assert both.value.folders.keys() == {"blog/", "docs/"}
    assert len(stored_documents(settings)) == 44
    write(tmp_path / "blog/_posts", {f"2024-06-{day}-new.md": "text" for day in range(10, 30)})
    report = reindex(settings, allow_removal=True)
    assert (report.removed, report.failed) == (22, ())
    assert stored_documents(settings)["docs/guide/tools.md"].body == "changed"


def test_folders_that_are_named_no_more_go_and_new_ones_come(settings: Settings, tmp_path: Path) -> None:
    reindex(settings)
    reindex(replace(settings, folders=settings.folders[:1]))
    assert held(settings) == BLOG
    reindex(settings)
    assert held(settings) == BLOG | DOCS
    single = Settings(posts=tmp_path / "manual/content", index=settings.index)
    reindex(single)
    assert held(settings) == {"2024-05-06-same.md", "guide/tools.md"}


def test_many_posts_of_a_folder_that_is_named_no_more_go_only_when_that_is_confirmed(
    settings: Settings, tmp_path: Path
) -> None:
    write(tmp_path / "manual/content/many", {f"{number}.md": "text" for number in range(20)})
    reindex(settings)
    notes = Settings(posts={"blog": tmp_path / "blog", "notes": tmp_path / "manual"}, index=settings.index)  # type: ignore[arg-type]
    reindex(notes)  # where all of them still are
    for posts in ({"blog": tmp_path / "blog"}, {"blog": tmp_path / "blog", "notes": tmp_path / "nowhere"}):
        with pytest.raises(UnlikelyRemoval, match=r"of which 22 are not in blog=.*: nothing was changed"):
            reindex(replace(settings, posts=posts, folders=()))  # type: ignore[arg-type]
    assert len(held(settings)) > 20


def test_a_missing_folder_stays_while_another_one_comes(settings: Settings, tmp_path: Path) -> None:
    reindex(settings)
    (tmp_path / "manual").rename(tmp_path / "away")
    notes = write(tmp_path / "notes", {"a.md": "text"})
    reindex(replace(settings, folders=(*settings.folders, NamedFolder(name="notes", posts=notes))))

    assert held(settings) == BLOG | DOCS | {"notes/a.md"}


def test_many_files_of_several_folders_are_read_in_processes(settings: Settings, tmp_path: Path) -> None:
    for folder in ("blog/_posts", "manual/content"):
        write(tmp_path / folder, {f"2023-01-02-{number}.md": "text" for number in range(210)})
    report = reindex(replace(settings, workers=2))

    assert counts(report) == (424, 0, 0)
    assert {"blog/2023-01-02-7.md", "docs/2023-01-02-7.md"} < held(settings)


def test_what_is_wrong_is_told_with_its_folder(settings: Settings, tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "manual/content/broken.md": "---\ntitle: [\n---\ntext\n",
            "manual/content/twin.md": "---\nurl: /sow/\nsearch: {expect: sowing}\n---\ntext\n",
            "pins.yml": "sow: docs/2024-05-06-same.md\nreap: 2024-05-06-same.md\n",
        },
    )
    checked = check(settings)

    assert [(problem.path, problem.kind) for problem in checked.problems] == [
        ("docs/broken.md", "warning"),
        ("docs/twin.md", "warning"),
        ("pins.yml", "warning"),
    ]
    assert "docs/2024-05-06-same.md: /manual/sow/" in checked.problems[1].message
    assert [(test.query, test.id) for test in checked.search_tests] == [("sowing", "docs/twin.md")]
    (tmp_path / "manual").rename(tmp_path / "away")
    assert [problem.path for problem in check(settings).problems] == ["docs/", "pins.yml", "pins.yml"]


def test_why_a_post_is_absent_is_told_of_its_folder(settings: Settings, tmp_path: Path) -> None:
    write(tmp_path, {"manual/content/draft.md": "---\ndraft: true\n---\ntext\n"})
    reindex(settings)

    assert why_absent(settings, "docs/draft.md").startswith("docs/draft.md is left out (draft: true); change that")
    assert "similar: docs/guide/tools.md" in why_absent(settings, "blog/tools.md")
    assert take_file(settings.parts["docs/"], "draft.md").generator == "hugo"

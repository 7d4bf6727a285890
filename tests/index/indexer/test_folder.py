"""Which files of a folder are posts, which are left out and why."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from index.errors import SettingsError
from index.indexer.folder import Folder, Listing
from index.settings import Settings

AS_ROOT = os.geteuid() == 0


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "posts"
    folder.mkdir()
    return folder


def write(path: Path, text: str = "text") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def folder(root: Path, **options: object) -> Folder:
    return Folder(Settings(posts=root, index=root.parent / "index", **options))  # type: ignore[arg-type]


def scan(root: Path, **options: object) -> Listing:
    return folder(root, **options).scan()


def test_ids_are_paths_below_the_folder(root: Path) -> None:
    for name in ("a.md", "deep/er/b.html", "日本/東京.markdown", "with space.mdx", "UPPER.MD"):
        write(root / name)

    assert set(scan(root).files) == {"a.md", "deep/er/b.html", "日本/東京.markdown", "with space.mdx", "UPPER.MD"}


@pytest.mark.parametrize("suffix", ["md", "markdown", "mdown", "mkd", "mdx", "html", "htm", "txt"])
def test_posts_are_known_by_their_suffix(root: Path, suffix: str) -> None:
    write(root / f"post.{suffix}")

    assert list(scan(root).files) == [f"post.{suffix}"]


@pytest.mark.parametrize("name", ["image.png", "post.md~", "post.md.bak", "md", "post", ".md", ".post.md", "4913"])
def test_other_files_are_passed_over(root: Path, name: str) -> None:
    write(root / name)

    assert scan(root) == Listing()


@pytest.mark.parametrize("name", [".git/a.md", "a/.hidden/b.md"])
def test_hidden_folders_are_passed_over(root: Path, name: str) -> None:
    write(root / name)

    assert scan(root) == Listing()


@pytest.mark.parametrize(
    ("name", "maker"),
    [
        ("_site", "x"),
        ("node_modules", "x"),
        ("public", "hugo.toml"),
        ("public", "config/_default/hugo.yaml"),
        ("public", "package.json"),
        ("vendor", "Gemfile"),
        ("vendor", "go.mod"),
    ],
)
def test_build_output_is_excluded_as_a_whole(root: Path, name: str, maker: str) -> None:
    write(root / "site" / name / "a.md")
    write(root / "site" / maker)

    assert scan(root).files == {}
    assert scan(root).excluded == {f"site/{name}/": "build output"}


@pytest.mark.parametrize("name", ["public", "vendor"])
def test_folders_with_names_that_people_use_too_are_posts_where_no_tool_writes_them(root: Path, name: str) -> None:
    write(root / name / "a.md")
    write(root / "deep" / name / "a.md")
    write(root / "hugo.json.md")

    assert set(scan(root).files) == {f"{name}/a.md", f"deep/{name}/a.md", "hugo.json.md"}


def test_a_stamp_changes_with_the_file(root: Path) -> None:
    post = write(root / "a.md", "one")
    first = scan(root).files["a.md"]
    os.utime(post, ns=(1, 1))
    touched = scan(root).files["a.md"]
    write(root / "new", "one").replace(post)

    assert (touched.mtime_ns, touched.size) == (1, 3)
    assert len({first, touched, scan(root).files["a.md"]}) == 3


@pytest.mark.parametrize("pattern", ["notes/*", "notes", "notes/", "*/b.md", "n*s/?.md", "*b.md"])
def test_patterns_exclude(root: Path, pattern: str) -> None:
    write(root / "a.md")
    write(root / "notes/b.md")
    listing = scan(root, exclude=(pattern,))

    assert list(listing.files) == ["a.md"]
    assert set(listing.excluded.values()) == {f"excluded by {pattern}"}


def test_a_large_file_is_refused(root: Path) -> None:
    write(root / "a.md", "x" * 11)
    write(root / "b.md", "x" * 10)
    listing = scan(root, max_file_size=10)

    assert list(listing.files) == ["b.md"]
    assert listing.refused == {"a.md": "larger than 10 bytes"}


def test_a_name_that_is_not_utf8_is_refused(root: Path) -> None:
    (Path(os.fsdecode(bytes(root) + b"/caf\xe9.md"))).write_text("text")
    Path(os.fsdecode(bytes(root) + b"/d\xe9p")).mkdir()
    (Path(os.fsdecode(bytes(root) + b"/d\xe9p/a.md"))).write_text("text")
    listing = scan(root)

    assert listing.files == {}
    assert listing.refused == {
        "./caf\\xe9.md": "the name is not UTF-8",
        "./d\\xe9p/": "the name is not UTF-8",
    }


def test_a_name_that_is_not_utf8_is_shown_as_no_other_file_may_be_named(root: Path) -> None:
    write(root / "\\xff.md")
    for name in (b"\xff.md", b"\xff\\xff.md", b"\\xff\xff.md"):
        (Path(os.fsdecode(bytes(root) + b"/" + name))).write_text("text")
    listing = scan(root)

    assert list(listing.files) == ["\\xff.md"]
    assert len(listing.refused) == 3
    assert not listing.files.keys() & listing.refused.keys()
    assert folder(root).look(listing.refused) == Listing()


def test_what_is_no_regular_file_is_refused_without_opening_it(root: Path) -> None:
    os.mkfifo(root / "pipe.md")

    assert scan(root).refused == {"pipe.md": "not a regular file"}


def test_a_folder_may_be_named_like_a_post(root: Path) -> None:
    write(root / "folder.md/a.md")

    assert list(scan(root).files) == ["folder.md/a.md"]


def test_the_index_folder_is_passed_over(root: Path) -> None:
    write(root / "index/a.md")
    listing = Folder(Settings(posts=root, index=root / "index")).scan()

    assert listing == Listing()


@pytest.mark.parametrize("target", ["../secret.md", "/etc/hostname", ".git/config.md", "_site/a.md", "index/x.md"])
def test_a_link_to_what_is_no_post_is_refused(root: Path, target: str) -> None:
    for name in ("../secret.md", ".git/config.md", "_site/a.md", "index/x.md"):
        write(root / name)
    (root / "leak.md").symlink_to(target if target.startswith("/") else root / target)
    listing = Folder(Settings(posts=root, index=root / "index")).scan()

    assert listing.files == {}
    assert listing.refused["leak.md"] == "a link out of the posts folder, or to a hidden part of it"


@pytest.mark.parametrize("target", ["_drafts/a.md", "deep/Drafts/a.md", "notes/a.md", "deep/secret.md"])
def test_a_link_to_what_is_left_out_at_its_own_place_is_refused(root: Path, target: str) -> None:
    write(root / target)
    (root / "leak.md").symlink_to(root / target)
    (root / "folder").symlink_to((root / target).parent)
    listing = scan(root, exclude=("notes", "deep/secret.md"))

    assert set(listing.files) <= {target}
    assert listing.refused["leak.md"] == "a link out of the posts folder, or to a hidden part of it"


@pytest.mark.parametrize("pattern", ["real/notes", "real/notes/*", "real/notes/a.md"])
def test_patterns_hold_behind_a_linked_folder(root: Path, pattern: str) -> None:
    write(root / "real/notes/a.md")
    write(root / "real/b.md")
    (root / "other").symlink_to("real")

    assert set(scan(root, exclude=(pattern,)).files) == {"real/b.md", "other/b.md"}
    assert list(folder(root, exclude=(pattern,)).look(["other/notes/a.md"]).files) == []


@pytest.mark.parametrize("target", ["..", "/etc", ".git"])
def test_a_linked_folder_outside_is_refused(root: Path, target: str) -> None:
    write(root / "../secret.md")
    write(root / ".git/a.md")
    (root / "leak").symlink_to(target if target.startswith("/") else root / target)

    assert scan(root).files == {}
    assert list(scan(root).refused) == ["leak/"]


def test_links_inside_are_followed(root: Path) -> None:
    write(root / "real/a.md")
    (root / "b.md").symlink_to("real/a.md")
    (root / "other").symlink_to("real")
    listing = scan(root)

    assert set(listing.files) == {"real/a.md", "b.md", "other/a.md"}
    assert len(set(listing.files.values())) == 1
    assert listing.linked


def test_a_folder_without_links_says_so(root: Path) -> None:
    write(root / "a.md")

    assert not scan(root).linked


def test_links_in_a_ring_end(root: Path) -> None:
    write(root / "a/x.md")
    write(root / "b/y.md")
    (root / "a/up").symlink_to(root)
    (root / "a/to-b").symlink_to(root / "b")
    (root / "b/to-a").symlink_to(root / "a")
    (root / "self.md").symlink_to("self.md")

    assert {"a/x.md", "b/y.md"} <= set(scan(root).files)
    assert len(scan(root).files) < 10


def test_a_broken_link_is_refused(root: Path) -> None:
    (root / "a.md").symlink_to("nowhere.md")

    assert scan(root).refused == {"a.md": "a link to nothing"}


@pytest.mark.skipif(AS_ROOT, reason="root can read every folder")
def test_an_unreadable_folder_hides_what_is_in_it(root: Path) -> None:
    write(root / "a/b.md")
    (root / "a").chmod(0)
    listing = scan(root)
    (root / "a").chmod(0o700)

    assert listing.files == {}
    assert listing.hides("a/b.md")
    assert not listing.hides("ab.md")


def test_only_what_is_below_an_unreadable_folder_is_hidden() -> None:
    listing = Listing(unreadable={"a/": "", "b.md": ""})

    assert listing.hides("a/x.md")
    assert listing.hides("b.md")
    assert not listing.hides("b.mdx")
    assert not listing.hides("ax.md")
    assert Listing(unreadable={"": ""}).hides("x.md")


@pytest.mark.parametrize("link", [False, True])
def test_looking_at_some_ids_says_what_a_scan_says(root: Path, link: bool) -> None:
    for name in ("a.md", "deep/b.md", "deep/c.md", "public/d.md", ".git/e.md", "deep/.f.md", "notes/g.md", "h.png"):
        write(root / name)
    write(root / "large.md", "x" * 100)
    if link:
        (root / "deep/link.md").symlink_to("../a.md")
        (root / "leak.md").symlink_to("/etc/hostname")
    posts = folder(root, exclude=("notes",), max_file_size=50)
    everything = [p.relative_to(root).as_posix() for p in root.rglob("*") if not p.is_dir()]

    assert posts.look(everything) == posts.scan()


def test_looking_at_what_is_gone_finds_nothing(root: Path) -> None:
    write(root / "a.md")

    assert folder(root).look(["b.md", "a.md/c.md", "no/d.md"]) == Listing()


@pytest.mark.parametrize(
    "id", ["/etc/hosts.md", "{root}/../secret.md", "../secret.md", "a/../../secret.md", "", "/", "a//b.md"]
)
def test_an_id_can_not_lead_out_of_the_folder(root: Path, id: str) -> None:
    for name in ("../secret.md", "a/b.md"):
        write(root / name)

    assert folder(root).look([id.format(root=root)]) == Listing()


def test_no_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="there is no folder"):
        Folder(Settings(posts=tmp_path / "none", index=tmp_path / "index"))


def test_the_index_in_place_of_the_posts_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="a folder of its own"):
        Folder(Settings(posts=tmp_path, index=tmp_path))


def test_the_folder_itself_may_be_a_link(root: Path, tmp_path: Path) -> None:
    write(root / "a.md")
    (tmp_path / "current").symlink_to(root)

    assert list(Folder(Settings(posts=tmp_path / "current", index=tmp_path / "index")).scan().files) == ["a.md"]

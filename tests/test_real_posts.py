"""Real posts: all of them are read or fail in a known way, and a sample says what its files say.

The sample is checked with regular expressions on the raw lines, which share nothing with the code under test.
"""

from __future__ import annotations

import html
import os
import random
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.errors import PostError
from index.indexer.post import Post, read_post
from index.schema import Document
from index.sites.site import Site

DATA = Path(os.environ.get("POSTSEARCH_TEST_DATA", "no-such-folder"))
SUFFIXES = {".md", ".markdown", ".mdx", ".html"}
NAMES = ("18f", "cpp-docs", "golang", "nodejs", "osas", "twir")
SAMPLE, SEED = 200, 20130619

pytestmark = [
    pytest.mark.full,
    pytest.mark.skipif(
        not (DATA / "posts").is_dir(),
        reason="POSTSEARCH_TEST_DATA does not name a folder with the collections of real posts",
    ),
]


def files(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.suffix in SUFFIXES and path.is_file())


def read(path: Path, root: Path) -> Post:
    return read_post(path.read_bytes(), path.relative_to(root).as_posix(), Site())


@pytest.mark.parametrize("name", NAMES)
def test_every_post_of_a_collection_is_accounted_for(name: str) -> None:
    root = DATA / "posts" / name
    counts: Counter[str] = Counter()
    for path in files(root):
        post = read(path, root)
        counts["excluded" if post.document is None else "indexed"] += 1
        assert post.document is None or (post.document.title and post.document.url)

    assert counts["excluded"] == {"golang": 81, "twir": 1}.get(name, 0)
    assert (
        counts["indexed"]
        == {"18f": 509, "cpp-docs": 9746, "golang": 404, "nodejs": 1259, "osas": 368, "twir": 668}[name]
    )


def head_of(text: str) -> list[str]:
    """The lines between the fences, or those before the first empty line."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    if lines[0].startswith("---"):
        return lines[1 : lines.index("---", 1)]
    return lines[: lines.index("")] if re.match(r"\w+: ", lines[0]) else []


def said(head: list[str], *keys: str) -> str | list[str] | None:
    """The value of the first of the keys: a text as it stands, or the items of a list."""
    for number, line in enumerate(head):
        match = re.match(rf"(?:{'|'.join(map(re.escape, keys))}):[ \t]*(.*)$", line, re.IGNORECASE)
        if match:
            below = [line for line in tail(match[1], head[number + 1 :]) if line]
            if match[1].startswith("["):
                inner = " ".join([match[1], *below]).strip().strip("[]")
                return [bare(item) for item in re.findall(r"\"[^\"]*\"|'[^']*'|[^,]+", inner) if bare(item)]
            if not match[1] and below and below[0].startswith("-"):
                return [bare(item.removeprefix("-")) for item in below if bare(item.removeprefix("-"))]
            return bare(" ".join([*([] if re.match(r"[|>][-+]?$", match[1]) else [match[1]]), *below]))
    return None


def tail(value: str, lines: list[str]) -> Iterator[str]:
    """The lines that belong to the value above: indented ones, those of a list, and all up to a closing quote."""
    quoted = value[:1] == '"' and (len(value) == 1 or value[-1] != '"')
    for line in lines:
        if not quoted and not re.match(r"\s|-\s|-$|\s*$", line):
            return
        yield line.strip()
        quoted = quoted and not line.rstrip().endswith('"')


def bare(value: str) -> str:
    """The value without its quotes."""
    value = value.strip()
    if value[:1] == value[-1:] == '"':
        return value[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    if value[:1] == value[-1:] == "'":
        return value[1:-1].replace("''", "'")
    return value


def plain(value: str) -> str:
    """The value as a reader sees it."""
    return " ".join(html.unescape(re.sub(r"<(em|strong|i|b|code)>([^<>]*)</\1>|<br ?/?>", r"\2", value)).split())


def unique(value: str | list[str] | None, *, parted: bool) -> tuple[str, ...]:
    """The items of a list, or those between the commas of a text."""
    found = value if isinstance(value, list) else (value or "").split(",") if parted else [value or ""]
    return tuple({plain(item).casefold(): plain(item) for item in reversed(found) if item.strip()}.values())[::-1]


def mismatches(document: Document, text: str) -> Iterator[str]:
    """Where the document differs from what the lines of its file say."""
    if text.startswith("<!--{"):
        found = re.search(r'"Title":\s*"([^"]*)"', text)
        head = [f"title: {found[1]}"] if found else []
    else:
        head = head_of(text)
    title = said(head, "title")
    if title and document.title != plain(str(title)):
        yield f"title {document.title!r} for {title!r}"
    author = said(head, "author", "authors", "by")
    several = isinstance(author, str) and all(" " in part.strip() for part in author.split(","))
    names = (
        unique([name for item in author for name in item.split(";")], parted=False)
        if isinstance(author, list)
        else unique(author, parted=several)
    )
    if author and document.author != names:
        yield f"author {document.author!r} for {author!r}"
    tags = unique(said(head, "tags"), parted=True)
    if set(document.tags) != set(tags):
        yield f"tags {document.tags!r} for {tags!r}"
    yield from wrong_date(document, str(said(head, "date", "ms.date") or ""))


def wrong_date(document: Document, value: str) -> Iterator[str]:
    """The date, if it is not that of the header or else of the file name."""
    shown = f"{document.date:%Y-%m-%d %H:%M}" if document.date else ""
    if match := re.match(r"(\d+)/(\d+)/(\d{4})", value):
        expected = f"{match[3]}-{int(match[1]):02}-{int(match[2]):02}"
    elif match := re.match(r"(\d{4})-(\d+)-(\d+)(?:[T ]+(\d+):(\d+))?", value or document.id.rpartition("/")[2]):
        expected = "-".join(f"{int(part):02}" for part in match.groups()[:3])
        expected += f" {int(match[4]):02}:{match[5]}" if match[4] else ""
    else:
        expected = ""
    if not shown.startswith(expected) or bool(shown) != bool(expected):
        yield f"date {shown!r} for {value!r}"


def sample() -> list[tuple[Path, Path]]:
    """The same number of files of each collection, the same at each run."""
    chance = random.Random(SEED)
    roots = [DATA / "posts" / name for name in NAMES]
    size = -(-int(os.environ.get("POSTSEARCH_TEST_SAMPLE", SAMPLE)) // len(roots))
    found = {root: files(root) for root in roots}
    return [(path, root) for root in roots for path in chance.sample(found[root], min(size, len(found[root])))]


def test_a_sample_says_what_its_files_say() -> None:
    wrong = []
    for path, root in sample():
        document = read(path, root).document
        if document is not None:
            wrong += [f"{path.relative_to(DATA)}: {m}" for m in mismatches(document, path.read_text("utf-8"))]

    assert wrong == []


def damaged() -> list[tuple[str, str]]:
    """The name and the kind of damage of each file in the manifest."""
    lines = (DATA / "broken" / "MANIFEST.tsv").read_text("utf-8").split("\n")
    return [(cells[0], cells[1]) for line in lines if len(cells := line.split("\t")) > 3]


def outcome(path: Path, root: Path) -> Post | PostError:
    """The post, or why there is none."""
    try:
        return read(path, root)
    except PostError as error:
        return error


def test_every_damaged_post_is_read_or_fails_with_its_place() -> None:
    root = DATA / "broken"
    outcomes = {name: outcome(root / name, root) for name, _ in damaged()}
    failed = {name: found for name, found in outcomes.items() if isinstance(found, PostError)}
    read = [found for found in outcomes.values() if isinstance(found, Post)]

    assert len(outcomes) == len([path for path in root.glob("*/*") if not path.name.startswith(".")])
    assert [name for name, error in failed.items() if error.line < 1 or error.column < 1] == []
    assert [post for post in read if post.document and not post.document.title] == []
    assert 10 < len(failed) < 25


def test_no_damaged_header_is_published_as_text() -> None:
    root = DATA / "broken"
    for name, kind in damaged():
        found = outcome(root / name, root)
        if isinstance(found, Post) and found.document:
            opening = found.document.body[:300]
            assert not re.search(r"^(?:layout|title|date|authors?|published|draft): ", opening, re.MULTILINE), (
                name,
                kind,
            )


def test_damage_that_yaml_refuses_is_mended_with_a_warning() -> None:
    root = DATA / "broken"
    silent = []
    for name, kind in damaged():
        if kind.startswith("EXC yaml"):
            found = outcome(root / name, root)
            if isinstance(found, Post) and not any(warning.line for warning in found.warnings):
                silent.append(name)

    assert silent == []


def test_what_hides_a_post_in_any_line_of_its_header_hides_it() -> None:
    for root in [*(DATA / "posts" / name for name in NAMES if name != "cpp-docs"), DATA / "broken"]:
        for path in files(root):
            head = path.read_bytes()[:2_000].decode("utf-8", "replace").replace("\r", "\n").split("\n---")[0]
            if re.search(r"^(?:draft: *true|published: *false|status: *draft)\s*$", head, re.MULTILINE | re.IGNORECASE):
                found = outcome(path, root)
                assert isinstance(found, PostError) or found.document is None, path

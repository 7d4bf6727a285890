"""The addresses of pages that Eleventy builds, by its directory data files.

The rules are those of https://www.11ty.dev/docs/permalinks/, https://www.11ty.dev/docs/data-cascade/ and
https://www.11ty.dev/docs/data-eleventy-supplied/, as Eleventy 3 follows them. Its configuration is a program, which
is not run: the input folder is looked for in its text, and filters that it defines are not known.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from index.posts.metadata import Metadata
from index.sites.generators import GeneratorConfig, Rules
from index.sites.generators.config import ConfigFiles, as_mapping
from index.sites.generators.eleventy_template import render_permalink
from index.sites.generators.paths import as_text, is_absolute, path_below, safe_link, split_date

__all__ = ["Eleventy", "read_eleventy"]

INPUT = re.compile(r"""(?:\binput\s*:|setInputDirectory\()\s*["'`]([\w./-]+)["'`]""")
PATH_PREFIX = re.compile(r"""\bpathPrefix\s*:\s*["'`]([\w./-]+)["'`]""")
COMMENT = re.compile(r"/\*.*?\*/|(?m:(?:^|\s)//[^\n]*$)", re.DOTALL)
USUAL_INPUTS = ("src", "content", "site", "source", "pages")
SKIPPED_FOLDERS = frozenset({"node_modules", "_site", "_includes", "_data"})
TEMPLATE_SUFFIXES = frozenset({".md", ".html"})
MAX_DATA_FOLDERS = 5000
MAX_DATA_FILE_BYTES = 100_000
SAMPLE = Metadata(title="a", date=datetime(2013, 6, 19, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Eleventy(Rules):
    """The rules of one Eleventy site; `data` and `computed` map places to permalinks.

    A place is a folder, with a final `/`, or a file without its suffix.
    """

    input: str
    data: Mapping[str, object]
    computed: Mapping[str, object]

    def url(self, path: str, post: Metadata) -> str | None:
        """Where the page of the post lies; None where it says that it has none, or has a template of its own kind."""
        inner = path_below(path, self.input)
        pure = PurePosixPath(inner or "")
        if inner is None or pure.suffix not in TEMPLATE_SUFFIXES or SKIPPED_FOLDERS & set(pure.parts):
            return None
        value = self.permalink(inner, post)
        if str(value).lower() == "false":
            return None
        link = safe_link(render_permalink(as_text(value), supplied(pure, path), post))
        return tidy(link) if link else self.plain(pure)

    def plain(self, path: PurePosixPath) -> str:
        """The path by the place of the file."""
        folders = [*path.parent.parts]
        named = [] if path.stem == "index" or folders[-1:] == [path.stem] else [path.stem]
        return "/".join(["", *folders, *named, ""])

    def permalink(self, path: str, post: Metadata) -> object:
        """The permalink of the nearest place that gives one: computed data, front matter, file, folders upwards."""
        pure = PurePosixPath(path)
        places = [str(pure.with_suffix("")), *(f"{folder}/" for folder in pure.parents)]
        computed = [as_mapping(post.raw.get("eleventycomputed")).get("permalink"), *map(self.computed.get, places)]
        given = [post.raw.get("permalink"), *map(self.data.get, places)]
        found = next((value for value in computed + given if value is not None), None)
        return as_mapping(found).get("build", False) if isinstance(found, Mapping) and found else found


def supplied(path: PurePosixPath, whole: str) -> dict[str, str]:
    """What Eleventy supplies about a file: https://www.11ty.dev/docs/data-eleventy-supplied/#page-variable"""
    stem = split_date(path.stem)[1]
    parent = split_date(path.parent.name)[1]
    return {
        "page.fileSlug": parent if stem == "index" else stem,
        "page.filePathStem": "/" + str(path.with_name(stem)),
        "page.inputPath": f"./{whole}",
        "page.outputFileExtension": "html",
    }


def tidy(link: str) -> str:
    """The path without doubled slashes and without the name of an index file."""
    link = link if is_absolute(link) else re.sub("/{2,}", "/", link)
    return link.removesuffix("index.html") if link.endswith("/index.html") else link


def read_eleventy(root: Path, posts: Path, config: Path | None, files: ConfigFiles) -> GeneratorConfig:
    """The rules that the site's data files set, and what its configuration says."""
    source = COMMENT.sub("", files.text(config)) if config else ""
    named, prefix = INPUT.search(source), PATH_PREFIX.search(source)
    folder = (named[1] if named else guess(root, posts)).removeprefix("./").strip("/")
    folder = "" if folder == "." else folder
    found = list(directory_data(root / folder, files))
    data = {place: values.get("permalink") for place, values in found}
    computed = {place: as_mapping(values.get("eleventyComputed")).get("permalink") for place, values in found}
    for place, value in [*data.items(), *computed.items()]:
        if as_text(value) and render_permalink(as_text(value), supplied(PurePosixPath("a"), "a"), SAMPLE) is None:
            files.warn(root / folder / place, f"its permalink {as_text(value)!r} needs the program of the site")
    return GeneratorConfig(Eleventy(folder, data, computed), base=prefix[1] if prefix else "")


def guess(root: Path, posts: Path) -> str:
    """The input folder, by the names that people give it."""
    steps = posts.relative_to(root).parts
    if steps:
        return steps[0] if steps[0] in USUAL_INPUTS else ""
    return ""


def directory_data(folder: Path, files: ConfigFiles) -> Iterator[tuple[str, Mapping[str, object]]]:
    """The data files that give permalinks, each with the place that it is for; the more telling names come last."""
    for count, (place, folders, names) in enumerate(os.walk(folder)):
        folders[:] = sorted(name for name in folders if name not in SKIPPED_FOLDERS and not name.startswith("."))
        if count >= MAX_DATA_FOLDERS:
            return
        steps = PurePosixPath(Path(place).relative_to(folder).as_posix())
        for name in sorted((name for name in names if name.endswith(".json")), key=lambda name: ".11tydata." in name):
            if data := data_in(Path(place, name)):
                files.files.append(Path(place, name))
                stem = name.removesuffix(".json").removesuffix(".11tydata")
                yield (f"{steps}/" if stem == Path(place).name else str(steps / stem)), data


def data_in(path: Path) -> Mapping[str, object]:
    """The data of a file that gives a permalink; none where it gives none or can't be read."""
    try:
        source = path.read_bytes() if path.stat().st_size < MAX_DATA_FILE_BYTES else b""
        return as_mapping(json.loads(source)) if b"permalink" in source else {}
    except (OSError, ValueError, RecursionError):
        return {}

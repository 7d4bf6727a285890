"""The pages that Eleventy builds, what their data files say for them, and their addresses.

The rules are those of https://www.11ty.dev/docs/permalinks/, https://www.11ty.dev/docs/data-cascade/,
https://www.11ty.dev/docs/ignores/ and https://www.11ty.dev/docs/data-eleventy-supplied/, as Eleventy 3 follows them.
Its configuration is a program, which is not run: the input folder, global data and the files to ignore are looked for
in its text, and filters that it defines are not known. Of data files that are programs the literals count.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from index.markup.dialect import Dialect
from index.posts.inheritance import Inherited
from index.posts.metadata import Metadata
from index.posts.visibility import may_hide
from index.sites.generators import Generator, GeneratorConfig, Place, Rules
from index.sites.generators.addresses import is_absolute, rooted, safe_link, without_index
from index.sites.generators.config import ConfigFiles
from index.sites.generators.eleventy_template import render_permalink
from index.sites.generators.globs import matching
from index.sites.generators.javascript import PROGRAM, read_object, without_comments
from index.sites.generators.paths import named_folder, path_and_folders, path_below, split_date
from index.sites.generators.values import as_mapping, as_text, lower_keys

__all__ = ["ELEVENTY", "Eleventy"]

INPUT = re.compile(r"""(?:\binput\s*:|setInputDirectory\()\s*["'`]([\w./-]+)["'`]""")
PATH_PREFIX = re.compile(r"""\bpathPrefix\s*:\s*["'`]([\w./-]+)["'`]""")
IGNORE = re.compile(r"""\bignores\.add\(\s*["'`]([^"'`$]+)["'`]\s*\)""")
NO_TEMPLATES = re.compile(r"\bmarkdownTemplateEngine\s*:\s*false\b")
NO_GITIGNORE = re.compile(r"\bsetUseGitIgnore\(\s*false\s*\)")
GLOBAL_DATA = re.compile(r"""\baddGlobalData\(\s*["'`](\w+)["'`]\s*,\s*(["'`])([^"'`$\\\n]*)\2\s*\)""")
STEM_BEHIND_SLASH = re.compile(r"\A/(?=\{\{-?\s*page\.filePathStem\b)")
"""A slash before a path that begins with one itself."""
USUAL_INPUTS = ("src", "content", "site", "source", "pages")
"""Names that people give the input folder."""
SKIPPED_FOLDERS = frozenset({"node_modules", "_site", "_includes", "_data"})
TEMPLATE_SUFFIXES = frozenset({".md", ".html"})
DATA_SUFFIXES = (".json", ".11tydata.json", ".11tydata.mjs", ".11tydata.cjs", ".11tydata.js")
"""Of data files; what a later one says counts more."""
DATA_KEYS = (
    "author", "date", "draft", "eleventyComputed", "eleventyExcludeFromCollections", "hidden", "lang", "layout",
    "noindex", "permalink", "private", "published", "robots", "search", "status", "tags", "title",
)  # fmt: skip
"""By which the data are told among the objects in a program."""
MAX_DATA_FOLDERS = 5000
MAX_IGNORE_LINES = 2000
"""Of a file of patterns, each of which is tried on each post."""
SAMPLE = Metadata(title="a", date=datetime(2013, 6, 19, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Eleventy(Rules):
    """The rules of one Eleventy site.

    `data` are the data files, the more telling last, by the place that they are for: a folder, with a final `/`, or a
    file without its suffix. `ignores` pairs the patterns of paths that are left out with where they stand.
    """

    input: str
    data: Mapping[str, tuple[Inherited, ...]] = field(default_factory=dict)
    ignores: tuple[tuple[str, str], ...] = ()

    def left_out(self, path: str) -> str | None:
        """The pattern that leaves the file, or a folder above it, out."""
        places = path_and_folders(path)
        found = (f"excluded by {source}: {pattern}" for pattern, source in self.ignores if matching([pattern], *places))
        return next(found, None)

    def inherited(self, path: str) -> Iterator[Inherited]:
        """The data files of the folders above, the nearest last, and those of the file."""
        if (inner := path_below(path, self.input)) is not None:
            pure = PurePosixPath(inner)
            places = [*(f"{folder}/" for folder in reversed(pure.parents)), str(pure.with_suffix(""))]
            for place in places:
                yield from self.data.get(place, ())

    def url(self, path: str, post: Metadata) -> str | None:
        """Where the page of the post lies; None where it says that it has none, or has a template of its own kind."""
        inner = path_below(path, self.input)
        pure = PurePosixPath(inner or "")
        if inner is None or pure.suffix not in TEMPLATE_SUFFIXES or SKIPPED_FOLDERS & set(pure.parts):
            return None
        # What is computed counts first.
        computed = as_mapping(post.raw.get("eleventycomputed")).get("permalink")
        value = post.raw.get("permalink") if computed is None else computed
        value = as_mapping(value).get("build", False) if isinstance(value, Mapping) and value else value
        if str(value).lower() == "false":
            return None
        template = STEM_BEHIND_SLASH.sub("", as_text(value))
        if link := safe_link(render_permalink(template, supplied(pure, path), post)):
            return without_index(link if is_absolute(link) else rooted(link))
        folders = [*pure.parent.parts]
        named = [] if pure.stem == "index" or folders[-1:] == [pure.stem] else [pure.stem]
        return "/".join(["", *folders, *named, ""])


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


def find_eleventy(place: Place, config: Path | None) -> GeneratorConfig:
    """What Eleventy's data files, and the text of its configuration, say."""
    root, files = place.root, place.files
    source = without_comments(files.text(config))
    named, prefix, steps = INPUT.search(source), PATH_PREFIX.search(source), place.posts.relative_to(root).parts
    folder = named_folder(named and named[1], steps[0] if steps and steps[0] in USUAL_INPUTS else "")
    data: dict[str, tuple[Inherited, ...]] = {}
    if config and (for_all := {key.lower(): value for key, _, value in GLOBAL_DATA.findall(source)}):
        data["./"] = (Inherited(config.name, for_all),)
    for page, (name, values) in directory_data(root / folder, files):
        data[page] = (*data.get(page, ()), Inherited(name, as_mapping(literals(values))))
        for given in (values, as_mapping(values.get("eleventycomputed"))):
            link = as_text(given.get("permalink"))
            if link and render_permalink(link, supplied(PurePosixPath("a"), "a"), SAMPLE) is None:
                files.warn(root / folder / name, f"its permalink {link!r} needs the program of the site")
            for key in (key for key, value in given.items() if value is PROGRAM and may_hide(f"{key}:")):
                files.warn(root / folder / name, f"its {key} needs the program of the site")
    ignores = [(pattern, config.name) for pattern in IGNORE.findall(source) if config]
    for inner in dict.fromkeys(("", folder)):
        lists = (".eleventyignore", *(() if inner or NO_GITIGNORE.search(source) else (".gitignore",)))
        ignores += [(f"{inner}/{line}", name) for name in lists for line in ignored_lines(root / inner, name, files)]
    rules = Eleventy(folder, data, tuple((posixpath.normpath(pattern).strip("/"), name) for pattern, name in ignores))
    dialect = Dialect(templates=() if NO_TEMPLATES.search(source) else ("tags", "outputs", "comments"))
    return GeneratorConfig(rules, base=prefix[1] if prefix else "", dialect=dialect)


def ignored_lines(folder: Path, name: str, files: ConfigFiles) -> Iterator[str]:
    """The patterns in a file of them; those that take files back in are not known."""
    path = files.first(folder, name)
    lines = [line.strip() for line in files.text(path).splitlines()]
    if path and len(lines) > MAX_IGNORE_LINES:
        files.warnings.append((path, f"only its first {MAX_IGNORE_LINES} lines count"))
    return (line.removeprefix("./") for line in lines[:MAX_IGNORE_LINES] if line[:1] not in {"", "#", "!"})


def directory_data(folder: Path, files: ConfigFiles) -> Iterator[tuple[str, Inherited]]:
    """The data files of folders and of templates, each with the place that it is for; the more telling come last."""
    for count, (place, folders, names) in enumerate(os.walk(folder)):
        folders[:] = sorted(name for name in folders if name not in SKIPPED_FOLDERS and not name.startswith("."))
        if count >= MAX_DATA_FOLDERS:
            return
        steps, held = PurePosixPath(Path(place).relative_to(folder).as_posix()), frozenset(names)
        for suffix in DATA_SUFFIXES:
            for name in sorted(name for name in names if name.endswith(suffix)):
                stem = name.removesuffix(suffix)
                of_folder = stem == Path(place).name
                if of_folder or not {f"{stem}{kind}" for kind in TEMPLATE_SUFFIXES}.isdisjoint(held):
                    path = Path(place, name)
                    read = files.mapping(path) if suffix.endswith("json") else read_object(files.text(path), *DATA_KEYS)
                    yield (
                        f"{steps}/" if of_folder else str(steps / stem),
                        Inherited(str(steps / name), as_mapping(lower_keys(read))),
                    )


def literals(value: object) -> object:
    """The value without what only the program would make."""
    if isinstance(value, Mapping):
        return {key: literals(item) for key, item in value.items() if item is not PROGRAM}
    return [literals(item) for item in value if item is not PROGRAM] if isinstance(value, list) else value


CONFIG_FILES = ("eleventy.config.js", "eleventy.config.mjs", "eleventy.config.cjs", ".eleventy.js")
ELEVENTY = Generator("eleventy", find_eleventy, CONFIG_FILES)

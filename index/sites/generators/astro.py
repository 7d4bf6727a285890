"""The pages that Astro and its Starlight build of Markdown, and their addresses, by the texts of the site's programs.

The rules are those of https://docs.astro.build/en/guides/content-collections/, of
https://docs.astro.build/en/guides/routing/ and of https://starlight.astro.build/reference/frontmatter/, as Astro 5
follows them (content/loaders/glob.ts, core/build/common.ts). No program is run: the configuration, the collections and
the pages with a parameter are read as text. A collection that exactly one such page shows has its addresses there; the
posts of another go by their paths.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from posixpath import normpath

from index.markup.anchors import github_slug
from index.markup.dialect import Dialect
from index.posts.metadata import Metadata
from index.sites.generators import Generator, GeneratorConfig, Place, Rules
from index.sites.generators.addresses import safe_link
from index.sites.generators.config import ConfigFiles
from index.sites.generators.globs import selected
from index.sites.generators.javascript import without_comments
from index.sites.generators.paths import marked_name, path_below, split_path
from index.sites.generators.plain import plain_path
from index.sites.generators.values import as_text

__all__ = ["ASTRO", "Astro", "Collection"]

SETTING = re.compile(r"""\b(base|srcDir|trailingSlash|format|defaultLocale)["']?\s*:\s*(["'`])([^"'`$\n]*)\2""")
ROOT_LANG = re.compile(r"""\broot["']?\s*:\s*\{[^{}]*?\blang["']?\s*:\s*(["'`])([^"'`$\n]*)\1""")
STARLIGHT = re.compile(r"\bstarlight\s*\(")

DEFINITION = re.compile(r"""(?<![\w$-])([\w$-]++)["'`]?\s*+[:=]\s*defineCollection\s*\(""")
ALIAS = re.compile(r"""(?<![\w$-])([\w$-]++)["'`]?\s*+:\s*([\w$]++)\s*(?=[,}])""")
LOADER = re.compile(r"\bloader\s*:\s*(\w+)")
GLOB_BASE = re.compile(r"""\bbase\s*:\s*(["'`])([^"'`$\n]*)\1""")
GLOB_PATTERNS = re.compile(r"""\bpattern\s*:\s*(\[[^\[\]]*(?:\[\^_\][^\[\]]*)*\]|["'`][^"'`\n]*["'`])""")
QUOTED_PATTERN = re.compile(r"""["'`]([^"'`\n]*)["'`]""")

PARAMETER = re.compile(r"\[(?:\.\.\.)?\w+\]")
NAMED = re.compile(r"""\bgetCollection\s*(?:<[^<>()]*>)?\(\s*["'`]([\w$-]+)["'`]""")
RENDERS = re.compile(r"\brender\s*\(|<Content\b")
MAX_FILES = 1000
"""Pages with a parameter that are read to see which collections they show, and files that a collection is known by."""

ENTRIES = frozenset({".md", ".mdx"})
"""The suffixes of posts that are entries of collections."""


@dataclass(frozen=True, slots=True)
class Collection:
    """The files of a collection: those below the folder `base` that a pattern of `include`, if there are any,
    matches and none of `exclude`.

    `route` is the path of the page that shows them, without suffix, `:id` for its parameter, "" where it can't be told.
    `hides` says what begins with `_` and is no entry: "files", "paths" (folders too) or "" (nothing).
    """

    name: str
    base: str
    route: str = ""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    hides: str = ""

    def entry(self, path: str) -> str | None:
        """The path of the file below the folder of the collection; None for what is none of its files."""
        inner = path_below(path, self.base)
        return inner if inner is not None and selected(inner, self.include, self.exclude) else None


@dataclass(frozen=True, slots=True)
class Astro(Rules):
    """The rules of one site; `format` and `slash` are its `build.format` and `trailingSlash`."""

    source: str = "src"
    collections: tuple[Collection, ...] = ()
    format: str = "directory"
    slash: str = "ignore"

    def left_out(self, path: str) -> str | None:
        """Whether the file, or a folder above it, has a name that makes it no page."""
        named = path_below(path, f"{self.source}/pages") or ""
        if collection := self.collection(path):
            named = (collection.entry(path) or "") if collection.hides else ""
            named = named.rpartition("/")[2] if collection.hides == "files" else named
        return marked_name(named, "astro")

    def collection(self, path: str) -> Collection | None:
        """The collection that the file is an entry of, the innermost if there are several."""
        found = [one for one in self.collections if one.entry(path) is not None]
        return max(found, key=lambda one: len(one.base), default=None)

    def url(self, path: str, post: Metadata) -> str | None:
        """Where the page of the file lies; its path where that can't be told, None for what is no entry."""
        page = path_below(path, f"{self.source}/pages")
        if page is not None:
            folder, stem, _ = split_path(page)
            index = stem == "index"
            return self.address(folder if index else f"{folder}/{stem}", index=index)
        collection = self.collection(path)
        entry = collection.entry(path) if collection else None
        if collection is None or entry is None:
            passed = any(one.base != "." and path_below(path, one.base) is not None for one in self.collections)
            return None if passed else plain_path(path)
        slug = safe_link(post.raw.get("slug")) if as_text(post.raw.get("slug")) else ""
        folder, stem, suffix = split_path(entry)
        if suffix not in ENTRIES:
            return None
        if not collection.route:
            return plain_path(path)
        steps = [step for step in folder.split("/") if step] + [stem]
        id = slug.strip("/") or "/".join(github_slug(step, marks=True) for step in steps)
        # The entry for the root of the site is its index.
        id = "" if id == "index" and collection.route == ":id" else id.removesuffix("/index")
        route = collection.route.removesuffix("/index")
        return self.address(route.replace(":id", id), index=route != collection.route)

    def address(self, place: str, *, index: bool = False) -> str:
        """The address of a page by its path; `index` says that it is that of its folder."""
        place = place.strip("/")
        if place and (self.format == "file" or (self.format == "preserve" and not index)):
            return f"/{place}.html"
        return f"/{place}{'' if self.slash == 'never' or not place else '/'}"


def find_astro(place: Place, path: Path | None) -> GeneratorConfig:
    """What the texts of Astro's configuration, of its collections and of its pages say."""
    root, files = place.root, place.files
    text = without_comments(files.text(path))
    settings = {name: value for name, _, value in reversed(SETTING.findall(text))}
    source = normpath(settings.get("srcDir", "src"))
    starlight = bool(STARLIGHT.search(text))
    routes = dict(shown_collections(root / source / "pages", files)) | ({"docs": ":id"} if starlight else {})

    collections = [
        replace(found, route="" if found.route else routes.get(found.name, ""))
        for found in read_collections(root, source, files)
    ]
    posts = place.posts.relative_to(root).as_posix()
    for one in collections:
        shared = path_below(f"{one.base}/", posts) is not None or path_below(f"{posts}/", one.base) is not None
        beneath = islice((root / one.base).rglob("*"), MAX_FILES) if shared and not one.route else ()
        if any(found.suffix in ENTRIES for found in beneath):
            said = f"which page of {source}/pages shows the collection {one.name!r} can't be told"
            files.warn(path or root, f"{said}, so that its posts go by their paths")

    locale, named = settings.get("defaultLocale", ""), ROOT_LANG.search(text)
    return GeneratorConfig(
        Astro(source, tuple(collections), settings.get("format", "directory"), settings.get("trailingSlash", "ignore")),
        base=settings.get("base", ""),
        lang=named[2] if named and locale in {"", "root"} else locale,
        dialect=Dialect(anchors="astro", templates=("directives",) if starlight else ()),
    )


def shown_collections(pages: Path, files: ConfigFiles) -> Iterator[tuple[str, str]]:
    """The collections that exactly one page with one parameter shows, with its path and `:id` for the parameter."""
    found: dict[str, list[tuple[str, bool]]] = {}
    paths = sorted(path for path in pages.rglob("*.astro") if "[" in str(path.relative_to(pages)))
    for path in paths[:MAX_FILES]:
        route = path.relative_to(pages).with_suffix("").as_posix()
        text = without_comments(files.text(path))
        if "paginate(" not in text and not any(step.startswith("_") for step in route.split("/")):
            for name in set(NAMED.findall(text)):
                found.setdefault(name, []).append((route, bool(RENDERS.search(text))))
    for name, routes in found.items():
        # Others list what has a tag, an author, …
        rendering = [route for route in routes if route[1]] if len(routes) > 1 else routes
        if len(rendering) == 1 and len(PARAMETER.findall(rendering[0][0])) == 1:
            yield name, PARAMETER.sub(":id", rendering[0][0])


def read_collections(root: Path, source: str, files: ConfigFiles) -> list[Collection]:
    """The collections that the text of the site's program defines, and else the folders of the usual place.

    The route of one that names its entries by a program of its own is that this can't be told: `generateId`.
    """
    suffixes = ("ts", "mts", "js", "mjs")
    names = (f"{name}.{suffix}" for name in ("content.config", "content/config") for suffix in suffixes)
    path, content = files.first(root / source, *names), root / source / "content"
    text = without_comments(files.text(path))
    aliases = {own: name for name, own in ALIAS.findall(text.partition("collections")[2])}
    _, *parts = DEFINITION.split(text)
    found = []
    for own, said in zip(parts[::2], parts[1::2], strict=True):
        name = str(aliases.get(own, own))
        usual, loader = f"{source}/content/{name}", LOADER.search(said)
        if not loader:
            found.append(Collection(name, usual, hides="paths"))
        elif loader[1] == "docsLoader":
            found.append(Collection(name, usual, hides="files"))
        elif loader[1] == "glob":
            base, written = GLOB_BASE.search(said), GLOB_PATTERNS.search(said)
            # `[^_]` stands for the beginning of a name.
            hides = "files" if written and "[^_]" in written[1] else ""
            patterns = [p.replace("[^_]", "") for p in (QUOTED_PATTERN.findall(written[1]) if written else ())]
            include = tuple(p.removeprefix("./") for p in patterns if not p.startswith("!"))
            exclude = tuple(p[1:].removeprefix("./") for p in patterns if p.startswith("!"))
            route = "generateId" if "generateId" in said else ""
            found.append(Collection(name, normpath(base[2]) if base else ".", route, include, exclude, hides))
    if not LOADER.search(text) and content.is_dir():
        folders = sorted(folder.name for folder in content.iterdir() if folder.is_dir() and folder.name[0] not in "_.")
        known = {one.name for one in found}
        found += [Collection(name, f"{source}/content/{name}", hides="paths") for name in folders if name not in known]
    return found


ASTRO = Generator("astro", find_astro, tuple(f"astro.config.{suffix}" for suffix in ("mjs", "js", "ts", "mts", "cjs")))

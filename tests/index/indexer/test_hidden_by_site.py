"""What a site's configuration, its folders and its plugins hide from readers is hidden from the search as well."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from index.indexer.folder import Folder
from index.indexer.post import read_post
from index.settings import Settings
from index.sites.site import Site
from tests.index.sites.folders import site_of, write

POST = "---\ntitle: x\ndate: 2020-01-01\n---\nseeds\n"


def written(root: Path, files: Mapping[str, str]) -> Site:
    """The site in a folder that holds the files; an empty post is one that hides nothing."""
    posts = {name: POST for name, text in files.items() if not text and name.endswith((".md", ".html"))}
    return site_of(write(root, {".git/HEAD": "", **files, **posts}))


def cascade(target: str) -> dict[str, str]:
    """A site of Hugo that hands `draft` down to a target."""
    header = f"---\ncascade:\n  _target: {target}\n  draft: true\n---\n"
    return {"hugo.toml": "", "content/_index.md": header, "content/en/a.md": "", "content/lab/hidden.md": ""}


def page_of_hugo(header: str) -> dict[str, str]:
    return {"hugo.toml": "", "content/hidden.md": f"---\n{header}\n---\nseeds", "content/a.md": ""}


def below(folder: str, *names: str) -> dict[str, str]:
    return {f"{folder}/{name}.md": "" for name in names}


MOUNTS = "[[module.mounts]]\nsource = 'content'\ntarget = 'content'\nfiles = ['! hidden/**', '**']\n"
LANGUAGES = "[languages.en]\n[languages.de]\n[[languages.de.cascade]]\ndraft = true\n"
DOCUSAURUS = "module.exports = { title: 'x', presets: [['classic', { blog: false, docs: { %s } }]] }"
VITEPRESS = "export default { srcExclude: [%s] }"

SITES = {
    "hugo cascade by several kinds": cascade("{kind: '{page,term}', path: /lab/**}"),
    "hugo cascade by a pattern of kinds": cascade("{kind: 'pa*', path: /lab/**}"),
    "hugo cascade by several languages": cascade("{lang: '{en,fr}', path: /lab/**}"),
    "hugo cascade by letters": cascade("{path: '/[l-m]ab/**'}"),
    "hugo cascade by other letters": cascade("{path: '/[!e]*/**'}"),
    "hugo cascade by nested choices": cascade("{path: '/{x,l{o,a}b}/**'}"),
    "hugo cascade by environments": cascade("{environment: '{staging,production}', path: /lab/**}"),
    "hugo cascade of a language": {"hugo.toml": LANGUAGES, **below("content", "a", "a.en", "hidden.de")},
    "hugo section in org": {
        "hugo.toml": "",
        "content/x/_index.org": "#+DRAFT: true",
        **below("content", "x/hidden", "a"),
    },
    "hugo page with an address only": page_of_hugo("build: {render: link}"),
    "hugo files of a mount": {"hugo.toml": MOUNTS, **below("content", "hidden/a", "a")},
    "hugo kinds": {"hugo.toml": "disableKinds = ['section']", **below("content", "hidden/_index", "_index", "a")},
    "jekyll exclude from the root": {"_config.yml": "exclude: [/hidden/]", **below("hidden", "a"), "a.md": ""},
    "jekyll exclude by letters": {"_config.yml": "exclude: ['hidde[m-n]']", **below("hidden", "a"), "a.md": ""},
    "jekyll build": {"_config.yml": "destination: ./hidden", "hidden/a.html": "", "a.md": ""},
    "jekyll source": {"_config.yml": "source: ./src/\nexclude: [hidden]", **below("src", "hidden/a", "a")},
    "eleventy data in javascript": {
        ".eleventy.js": "",
        "hidden/hidden.11tydata.js": "module.exports = { permalink: false, tags: [tag()], layout: `${a}` }",
        "x/hidden.11tydata.mjs": "export default { draft: true }",
        "y/y.11tydata.cjs": "module.exports = { layout: draft(), draft: isDraft() }",
        **dict.fromkeys(("hidden/a.md", "x/hidden.md", "y/a.md"), ""),
    },
    "eleventy collections": {
        ".eleventy.js": "",
        "hidden.md": "---\neleventyExcludeFromCollections: true\n---\nseeds",
        "a.md": "",
    },
    "docusaurus exclude and more": {
        "docusaurus.config.js": DOCUSAURUS % "exclude: [...x, '**/hidden/**']",
        **below("docs", "hidden/a", "_hidden", "a"),
    },
    "docusaurus exclude choices": {
        "docusaurus.config.js": DOCUSAURUS % "exclude: ['@(x|hidden)/**']",
        **below("docs", "hidden/a", "a"),
    },
    "docusaurus version": {
        "docusaurus.config.js": DOCUSAURUS % "versions: { hidden: { noIndex: true } }",
        "versions.json": '["2", "hidden"]',
        **below("versioned_docs", "version-2/a", "version-hidden/a"),
    },
    "vitepress exclude a folder": {".vitepress/config.js": VITEPRESS % "'hidden'", **below("hidden", "a"), "a.md": ""},
    "vitepress exclude choices": {
        ".vitepress/config.js": VITEPRESS % "'+(x|hidden)/**'",
        **below("hidden", "a"),
        "a.md": "",
    },
    "vitepress exclude all but": {
        ".vitepress/config.js": VITEPRESS % "'!(x)/*'",
        **below("hidden", "a"),
        **below("x", "a"),
    },
    "mkdocs meta": {
        "mkdocs.yml": "plugins: [meta]",
        "docs/x/.meta.yml": "search: {exclude: true}",
        **below("docs", "x/hidden", "a"),
    },
    "mkdocs exclude": {
        "mkdocs.yml": "plugins: [{exclude: {glob: [hidden/*], regex: ['.*\\.hidden']}}]",
        **below("docs", "hidden/a", "a.hidden", "a"),
    },
    "mkdocs exclude from search": {
        "mkdocs.yml": "plugins: [{exclude-search: {exclude: [hidden.md]}}]",
        **below("docs", "hidden", "a"),
    },
}
"""Sites in which those posts are hidden whose path says so."""


@pytest.mark.parametrize("name", SITES)
def test_what_a_site_hides_is_not_found(name: str, tmp_path: Path) -> None:
    site, folder = written(tmp_path, SITES[name]), Folder(Settings(posts=tmp_path))
    ids = [id for id in folder.scan().files if id != "content/_index.md"]

    hidden = [id for id in ids if not read_post(folder.path(id).read_bytes(), id, site).document]
    assert sorted(hidden) == sorted(id for id in ids if "hidden" in id)


PELICAN = {
    "DEFAULT_METADATA = dict(status='draft')": ["a", "x/a"],
    "DEFAULT_METADATA = {}\nDEFAULT_METADATA['status'] = 'draft'": ["a", "x/a"],
    "BASE = {'a': 'b'}\nDEFAULT_METADATA = {**BASE, 'status': 'draft'}": ["a", "x/a"],
    "BASE = {'a': 'b'}\nDEFAULT_METADATA = BASE | {'status': 'draft'}": ["a", "x/a"],
    "ARTICLE_EXCLUDES = ['y']\nARTICLE_EXCLUDES += ['x']": ["x/a"],
    "OTHERS = ['y']\nARTICLE_EXCLUDES = OTHERS + ['x']": ["x/a"],
    "ARTICLE_EXCLUDES = []\nARTICLE_EXCLUDES.append('x')": ["x/a"],
    "ARTICLE_EXCLUDES = []\nARTICLE_EXCLUDES.extend(['x', 'y'])": ["x/a"],
    "IGNORE_FILES = {'x'}": ["x/a"],
    "ARTICLE_EXCLUDES: list[str] = ['x']": ["x/a"],
    "ARTICLE_EXCLUDES = [join('x')]": [],
}
"""Settings of Pelican, and the articles that they hide."""


@pytest.mark.parametrize("settings", PELICAN)
def test_settings_of_pelican_are_put_together_as_python_does(settings: str, tmp_path: Path) -> None:
    article = "Title: x\nDate: 2020-01-01\n\nseeds\n"
    site = written(tmp_path, {"pelicanconf.py": settings, "a.md": article, "x/a.md": article})

    hidden = [id for id in ("a", "x/a") if not read_post(article.encode(), f"{id}.md", site).document]
    assert hidden == PELICAN[settings]
    assert ("needs the program of the site" in str(site.warnings)) == (not hidden)


@pytest.mark.parametrize("excluded", ["[...others, 'x/**']", "others", "[other()]"])
def test_what_only_the_program_of_vitepress_leaves_out_is_told(excluded: str, tmp_path: Path) -> None:
    site = written(tmp_path, {".vitepress/config.js": f"export default {{ srcExclude: {excluded} }}", "a.md": ""})

    assert "its srcExclude needs the program of the site" in str(site.warnings)

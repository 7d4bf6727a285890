"""The pages that Quartz makes of notes, and their addresses, by its configuration, which is not run.

The rules are those of https://quartz.jzhao.xyz/configuration, as Quartz 4 follows them; and Quartz 5, whose
configuration is in YAML, by the functions that it publishes as @quartz-community/utils. `permalink` and `aliases` make
pages that lead to the note's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from index.markup.dialect import Dialect
from index.posts.inheritance import Inherited
from index.posts.metadata import Metadata
from index.sites.generators import SITE_CONFIG, Generator, GeneratorConfig, Place, Rules
from index.sites.generators.globs import matching
from index.sites.generators.javascript import read_object, without_comments
from index.sites.generators.paths import path_and_folders, path_below
from index.sites.generators.values import as_mapping, as_text, as_text_list, is_true

__all__ = ["QUARTZ", "Quartz"]

CONTENT = "content"


@dataclass(frozen=True, slots=True)
class Quartz(Rules):
    """The rules of one site: the folder of its notes, patterns of paths there that are left out, and the release.

    With `explicit` there are pages only of notes that say `publish: true`.
    """

    content: str = CONTENT
    ignored: tuple[str, ...] = ()
    explicit: bool = False
    release: int = 4

    def left_out(self, path: str) -> str | None:
        """The pattern that leaves the note, or a folder above it, out."""
        pattern = matching(self.ignored, *path_and_folders(path_below(path, self.content) or ""))
        return f"excluded by ignorePatterns: {pattern}" if pattern else None

    def inherited(self, path: str) -> Iterator[Inherited]:  # noqa: ARG002 - the same for all
        """That a note is not public unless it says so, where the site has it so."""
        if self.explicit:
            yield Inherited(SITE_CONFIG, {"publish": "false"})

    def url(self, path: str, post: Metadata) -> str | None:
        """Where the page of the note lies; None for other files."""
        inner = path_below(path, self.content)
        if inner is None or not inner.endswith(".md"):
            return None
        if self.explicit and as_text(post.raw.get("publish")).lower() != "true":
            return None
        slug = re.sub(r"\s", "-", inner.removesuffix(".md")).replace("&", "-and-").replace("%", "-percent")
        slug = re.sub("[?#]", "", slug) if self.release == 4 else re.sub('[?#<>:"|*]', "", slug).lower()
        *folders, name = slug.split("/")
        folder_note = self.release > 4 and folders[-1:] == [name]
        return "/".join(("", *folders, "" if name in {"index", "_index"} or folder_note else name))


def find_quartz(place: Place, path: Path | None) -> GeneratorConfig:
    """What the configuration of Quartz says, in YAML or, before Quartz 5, in TypeScript."""
    files, steps = place.files, place.posts.relative_to(place.root).parts
    yaml = path is not None and path.suffix == ".yaml"
    source = "" if yaml else files.text(path)
    config = files.mapping(path) if yaml else read_object(source, "configuration", "plugins")
    site, plugins = as_mapping(config.get("configuration")), config.get("plugins")
    explicit = "ExplicitPublish(" in without_comments(source) or any(
        "explicit-publish" in str(plugin.get("source")) and is_true(plugin.get("enabled", True))
        for plugin in map(as_mapping, plugins if isinstance(plugins, list) else ())
    )
    base = as_text(site.get("baseUrl"))
    ignored = tuple(pattern.strip("/") for pattern in as_text_list(site.get("ignorePatterns")))
    content = CONTENT if steps[:1] in {(), (CONTENT,)} else "/".join(steps)
    return GeneratorConfig(
        Quartz(content, ignored, explicit, release=5 if yaml else 4),
        base=urlsplit(f"//{base.partition('//')[2] or base}").path,
        lang=as_text(site.get("locale")),
        dialect=Dialect(anchors="github", templates=(), notes="obsidian"),
    )


QUARTZ = Generator("quartz", find_quartz, ("quartz.config.yaml", "quartz.config.ts"), (CONTENT,))

"""The folders that make up the content of a Hugo site: https://gohugo.io/configuration/module/#mounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from index.sites.generators.globs import selected
from index.sites.generators.paths import named_folder, path_below
from index.sites.generators.values import as_mapping, as_text, as_text_list, lower_keys

__all__ = ["Mount", "read_mounts"]


@dataclass(frozen=True, slots=True)
class Mount:
    """A folder or file of the site, `source`, that Hugo sees at `target` in its content.

    `lang` is "" where that may be of any language. `include` and `exclude` are patterns of paths below the folder,
    in lower case.
    """

    source: str
    target: str = ""
    lang: str = ""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def content_path(self, path: str) -> str | None:
        """Where Hugo sees the file in its content, if it does."""
        inner = "" if path == self.source else path_below(path, self.source)
        found = inner is not None and selected(inner.lower(), self.include, self.exclude)
        return f"{self.target}/{inner}".strip("/") if found else None

    def folder(self, place: str) -> str | None:
        """The folder of the site that Hugo sees at a place in its content, if there may be one."""
        inner = "" if place == self.target else path_below(place, self.target)
        return None if inner is None else f"{self.source}/{inner}".strip("/")


def read_mounts(config: Mapping[str, object], languages: Mapping[str, Mapping[str, object]]) -> tuple[Mount, ...]:
    """The folders, the deepest first, by `module.mounts`, or else by the languages' and the site's `contentDir`."""
    listed, found = as_mapping(config.get("module")).get("mounts"), list[Mount]()
    for mount in (as_mapping(lower_keys(item)) for item in (listed if isinstance(listed, list) else [])):
        target = named_folder(mount.get("target"), "-")
        if target.split("/")[0] != "content":
            continue
        files = as_text_list(mount.get("files"))
        include = (*as_text_list(mount.get("includefiles")), *(one for one in files if one[0] != "!"))
        exclude = (*as_text_list(mount.get("excludefiles")), *(one[1:].strip() for one in files if one[0] == "!"))
        matrix = as_mapping(as_mapping(mount.get("sites")).get("matrix"))
        for lang in as_text_list(matrix.get("languages")) or (as_text(mount.get("lang")),):
            found.append(
                Mount(
                    source=named_folder(mount.get("source"), "-"),
                    target=target.removeprefix("content").strip("/"),
                    lang=lang.lower() if lang.isascii() and "*" not in lang else "",
                    include=tuple(pattern.strip("/").lower() for pattern in include),
                    exclude=tuple(pattern.strip("/").lower() for pattern in exclude),
                )
            )
    if not found:
        own = {code: as_text(options.get("contentdir")).strip("/") for code, options in languages.items()}
        found = [Mount(folder, lang=code) for code, folder in own.items() if folder]
        if not own or not all(own.values()):
            found.append(Mount(named_folder(config.get("contentdir"), "content")))
    return tuple(sorted(found, key=lambda mount: -len(mount.source)))

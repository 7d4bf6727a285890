"""The pages that stand for folders, such as Hugo's and Zola's `_index.md`, and what they say for the pages below."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from index.errors import PostError
from index.posts.header import read_file
from index.posts.inheritance import Inherited
from index.sites.generators.config import is_file
from index.sites.generators.globs import glob
from index.sites.generators.values import as_mapping, as_text, lower_keys

__all__ = ["Cascade", "read_cascades", "section_header"]


def section_header(root: Path, folder: str, names: Iterable[str]) -> Inherited | None:
    """The header of the first file of these names in a folder, a path below `root` or ""; a pipe says nothing.

    Raises `PostError` where such a file can't be read.
    """
    for name in names:
        id = f"{folder}/{name}".lstrip("/")
        try:
            if is_file(root / id):
                return Inherited(id, read_file(root / id).metadata)
        except (OSError, PostError) as error:
            reason = error.strerror if isinstance(error, OSError) else error.message
            raise PostError(f"what {id} says for all posts below it can't be read: {reason}; mend that file") from error
    return None


@dataclass(frozen=True, slots=True)
class Cascade:
    """Keys and values that Hugo hands down, to pages whose path, kind and language match the patterns that are not "".

    The rules are those of https://gohugo.io/configuration/cascade/.
    """

    fields: Mapping[str, object]
    path: str = ""
    kind: str = ""
    lang: str = ""

    def reaches(self, path: str, kind: str, lang: str) -> bool:
        """Whether they count for the page at a path such as `/blog/a-post`, in lower case."""
        given = (self.path, path), (self.kind, kind), (self.lang, lang)
        return all(not pattern or glob(pattern).fullmatch(value) for pattern, value in given)


def read_cascades(value: object) -> Iterator[Cascade]:
    """The cascades that stand below the key `cascade`, in a header or in the configuration."""
    for item in value if isinstance(value, list) else [value]:
        fields = as_mapping(item)
        named = {key.lower().lstrip("_"): key for key in fields}
        target = as_mapping(lower_keys(fields.get(named.get("target", ""))))
        if (environment := as_text(target.get("environment"))) and not glob(environment).fullmatch("production"):
            continue
        yield Cascade(
            fields={key: value for key, value in fields.items() if key != named.get("target")},
            path=as_text(target.get("path")).lower(),
            kind=as_text(target.get("kind")).lower(),
            lang=as_text(target.get("lang")).lower(),
        )

"""Writes docs/configuration.md from `index.settings.Settings`; `make docs` runs it, and a test compares the two.

The page is made from the class alone, so that an option is described in one place.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

from index.settings import PREFIX, SECRETS, Settings

__all__ = ["configuration"]

PAGE = Path(__file__).with_name("configuration.md")

INTRODUCTION = """\
# Configuration

<!-- Made by `make docs` from index/settings.py: change it there. -->

Nothing has to be configured. Every option can be given in four places; where it is given more than once, the first of
these counts:

1. a flag of the command line: `postsearch serve path/to/posts --per-page 20`
2. the environment: `POSTSEARCH_PER_PAGE=20`
3. `postsearch.toml` in the working directory: `per_page = 20`
4. the default

In a Flask application that embeds postsearch, the key `POSTSEARCH_PER_PAGE` of `app.config` takes the place of the
flag. What concerns the reading of posts (`base_url`, `url_pattern`, `generator`, `lang`, `timezone`, `exclude`,
`max_file_size`) counts where posts are read: give it to `postsearch watch` and `postsearch reindex` too, best in
`postsearch.toml` or the environment, which all of them share. Relative paths are relative to the working directory.

In the environment a yes-or-no option is `true` or `false` (also `yes`, `no`, `on`, `off`, `1`, `0`), and a list has
commas between its items. A flag for a list is given once for each item. In `postsearch.toml` and in Flask's
configuration values may also be of their own type:

```toml
posts = "content/posts"
per_page = 20
watch = false
exclude = ["archive/*", "*.private.md"]
```

A key of `postsearch.toml` that is no option, and a value that can't be used, are errors that name it and the file.
"""

ENVIRONMENT = """\
## Secrets

These are told in the environment alone, where no file, no list of processes and no log shows them.

| Environment | What it is |
|---|---|
"""

GROUPS = {
    "Where things lie": ("posts", "folders", "index", "engine"),
    "A cluster of OpenSearch": (
        "opensearch_url",
        "opensearch_index",
        "opensearch_shards",
        "opensearch_replicas",
        "opensearch_timeout",
    ),
    "Serving": ("host", "port", "watch", "url_prefix", "site_name", "cors_origins", "metrics", "mcp"),
    "Posts and their addresses": (
        "base_url",
        "url_pattern",
        "generator",
        "lang",
        "timezone",
        "exclude",
        "max_file_size",
    ),
    "Searching": ("per_page", "max_per_page", "facet_size"),
    "Indexing and watching": (),
}
"""Headings and their options; the last one takes all that no other names, so that a new option is never lost."""

KINDS = {"bool": "yes or no", "int": "whole number", "float": "number", "str": "text", "Path": "folder"}


def configuration() -> str:
    """The whole page."""
    secrets = "".join(f"| `{name}` | {what} |\n" for name, what in SECRETS.items())
    return "\n".join([INTRODUCTION, *(section(title, options) for title, options in grouped()), ENVIRONMENT + secrets])


def grouped() -> Iterable[tuple[str, list[Field[Any]]]]:
    placed = {name for names in GROUPS.values() for name in names}
    for title, names in GROUPS.items():
        yield title, [f for f in fields(Settings) if f.name in names or (not names and f.name not in placed)]


def section(title: str, options: list[Field[Any]]) -> str:
    columns = ("Option", "Kind", "Default", "Flag", "Environment and Flask", "What it is")
    head = f"## {title}\n\n| {' | '.join(columns)} |\n{'|---' * len(columns)}|\n"
    return head + "".join(map(row, options))


def row(option: Field[Any]) -> str:
    kind = "table" if option.name == "folders" else KINDS.get(str(option.type), "list of texts")
    cells = [
        f"`{option.name}`",
        kind,
        default(option.default),
        flag(option),
        f"`{PREFIX}{option.name.upper()}`",
        option.metadata["doc"],
    ]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def flag(option: Field[Any]) -> str:
    """The flag of the command line; the posts are arguments."""
    if option.name in {"posts", "folders"}:
        return "the argument" if option.name == "posts" else "the arguments"
    name = option.name.replace("_", "-")
    return f"`--{name}`, `--no-{name}`" if isinstance(option.default, bool) else f"`--{name}`"


def default(value: object) -> str:
    """The default as it would stand in `postsearch.toml`, without quotation marks."""
    if isinstance(value, bool):
        return "`true`" if value else "`false`"
    return f"`{value}`" if value not in ("", ()) else "empty"


if __name__ == "__main__":
    PAGE.write_text(configuration(), "utf-8")

"""Command-line options made of `Settings`, each with the sentence that describes it there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import MISSING, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from index.indexer.ledger import load
from index.log import escaped
from index.settings import GENERATORS, KINDS, PREFIX, Settings
from search.query import SORTS

__all__ = [
    "ENGINE_OPTIONS",
    "POST_OPTIONS",
    "WRITE_OPTIONS",
    "QueryCommand",
    "completed_by",
    "of_indexed_posts",
    "paths",
    "posts_argument",
    "settings_options",
    "sort_option",
    "typos_option",
]

ENGINE_OPTIONS = ("index", "engine", "opensearch_url", "opensearch_index", "opensearch_timeout")
"""The settings that every command takes that opens an index."""

POST_OPTIONS = ("base_url", "url_pattern", "generator", "lang", "timezone", "exclude", "max_file_size")
"""The settings that every command that reads posts takes."""

WRITE_OPTIONS = (
    *ENGINE_OPTIONS, "opensearch_shards", "opensearch_replicas", *POST_OPTIONS, "meaning", "workers", "lock_timeout",
)  # fmt: skip
"""The settings that every command that writes an index takes."""

METAVARS = {str: "TEXT", int: "NUMBER", float: "NUMBER", Path: "PATH"}

LINK = re.compile(r"\[([^]]*)\]\([^)]*\)")
"""What leads to a page of the docs."""

Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]
Function = TypeVar("Function", bound=Callable[..., Any])


def completed_by(words: Callable[[click.Context], Iterable[str]]) -> Complete:
    """What has a shell complete one of these words."""
    return lambda context, _parameter, typed: [CompletionItem(w) for w in words(context) if w.startswith(typed)]


def paths(context: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Has a shell complete the path of a folder, or of a file where it may be one."""
    kind = "file" if (context.info_name, parameter.name) == ("check", "posts") else "dir"
    return [CompletionItem(typed, type=kind)]


COMPLETED = {
    "index": paths,
    "engine": completed_by(lambda _context: ("whoosh", "opensearch")),
    "generator": completed_by(lambda _context: GENERATORS),
}
"""How a shell completes the values of settings."""


class QueryCommand(click.Command):
    """A command that takes words of a query, and tells of those before `--` that may have been meant as flags."""

    ignore_unknown_options = True  # `-word` leaves posts out

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        typed = args[: args.index("--")] if "--" in args else args
        words = [word for word in typed if word.startswith("--")]
        rest = super().parse_args(ctx, args)
        flags = [flag for one in self.get_params(ctx) for flag in (*one.opts, *one.secondary_opts) if flag[:2] == "--"]
        for word in words:
            if word in (ctx.params.get("words") or ()):
                near = get_close_matches(word.partition("=")[0], flags, n=1)
                hint = f"; did you mean {near[0]}?" if near else ""
                click.echo(escaped(f"Note: {word} is no flag, and was searched for{hint}"), err=True)
        return rest


def settings_options(*names: str) -> Callable[[Function], Function]:
    """A decorator of click commands: options for these settings, whose values are None where they are not given."""
    described = {field.name: field for field in fields(Settings)}

    def decorate(function: Function) -> Function:
        for name in reversed(names):
            field = described[name]
            flag = "--" + name.replace("_", "-")
            default = "" if field.default in (MISSING, "", ()) else f"; default: {field.default}"
            text = LINK.sub(r"\1", field.metadata["doc"]) + f" [env var: {PREFIX}{name.upper()}{default}]"
            if KINDS[name] is bool:
                option = click.option(f"{flag}/--no-{flag[2:]}", name, default=None, help=text)
            elif KINDS[name] == tuple[str, ...]:
                text = text.replace(" [", " Can be given several times. [")
                option = click.option(flag, name, metavar="TEXT", multiple=True, callback=none_if_empty, help=text)
            else:
                metavar, complete = METAVARS[KINDS[name]], COMPLETED.get(name)
                option = click.option(flag, name, metavar=metavar, shell_complete=complete, help=text)
            function = option(function)
        return function

    return decorate


def none_if_empty(_context: click.Context, _parameter: click.Parameter, value: tuple[str, ...]) -> object:
    return value or None


def sort_option(function: Function) -> Function:
    """A decorator of click commands: in which order hits come."""
    text, complete = f"The order of the hits. [default: {SORTS[0]}]", completed_by(lambda _context: SORTS)
    name = "|".join(SORTS)
    return click.option("--sort", metavar=name, default=SORTS[0], shell_complete=complete, help=text)(function)


def typos_option(function: Function) -> Function:
    """A decorator of click commands: whether misspelt words are mended."""
    return click.option("--typos/--no-typos", default=True, help="Mend misspelt words. [default: typos]")(function)


def posts_argument(function: Function) -> Function:
    """A decorator of click commands: the folder of posts, or several by name, where they are not those of the
    settings."""
    return click.argument("posts", nargs=-1, callback=one_or_several, shell_complete=paths)(function)


def one_or_several(_context: click.Context, _parameter: click.Parameter, value: tuple[str, ...]) -> object:
    return value if len(value) > 1 else next(iter(value), None)


def of_indexed_posts(settings: Settings) -> Settings:
    """The settings, with the folder that the index was made of: the synonyms lie there."""
    return settings.with_origin(load(settings.index, []).basis.posts)

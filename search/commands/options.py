"""Command-line options made of `Settings`, each with the sentence that describes it there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, fields, replace
from pathlib import Path
from typing import Any, TypeVar

import click

from index.indexer.ledger import load
from index.settings import KINDS, PREFIX, Settings

__all__ = ["POST_OPTIONS", "WRITE_OPTIONS", "of_indexed_posts", "posts_argument", "settings_options", "typos_option"]

POST_OPTIONS = ("base_url", "url_pattern", "generator", "lang", "timezone", "exclude", "max_file_size")
"""The settings that every command that reads posts takes."""

WRITE_OPTIONS = ("index", *POST_OPTIONS, "engine", "meaning", "workers", "lock_timeout")
"""The settings that every command that writes an index takes."""

METAVARS = {str: "TEXT", int: "NUMBER", float: "NUMBER", Path: "PATH"}

Function = TypeVar("Function", bound=Callable[..., Any])


def settings_options(*names: str) -> Callable[[Function], Function]:
    """A decorator of click commands: options for these settings, whose values are None where they are not given."""
    described = {field.name: field for field in fields(Settings)}

    def decorate(function: Function) -> Function:
        for name in reversed(names):
            field = described[name]
            flag = "--" + name.replace("_", "-")
            default = "" if field.default in (MISSING, "", ()) else f"; default: {field.default}"
            text = f"{field.metadata['doc']} [env var: {PREFIX}{name.upper()}{default}]"
            if KINDS[name] is bool:
                option = click.option(f"{flag}/--no-{flag[2:]}", name, default=None, help=text)
            elif KINDS[name] == tuple[str, ...]:
                text = text.replace(" [", " Can be given several times. [")
                option = click.option(flag, name, metavar="TEXT", multiple=True, callback=none_if_empty, help=text)
            else:
                option = click.option(flag, name, metavar=METAVARS[KINDS[name]], help=text)
            function = option(function)
        return function

    return decorate


def none_if_empty(_context: click.Context, _parameter: click.Parameter, value: tuple[str, ...]) -> object:
    return value or None


def typos_option(function: Function) -> Function:
    """A decorator of click commands: whether misspelt words are mended."""
    return click.option("--typos/--no-typos", default=True, help="Mend misspelt words. [default: typos]")(function)


def posts_argument(function: Function) -> Function:
    """A decorator of click commands: the folder of posts, where it is not the one of the settings."""
    return click.argument("posts", required=False)(function)


def of_indexed_posts(settings: Settings) -> Settings:
    """The settings, with the folder that the index was made of: the synonyms lie there."""
    return replace(settings, posts=Path(load(settings.index, []).basis.posts or settings.posts))

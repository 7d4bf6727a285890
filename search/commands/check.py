"""`postsearch check`: what is wrong with the posts, and with what they are found by."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from typing import Any

import click

from index.curation import SearchTest
from index.errors import IndexFault, IndexMissing, SettingsError
from index.indexer.report import Problem
from index.indexer.status import check, take_file
from index.log import counted, escaped
from index.settings import Settings, load_settings
from search.commands.exit_codes import FINDINGS
from search.commands.foreground import ProgressBar
from search.commands.options import ENGINE_OPTIONS, POST_OPTIONS, paths, posts_argument, settings_options
from search.commands.reports import github_line, problem_line
from search.commands.search_tests import change_lines, page_changes, run_search_tests

__all__ = ["check_command"]


@click.command("check", short_help="Tell what is wrong with the posts.")
@posts_argument
@click.option(
    "--compare",
    "old",
    metavar="INDEX",
    shell_complete=paths,
    help="Tell instead how the first pages of the search tests differ from those of the index in another folder.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the findings as a JSON list.")
@click.option(
    "--format",
    "line_format",
    type=click.Choice(["text", "github"]),
    default="text",
    show_default=True,
    help="How each finding is told: for people, or as an annotation in a workflow on GitHub.",
)
@click.option("--quiet", is_flag=True, help="Print nothing; the exit code tells.")
@settings_options(*ENGINE_OPTIONS, *POST_OPTIONS)
def check_command(old: str | None, as_json: bool, line_format: str, quiet: bool, **flags: Any) -> None:
    """Tell what is wrong with the posts in the folder POSTS, as file:line:column; exits with 1 on findings.

    Without POSTS it is the folder of the setting `posts`; of a file it tells by which rules that is taken, in which
    language and to which address, or what leaves it out. Findings include posts that share an address, and what can't
    be used of the site's configuration and of `synonyms.yml` and `pins.yml`; and, where there is an index, search
    tests that fail.
    """
    settings = load_settings(flags)
    told = github_line if line_format == "github" else problem_line
    tell_file(settings, load_settings(flags | {"posts": None}), told, as_json=as_json, quiet=quiet)
    with ProgressBar(quiet=quiet or as_json) as bar:
        checked = check(settings, progress=bar)
    problems, figures, fault = list(checked.problems), "", None
    if old is not None:
        compare(settings, old, checked.search_tests, as_json=as_json, quiet=quiet)
        return
    if checked.search_tests:
        # What is wrong with the files beside the posts is among the problems already.
        logging.getLogger("search.curation").setLevel(logging.ERROR)
        try:
            failures, figures = run_search_tests(settings, checked.search_tests)
            problems += failures
        except IndexMissing as missing:
            figures = f"Search tests were not run: {missing}."
        except IndexFault as error:
            fault = error
    if as_json:
        click.echo(json.dumps([asdict(problem) for problem in problems], ensure_ascii=False))
    elif not quiet:
        for problem in problems:
            click.echo(told(replace(problem, path=settings.path_of(problem.path))))
        for line in filter(None, [figures, f"{counted(len(problems), 'finding')}."]):
            click.echo(line, err=True)
    if fault:
        raise fault
    raise SystemExit(FINDINGS if problems else 0)


def tell_file(
    settings: Settings, usual: Settings, line: Callable[[Problem], str], *, as_json: bool, quiet: bool
) -> None:
    """Where the posts of the settings are one file, tell how that is taken, in a folder of the `usual` settings if it
    lies there, and exit.
    """
    if not settings.posts.exists() and settings.posts.suffix:
        raise SettingsError(f"there is no file {settings.posts}; give the path of one, from here or from the root")
    if not settings.posts.is_file():
        return
    file = settings.posts.absolute()
    own = [part for part in usual.parts.values() if file.is_relative_to(part.posts.absolute())]
    settings = own[0] if own else replace(settings, posts=file.parent)
    folder = settings.posts.absolute()
    taken = take_file(settings, file.relative_to(folder).as_posix())
    if as_json:
        click.echo(json.dumps(asdict(taken), ensure_ascii=False))
    elif not quiet:
        rules = f"{taken.generator} ({', '.join(taken.configuration) or 'no configuration'})"
        language = taken.language and f"{taken.language} ({taken.language_told_by})"
        told = {"Generator": rules, "Language": language, "Address": taken.address, "Left out": taken.left_out}
        for name, value in told.items():
            if value:
                click.echo(escaped(f"{name:10} {value}"))
        for problem in taken.problems:
            click.echo(line(replace(problem, path=f"{folder}/{problem.path}")))
    raise SystemExit(FINDINGS if taken.left_out or taken.problems else 0)


def compare(settings: Settings, old: str, tests: Iterable[SearchTest], *, as_json: bool, quiet: bool) -> None:
    """Tell how the first pages of the queries of search tests differ from those of the index in the folder `old`."""
    queries = list(dict.fromkeys(test.query for test in tests))
    changes = list(page_changes(settings, old, queries))
    if as_json:
        click.echo(json.dumps([asdict(change) for change in changes], ensure_ascii=False))
    elif not quiet:
        for line in (line for change in changes for line in change_lines(change)):
            click.echo(escaped(line))
        click.echo(f"The first page of {len(changes)} of {len(queries)} tested queries differs.", err=True)

"""`postsearch search`: find posts from a terminal."""

from __future__ import annotations

import html
import json
import re
import shutil
from contextlib import suppress
from typing import Any

import click

from index.errors import PostSearchError
from index.log import counted, escaped
from index.settings import load_settings
from search.commands.exit_codes import FINDINGS
from search.commands.options import (
    ENGINE_OPTIONS,
    QueryCommand,
    completed_by,
    of_indexed_posts,
    settings_options,
    sort_option,
    typos_option,
)
from search.query import ALSO_MEANT, Sort
from search.results import Hit, Results
from search.service import Search

__all__ = ["results_lines", "search_command"]

MAX_COLUMNS = 100
"""The widest that a snippet is shown, on however wide a terminal."""

MARKED_TEXT = re.compile("<mark>(.*?)</mark>")


def folder_names(context: click.Context) -> list[str]:
    """The names of the folders of posts that a shell may complete."""
    with suppress(PostSearchError):
        settings = of_indexed_posts(load_settings({"index": context.params.get("index")}))
        return [folder.name for folder in settings.folders]
    return []


@click.command("search", cls=QueryCommand, short_help="Find posts.")
@click.argument("words", nargs=-1, required=True)
@click.option("--page", type=int, default=1, help="Which page of hits. [default: 1]")
@sort_option
@click.option(
    "--site",
    multiple=True,
    shell_complete=completed_by(folder_names),
    help="Only posts of this folder, of several. Can be given several times.",
)
@typos_option
@click.option("--json", "as_json", is_flag=True, help="Print what the endpoint `/search/hits` returns.")
@settings_options(*ENGINE_OPTIONS, "meaning", "per_page")
def search_command(
    words: tuple[str, ...], page: int, sort: Sort, site: tuple[str, ...], typos: bool, as_json: bool, **flags: Any
) -> None:
    """Find posts; several WORDS are one query, in which `-word` leaves posts out. Exits with 1 without a hit."""
    settings = of_indexed_posts(load_settings(flags))
    names = [folder.name for folder in settings.folders]
    if names and (unknown := [name for name in site if name not in names]):
        raise click.UsageError(f"--site: there is no folder {unknown[0]}; these are: {', '.join(names)}")
    results = Search(settings).run(" ".join(words), site=site, sort=sort, page=page, prefix=False, typos=typos)
    if as_json:
        click.echo(json.dumps(results.to_dict(), ensure_ascii=False))
    else:
        click.echo("\n".join(results_lines(results)))
    raise SystemExit(0 if results.hits else FINDINGS)


def results_lines(results: Results) -> list[str]:
    lines = [f"Note: {warning}" for warning in results.warnings]
    readings = [other for other in results.instead if other.total is None and other.notice != ALSO_MEANT]
    lines += [escaped(f"Note: {other.reason}: {other.query}") for other in readings]
    if results.corrected:
        meant = [f", {other.reason} {other.query!r}" for other in results.instead if other.notice == ALSO_MEANT]
        shown = "".join([f"Showing results for {results.corrected!r}", *meant])
        lines += [f"{shown}. Add --no-typos to search for {results.query!r} instead."]
    if results.total and not results.hits:
        return [*lines, f"There is no page {results.page}; the last one is page {results.pages}."]
    for hit in results.hits:
        lines += [*hit_lines(hit), ""]
    page = f", page {results.page} of {results.pages}" if results.pages > 1 else ""
    if results.hits:
        lines += [f"{counted(results.total, 'post')}{page} ({results.processing_ms:.0f} ms)"]
    else:
        lines += [f"No posts for {results.query!r}."]
    ways_on = [(other, counted(other.total, "post")) for other in results.instead if other.total is not None]
    if ways_on:
        lines += ["", f"These searches find {'more' if results.hits else 'posts'}:"]
        lines += [escaped(f"{posts:>11}  {other.query}  ({other.reason})") for other, posts in ways_on]
    related = [line for hit in results.related for line in (*hit_lines(hit), "")]
    return [*lines, "", "Related by meaning:", "", *related[:-1]] if related else lines


def hit_lines(hit: Hit) -> list[str]:
    about = " · ".join(
        filter(None, ["pinned" if hit.pinned else "", hit.site, hit.date, ", ".join(hit.author), ", ".join(hit.tags)])
    )
    lines = [click.style(escaped(hit.title), bold=True), escaped(f"  {hit.url}  {about}")]
    width = min(shutil.get_terminal_size().columns, MAX_COLUMNS)
    return [*lines, click.wrap_text(marked(hit.snippet), width, "  ", "  ")] if hit.snippet else lines


def marked(text: str) -> str:
    """Our HTML (nothing but `<mark>`) for a terminal."""
    return html.unescape(MARKED_TEXT.sub(lambda found: click.style(found[1], fg="yellow", bold=True), text))

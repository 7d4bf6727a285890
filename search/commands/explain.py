"""`postsearch explain`: why a post stands where it does among the hits of a query, or why it is not among them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import click

from index.indexer.ledger import load
from index.indexer.report import failed_posts
from index.indexer.status import why_absent
from index.log import counted, escaped
from index.settings import load_settings
from search.commands.exit_codes import FINDINGS
from search.commands.options import (
    ENGINE_OPTIONS,
    QueryCommand,
    of_indexed_posts,
    settings_options,
    sort_option,
    typos_option,
)
from search.commands.reports import failed_line
from search.matches import Explanation, ScoreParts
from search.query import Sort
from search.service import Search

__all__ = ["explain_command"]


@click.command("explain", cls=QueryCommand, short_help="Tell why a post is a hit or not.")
@click.argument("words", nargs=-1, required=True)
@click.option(
    "--post", "id", metavar="ID", required=True, help="The path of the post below the posts folder, or of its address."
)
@sort_option
@typos_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@settings_options(*ENGINE_OPTIONS, "meaning")
def explain_command(words: tuple[str, ...], id: str, sort: Sort, typos: bool, as_json: bool, **flags: Any) -> None:
    """Tell why a post stands where it does among the hits for WORDS, or why it is none; exits with 1 in that case."""
    settings = of_indexed_posts(load_settings(flags))
    explanation = Search(settings).explain(" ".join(words), id, sort=sort, prefix=False, typos=typos)
    failed = failed_posts(load(settings.index, [explanation.id]).entries)
    if not explanation.document:
        explanation = replace(explanation, missing=(why_absent(settings, explanation.id),))
    if as_json:
        click.echo(json.dumps(explanation.to_dict(), ensure_ascii=False))
    else:
        notes = [*explanation.warnings, *(failed_line(one) for one in failed if explanation.document)]
        if explanation.corrected:
            typed = f"add --no-typos to explain {explanation.query!r}"
            notes.insert(0, f"explained is {explanation.corrected!r}; {typed} instead")
        for line in [*(f"Note: {note}" for note in notes), *explanation_lines(explanation)]:
            click.echo(escaped(line))
    raise SystemExit(FINDINGS if explanation.rank is None else 0)


def explanation_lines(explanation: Explanation) -> list[str]:
    lines = [f"Query    {explanation.parsed or 'all posts'}"]
    if post := explanation.document:
        lines += [f"Post     {post.title}", f"         {post.url}  ({post.lang})"]
    if explanation.parts and explanation.rank:
        lines += [f"Rank     {explanation.rank} of {counted(explanation.total, 'post')}"]
        lines += ["         it is pinned to this query"] if explanation.parts.pinned else []
        lines += ["         the query is its whole title"] if explanation.parts.titled else []
        lines += ["         it holds the words in a row as typed"] if explanation.parts.in_row else []
    else:
        lines += [f"{'' if place else 'Missing':<9}{reason}" for place, reason in enumerate(explanation.missing)]
    if explanation.parts and explanation.parts.clauses:
        lines += ["", *clause_lines(explanation.parts)]
    if explanation.parts and explanation.parts.clauses and explanation.rank:
        (words, score), *factors = explanation.parts.factors.items()
        lines += ["", f"  {words:<9}  {score:6.2f}"]
        lines += [f"× {name.replace('_', ' '):<9}  {factor:6.2f}" for name, factor in factors]
        lines += [f"= {'score':<9}  {explanation.parts.score:6.2f}"]
    return lines


def clause_lines(parts: ScoreParts) -> list[str]:
    """A table of what the words and phrases of the query are worth."""
    rows = [("word", "idf", "score", "found in")]
    rows += [(one.clause, f"{one.idf:.2f}", f"{one.score:.2f}", ", ".join(one.fields)) for one in parts.clauses]
    width = max(len(word) for word, *_ in rows)
    return [f"{word:<{width}}  {idf:>5}  {score:>6}  {found}".rstrip() for word, idf, score, found in rows]

"""Which words of a query are to be marked: clauses go in, words and phrases come out."""

from __future__ import annotations

from collections.abc import Iterable

from search.query import AnyOf, Clause, Phrase, Word

__all__ = ["wanted"]


def wanted(clauses: Iterable[Clause]) -> list[Word | Phrase]:
    """What to mark: all options of all clauses, but weak words only where they may go on or there is nothing else."""
    options = [o for clause in clauses for o in (clause.options if isinstance(clause, AnyOf) else (clause,))]
    return [option for option in options if not option.weak or goes_on(option)] or options


def goes_on(option: Word | Phrase) -> bool:
    return isinstance(option, Word) and option.prefix

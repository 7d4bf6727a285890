"""How a generator reads the body of a post, where generators differ."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PLAIN", "Dialect"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """`anchors` names the rule in `anchors.py` by which headings in Markdown get theirs; "" gives them none.

    `notes` names the program in `notes.py` for whose notes posts are written, if any.
    """

    anchors: str = ""
    notes: str = ""


PLAIN = Dialect()
"""Markdown as no generator in particular reads it."""

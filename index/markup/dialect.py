"""How a generator reads the body of a post, where generators differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

__all__ = ["PLAIN", "Dialect", "Template"]

Template = Literal[
    "tags",  # {% tag %}: Liquid, Nunjucks, Tera
    "outputs",  # {{ output }}: those, Vue and KumaScript
    "comments",  # {# comment #}: Nunjucks, Tera
    "helpers",  # {{#include file}}: mdBook
    "shortcodes",  # {{< name >}} and {{% name %}}: Hugo
    "wordpress",  # [name key="value"]: WordPress
    "attributes",  # {: .class}: kramdown, Python-Markdown
    "directives",  # ::: name: Docusaurus, VitePress, Microsoft's documentation
    "docfx",  # [!INCLUDE [title](file)]: Microsoft's documentation
    "readmore",  # READMORE on a line of its own: Middleman
    "components",  # <Tabs>, and lines that import and export: MDX, Vue
    "mdx",  # All Markdown is MDX, with {expressions}; that of `.mdx` files is so in each dialect.
]
"""The kinds of template syntax that the body of a post may hold."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a generator reads bodies.

    `anchors` names the rule in `anchors.py` by which headings in Markdown get theirs; "" gives them none. `templates`
    are the kinds of syntax that are no text. `raw_html` tells whether HTML in Markdown gets onto the page.
    `notes` names the program in `notes.py` for whose notes posts are written, if any. `pymdown` tells whether
    Markdown is read with the extensions of `pymdown.py`.
    """

    anchors: str = ""
    templates: tuple[Template, ...] = tuple(kind for kind in get_args(Template) if kind not in {"helpers", "mdx"})
    raw_html: bool = True
    notes: str = ""
    pymdown: bool = False


PLAIN = Dialect()
"""Markdown as no generator in particular reads it: with the templates of all of them, as far as these can be told."""

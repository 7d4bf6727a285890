"""The tokens of template syntax: how each begins, of which kind it is, and which method of `Stripper` takes it."""

from __future__ import annotations

import re
from functools import lru_cache

from index.markup.dialect import Template

__all__ = ["TokenSyntax", "start_pattern", "token_pattern"]

STARTS: dict[Template | None, str] = {
    "tags": r"\{%",
    "outputs": r"\{\{",
    "comments": r"\{#",
    "helpers": r"\{\{",
    "shortcodes": r"\{\{",
    "wordpress": r"\[(?:/|gallery|playlist|[a-z][\w-]*\s+[a-z][\w-]*=)",
    "attributes": r"\{:",
    "directives": r":::",
    "docfx": r"\[!",
    "readmore": r"\nREADMORE",
    "components": r"\{/\*|</?[A-Z][\w.]*[a-z]|\n(?:import |export )",
    None: r"\[(?:![A-Za-z]|\[[^\[\]\n]*\]\])",
}
"""Where each kind of syntax may begin. Most posts have none, and are told at once: tokens take five times as long."""

TokenSyntax = tuple[str, Template | None, str, str]
"""The method that takes a token; its kind, or None for what any site has; the sign it begins with; the rest of it.

The search skips from sign to sign, so each is one character. Of the tokens with one sign the first counts that matches.
"""
TOKENS: tuple[TokenSyntax, ...] = (
    ("hugo", "shortcodes", r"\{", r"\{[<%]"),
    ("helper", "helpers", r"\{", r"\{ *#(?:include|rustdoc_include|playground|playpen|title)\b"),
    ("output", "outputs", r"\{", r"\{+"),
    ("liquid", "tags", r"\{", "%"),
    ("comment", "comments", r"\{", "#"),
    ("attributes", "attributes", r"\{", ":"),
    ("include", "docfx", r"\[", r"!(?=[A-Za-z])"),
    ("shortcode", "wordpress", r"\[", r"/?[a-z][\w-]*(?=\s+[a-z][\w-]*=|\s*/?\](?![\[(:]))"),
    ("code", None, "<", r"(?P<element>pre|code)\b"),
    ("math", None, r"\$", r"(?<!\\\$)"),
    ("tex", None, r"\\", r"\\?[(\[]"),
)
"""In HTML, Markdown and MDX."""
MARKDOWN_TOKENS: tuple[TokenSyntax, ...] = (
    ("escaped", None, r"\\", "."),
    ("word", None, "`", r"[^`\n{]+`(?!`)"),
    ("ticks", None, "`", "`*"),
    (
        "fence",
        None,
        r"\n",
        r"(?P<margin>[ \t>]*)(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?(?P<bar>`{3,}+|~{3,}+)[^`\n]*(?=\n|\Z)",
    ),
    ("wikilink", None, r"\[", r"\[(?=[^\[\]\n]*\]\])"),
    ("callout", None, r"\[", r"!(?=[A-Za-z])"),
    ("directive", "directives", r"\n", r"[ \t>]*:::+"),
    ("more", "readmore", r"\n", r"READMORE(?=\s)"),
    ("module", "components", r"\n", r"(?:import|export)\b"),
    ("elements", "mdx", r"\n", r"(?P<blank>[ \t]*)</?[a-z]"),
    ("remark", "components", r"\{", r"/\*"),
    ("expression", "mdx", r"\{", ""),
    ("jsx", "mdx", "<", "/?[A-Z]"),
    ("fragment", "mdx", "<", "/?>"),
    ("component", "components", "<", r"/?[A-Z][\w.]*[a-z]"),
)
"""In Markdown and MDX."""
MDX_TOKENS: tuple[TokenSyntax, ...] = (
    ("blanks", None, r"\n", r"[ \t]{4,}"),
    ("space", None, r"\{", r"['\"] +['\"]\}"),
    ("closing", "mdx", ">", r"[\s)\]]*+(?::\s*+null\s*+)?+\}"),
)
"""In MDX alone, and in Markdown that looks like it."""


@lru_cache(64)
def start_pattern(kinds: tuple[Template, ...]) -> re.Pattern[str]:
    """What a source holds that has template syntax of these kinds, or such as any site has."""
    starts = dict.fromkeys(start for kind, start in STARTS.items() if kind is None or kind in kinds)
    return re.compile("|".join(starts))


@lru_cache(64)
def token_pattern(
    kinds: tuple[Template, ...], own: tuple[TokenSyntax, ...], *, html: bool, indented: bool
) -> re.Pattern[str]:
    """The pattern of all tokens that a source may hold, each in a group with the name of its method.

    `own` tokens come before the others; `html` and `indented` are those of `Stripper`.
    """
    signs: dict[str, list[str]] = {}
    for method, kind, sign, rest in (
        *own,
        *TOKENS,
        *(() if html else MARKDOWN_TOKENS),
        *(() if indented else MDX_TOKENS),
    ):
        if kind is None or kind in kinds:
            signs.setdefault(sign, []).append(f"(?P<{method}>{rest})")
    return re.compile("|".join(f"{sign}(?:{'|'.join(tokens)})" for sign, tokens in signs.items()))

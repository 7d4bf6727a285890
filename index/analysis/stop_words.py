"""Stop words: those that are in almost every post of a language."""

from __future__ import annotations

import tomllib
from pathlib import Path

from index.analysis.folding import fold

__all__ = ["STOP_WORDS"]

STOP_WORDS: dict[str, frozenset[str]] = {}
"""The words, folded, each with the languages in which it is one."""

for lang, listed in tomllib.loads(Path(__file__).with_name("stop_words.toml").read_text("utf-8")).items():
    for word in map(fold, listed.split()):
        STOP_WORDS[word] = STOP_WORDS.get(word, frozenset()) | {lang}

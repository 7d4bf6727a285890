"""Things that people copy out of posts to find the post again: commands, error messages, versions, names, code.

They are drawn from the posts at each run, by rules and a fixed seed. Every post that holds one is right; what fills
more than a page with posts that hold it is passed over.
"""

from __future__ import annotations

import html
import random
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bench.questions import SEED
from bench.relevance.cases import Case, words
from index import Document

__all__ = ["copied_cases"]

FENCE = re.compile(r"\s*(```|~~~)")
INDENT = re.compile(r" {4}|\t")
PRE = re.compile(r"<pre\b[^>]*>(.*?)</pre>", re.DOTALL)
ELEMENT = re.compile(r"<[^>]*>")

PROMPT = re.compile(r"[$%]>? ")
COMMAND = re.compile(
    r"(?:apt|apt-get|brew|cargo|cd|chmod|cl|clang|cmake|cp|curl|docker|g\+\+|gcc|git|go|gofmt|grep|kubectl|ls|make"
    r"|mkdir|mv|nmake|node|npm|npx|pip3?|python|rm|rustc|rustup|ssh|sudo|tar|vcpkg|wget|yarn)(?: [\w./@:~=\"'-]+)+"
)
COMMAND_WORDS = range(2, 13)

ERROR = re.compile(r"(?:\b\w*[Ee]rror(?: \w+)?|\bERR!|\bpanic|\bfatal|\bwarning): \S.{9,99}$", re.MULTILINE)
VERSION = re.compile(r"(?<![\w.])v\d+\.\d+\.\d+(?![\w-]|\.\d)")
IDENTIFIER = re.compile(r"\b(?:[a-z]{2,}(?:[A-Z][a-z]{2,})+|[a-z0-9]+(?:_[a-z0-9]+)+|[a-z]\w+\.[A-Z]\w+)\b")
CAPITALS = re.compile(r"\b[A-Z]{2,} (?:[A-Z]{2,} )*?(?:AND|NOT|OR)(?: [A-Z]{2,})+\b")
SIGN = re.compile(r"[(){}\[\]=;:<>]")
CODE_WORDS = range(3, 11)
RIGHT_POSTS = range(1, 11)


def copied_cases(documents: Sequence[Document], posts: Path, count: int, seed: int = SEED) -> list[Case]:
    """At most `count` cases of each kind, each from another post; `posts` is the folder that the documents are from.

    What no document holds as it stands in the file, such as code that is highlighted word by word, is passed over.
    """
    kinds: dict[str, Callable[[Document, Sequence[str]], list[str]]] = {
        "command": lambda _document, code: [text for line in code if (text := command_in(line)) and " -" not in text],
        "command with an option": lambda _document, code: [text for line in code if " -" in (text := command_in(line))],
        "error message": lambda document, _code: ERROR.findall(document.body),
        "version without v": lambda document, _code: [
            found.removeprefix("v") for found in VERSION.findall(document.body)
        ],
        "identifier": lambda _document, code: [name for line in code for name in IDENTIFIER.findall(line)],
        "code of several words": lambda _document, code: [line for line in code if is_code(line)],
        "words in capitals": lambda document, _code: CAPITALS.findall(document.body),
    }
    code = {
        document.id: list(code_lines((posts / document.id).read_text("utf-8", "replace"))) for document in documents
    }
    texts = {document.id: " ".join(f"{document.title} {document.body}".split()) for document in documents}
    cases: list[Case] = []
    for kind, things in kinds.items():
        chance = random.Random(f"{seed} {kind}")
        drawn: dict[str, Case] = {}
        for document in chance.sample(documents, len(documents)):
            found = sorted({" ".join(thing.split()) for thing in things(document, code[document.id])} - drawn.keys())
            if found and len(right := holders(text := chance.choice(found), texts)) in RIGHT_POSTS:
                drawn[text] = Case(kind, text, words(text), right)
            if len(drawn) == count:
                break
        cases += drawn.values()
    return cases


def code_lines(source: str) -> Iterator[str]:
    """The lines of code in a post: in fences, indented after an empty line, or in `<pre>`."""
    for block in PRE.findall(source):
        yield from filter(None, map(str.strip, html.unescape(ELEMENT.sub("", block)).split("\n")))
    fenced, may_begin = False, True
    for line in PRE.sub("", source).split("\n"):
        if FENCE.match(line):
            fenced = not fenced
            continue
        indented = may_begin and INDENT.match(line) is not None
        if (fenced or indented) and line.strip():
            yield line.strip()
        may_begin = indented or not line.strip()


def command_in(line: str) -> str:
    """The command of a line that begins with a prompt or with a well-known program, or nothing."""
    command = PROMPT.sub("", line, count=1)
    known = command != line or COMMAND.fullmatch(command)
    return command if known and len(command.split()) in COMMAND_WORDS else ""


def is_code(line: str) -> bool:
    """Whether a line of code has several words and a sign of its language, and is no command."""
    return len(line.split()) in CODE_WORDS and SIGN.search(line) is not None and not command_in(line)


def holders(text: str, texts: dict[str, str]) -> dict[str, int]:
    """The posts that hold a text as it stands, not as a part of longer words and numbers."""
    # A version may have its v in the post.
    whole = re.compile(rf"(?<!\w)v?{re.escape(text)}(?!\w)")
    return {id: 1 for id, held in texts.items() if text in held and whole.search(held)}

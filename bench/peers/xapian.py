"""Xapian, whose Python module comes with the system and not with pip: a process of the system's Python runs it.

What goes to and fro is a line of JSON each; the process measures itself, so that talking to it costs Xapian nothing.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bench.peers import HITS, WEIGHTS, Answer, Feed, Peer, PeerMissing, texts
from bench.questions import Question
from index.schema import Document

__all__ = ["ENGINE", "Xapian"]

# Isolated, or this folder would stand first on its path, and this module in place of the real one.
PYTHON = ("/usr/bin/python3", "-I")
PROCESS = Path(__file__).with_name("xapian_process.py")
VERSION = "import xapian; print(xapian.version_string())"


def installed_version() -> str:
    """Raises `PeerMissing` where the system's Python has no Xapian."""
    try:
        told = subprocess.run([*PYTHON, "-c", VERSION], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        message = "Xapian is left out: /usr/bin/python3 can't import it (on Debian, `apt install python3-xapian`)"
        raise PeerMissing(message) from None
    return told.stdout.strip()


class Xapian(Peer):
    """Xapian as its own "getting started" sets it up: `TermGenerator`, `QueryParser`, `MSet.snippet()`."""

    key = "xapian"
    name = f"Xapian {installed_version()}"

    def build(self, documents: Iterable[Document], folder: Path) -> float:
        self.process = subprocess.Popen(
            [*PYTHON, str(PROCESS), str(folder / "xapian"), json.dumps(WEIGHTS), str(HITS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self.index(Feed(documents), folder)
        return float(self.tell(None)["seconds"])

    def index(self, documents: Iterable[Document], folder: Path) -> None:  # noqa: ARG002 - the process has it
        assert self.process.stdin
        for document in documents:
            self.process.stdin.write(json.dumps(texts(document)) + "\n")

    def tell(self, message: Any) -> Any:
        """What the process answers to a message."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def asked(self, question: Question) -> Any:
        words = " ".join(question.words) + "*" * question.begins
        return self.tell({"text": question.text if "phrase" in question.kind else words})

    def seconds(self, question: Question) -> float:
        return float(self.asked(question)["seconds"])

    def ask(self, question: Question) -> list[Answer]:
        return [Answer(title, snippet) for title, snippet in self.asked(question)["hits"]]

    def close(self) -> None:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


ENGINE = Xapian

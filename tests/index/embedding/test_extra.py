"""Without the extra `meaning` all works as ever, and the setting says what is missing."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest


def python(code: str) -> str:
    """What another interpreter prints."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("missing", ["wordllama", "tokenizers", "safetensors"])
def test_what_is_not_installed_is_told_with_what_to_do(missing: str) -> None:
    told = python(
        "import sys\n"
        f"sys.modules[{missing!r}] = None\n"
        "from index.embedding import open_embedder\n"
        "try:\n    open_embedder('wordllama')\n"
        "except Exception as error:\n    print(type(error).__name__, error)"
    )

    packages = "wordllama|tokenizers|safetensors"
    wanted = rf"SettingsError meaning: 'wordllama' needs ({packages}); run `pip install 'postsearch\[meaning\]'`\n"
    assert re.fullmatch(wanted, told)


def test_without_the_setting_nothing_of_it_is_imported(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# A post\n\nthat is found")
    told = python(
        "import sys\n"
        "from index import Settings, reindex\n"
        "from search import Search\n"
        f"settings = Settings(posts={str(tmp_path)!r}, index={str(tmp_path / 'index')!r})\n"
        "reindex(settings)\n"
        "print(Search(settings).run('a post that is found').total)\n"
        "print({'wordllama', 'tokenizers', 'safetensors', 'index.embedding.static'} & {*sys.modules})"
    )

    assert told.split() == ["1", "set()"]

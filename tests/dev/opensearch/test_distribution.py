"""How OpenSearch is fetched, with a script in the place of Maven, and what is told where it can't be."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from zipfile import ZipFile

import pytest

from dev.opensearch.distribution import Unavailable, find_java, get_distribution

MAVEN = """\
#!/bin/sh
PATH=/usr/bin:/bin
echo fetched >> {machine}/log
for argument; do
  case "$argument" in -DoutputDirectory=*) cp {machine}/made.zip "${{argument#*=}}" ;; esac
done
"""

FAILING_MAVEN = """\
#!/bin/sh
PATH=/usr/bin:/bin
echo "[ERROR] Could not find artifact opensearch:zip:3.0.777"
exit 1
"""


def put_java(folder: Path, release: str, *tools: str) -> Path:
    """A Java as far as it is looked at."""
    (folder / "bin").mkdir(parents=True)
    for tool in tools:
        (folder / "bin" / tool).touch()
    (folder / "release").write_text(f'IMPLEMENTOR="Nobody"\nJAVA_VERSION="{release}"\n', "utf-8")
    return folder


def put_maven(machine: Path, script: str) -> None:
    path = machine / "mvn"
    path.write_text(script.format(machine=machine), "utf-8")
    path.chmod(0o755)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that everybody can reach, with the only programs there are, a Java, and what Maven would fetch."""
    with tempfile.TemporaryDirectory() as folder:
        machine = Path(folder)
        machine.chmod(0o755)
        with ZipFile(machine / "made.zip", "w") as archive:
            archive.writestr("opensearch-3.0.777/lib/opensearch.jar", "code")
        monkeypatch.setenv("OPENSEARCH_JAVA_HOME", str(put_java(machine / "java", "99", "java")))
        monkeypatch.setenv("PATH", str(machine))
        yield machine


def test_a_distribution_is_fetched_once_however_many_ask_for_it(machine: Path) -> None:
    put_maven(machine, MAVEN)

    with ThreadPoolExecutor(4) as askers:
        found = list(askers.map(get_distribution, ["3.0.777"] * 4, [machine / "cache"] * 4))

    assert {distribution.folder for distribution in found} == {machine / "cache" / "opensearch-3.0.777"}
    assert found[0].java == machine / "java"
    assert (found[0].folder / "lib" / "opensearch.jar").read_text("utf-8") == "code"
    assert (machine / "log").read_text("utf-8") == "fetched\n"


def test_what_maven_says_is_told_and_nothing_is_left_of_what_it_could_not_fetch(machine: Path) -> None:
    put_maven(machine, FAILING_MAVEN)

    with pytest.raises(Unavailable, match=r"could not fetch OpenSearch 3.0.777: \[ERROR\] Could not find artifact"):
        get_distribution("3.0.777", machine / "cache")

    assert [path.name for path in (machine / "cache").iterdir()] == ["opensearch-3.0.777.lock"]
    put_maven(machine, MAVEN)
    assert get_distribution("3.0.777", machine / "cache").folder.exists()


def test_a_missing_maven_is_told(machine: Path) -> None:
    with pytest.raises(Unavailable, match=r"Maven, which fetches .*, is not installed"):
        get_distribution("3.0.777", machine / "cache")


def test_the_first_java_that_is_new_enough_is_taken(machine: Path) -> None:
    folders = [machine / "none", put_java(machine / "old", "17.0.2", "java", "javac"), machine / "java"]

    assert find_java("3.8.0", folders) == machine / "java"
    assert find_java("2.19.6", folders) == machine / "old"


def test_what_there_is_in_place_of_a_java_is_told(machine: Path) -> None:
    old = put_java(machine / "old", "17.0.2", "java")

    with pytest.raises(Unavailable, match=rf"3\.8\.0 needs a Java of version 21 or newer, and there is 17 in {old}: "):
        find_java("3.8.0", [old])
    with pytest.raises(Unavailable, match=r"2\.19\.6 needs a JDK of version 11 or newer, and there is none at all: "):
        find_java("2.19.6", [old])

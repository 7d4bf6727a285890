"""Runs that are killed, cut from power, or refused by the system, each in a process of its own.

This is the main part of a process that `test_crashes` starts in such a way that its system calls can be watched. It
prints what it found as JSON.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, count
from pathlib import Path
from random import Random
from typing import Any

from search.commands.exit_codes import MISCONFIGURED, NO_INDEX, REFUSED
from search.engine.searcher import Searcher
from tests.stress.disks import Disk
from tests.stress.stores import SCENARIOS, STORES, Damaged, Missing, Store
from tests.stress.system_calls import Call, watch

__all__ = ["Trial"]

PR_SET_CHILD_SUBREAPER = 36
"""Of `prctl`: processes whose parent ends become children of this one. See linux/prctl.h."""

ORPHAN_SECONDS = 5.0
"""How long a process may outlive a run that is killed."""

MAX_ROOM_BYTES, PAGE_BYTES = 140_000, 4096
"""Room on a full disk, which goes by pages: with the most of it, every run comes to its end."""

ERRORS = {
    "open": (errno.EIO, errno.EMFILE, errno.ENOMEM, errno.ENOSPC),
    "opendir": (errno.EMFILE, errno.ENOMEM, errno.EIO),
    "read": (errno.EIO,),
    "pread": (errno.EIO,),
    "mmap": (errno.ENOMEM,),
}
"""With what a call may fail; the others, which write, with these."""
WRITE_ERRORS = (errno.EIO, errno.ENOSPC, errno.ENOMEM)


def in_child(deed: Callable[[], Any]) -> Any:
    """What the deed gives, in a process of its own; None where that is killed."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            told = pickle.dumps(deed())
        except BaseException:
            told = pickle.dumps(RuntimeError(traceback.format_exc()))
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(told)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    result = pickle.loads(told) if told else None
    if isinstance(result, RuntimeError):
        raise result
    return result


@dataclass
class Ready:
    """A scenario whose index lies ready: what is found before and after its run, and which calls the run makes."""

    scenario: str
    store: Store
    old: Any = None
    new: Any = None
    calls: list[Call] = field(default_factory=list)

    @property
    def kept(self) -> Path:
        return self.store.root.with_name("kept")

    def put_back(self) -> None:
        """Have the index as it was before the run."""
        shutil.rmtree(self.store.root, ignore_errors=True)
        if self.kept.exists():
            shutil.copytree(self.kept, self.store.root)

    def found(self, searcher: Searcher | None = None) -> Any:
        """What is found by this searcher or a new one, as plain values; None while there is no index."""
        try:
            return self.store.read(searcher or self.store.open())
        except Missing:
            return None

    def state(self, searcher: Searcher | None = None) -> str:
        """Which commit that is, "old" or "new"; "damaged" where it is to be built anew, and else what is wrong."""
        try:
            found = self.found(searcher)
        except Damaged:
            return "damaged"
        except Exception as error:
            return f"unreadable: {type(error).__name__}: {error}"
        return "old" if found == self.old else "new" if found == self.new else "mixed"


class Trial:
    """Some cases, until so many are done or the time is over: `problems` are those that went wrong."""

    def __init__(self, name: str, folder: Path, seconds: float, cases: int, chance: Random) -> None:
        self.store_type = STORES[name]
        self.folder = folder
        self.cases = cases
        self.chance = chance
        self.ends = time.monotonic() + seconds
        self.done = 0
        self.problems: list[str] = []
        self.counts: Counter[str] = Counter()
        # All that is loaded at the first run is loaded here, and not in each process again.
        store = self.store_type(folder / "warm")
        store.write_posts("first", changed=False)
        store.run("first")
        Ready("first", store).state()

    def ready(self, scenario: str) -> Ready:
        """Make the index from which the run of a scenario begins."""
        store = self.store_type(self.folder / scenario)
        ready = Ready(scenario, store)
        store.write_posts(scenario, changed=False)
        if scenario != "first":
            in_child(lambda: store.run("first"))
            ready.old = ready.found()
            shutil.copytree(store.root, ready.kept)
        store.write_posts(scenario, changed=True)
        ready.calls = in_child(lambda: recorded(store, scenario))
        ready.new = ready.found()
        assert ready.new != ready.old
        shutil.rmtree(store.root)
        in_child(lambda: store.run("first"))
        assert ready.state() == "new", "a fresh index differs"
        self.counts.update(call.name for call in ready.calls)
        return ready

    def each(self, case: Callable[[Ready, int], str], calls: Callable[[Ready], list[int]]) -> None:
        """Try the case at every call of every scenario, and then at calls by chance."""
        prepared = [self.ready(scenario) for scenario in SCENARIOS]
        places = [(ready, number) for ready in prepared for number in calls(ready)]
        self.chance.shuffle(places)
        for ready, number in chain(places, (self.chance.choice(places) for _ in count())):
            if self.done >= self.cases or time.monotonic() > self.ends:
                break
            ready.put_back()
            self.note(ready, number, case(ready, number))

    def note(self, ready: Ready, number: int, problem: str) -> None:
        self.done += 1
        if problem:
            call = ready.calls[number] if number < len(ready.calls) else None
            self.problems.append(f"{ready.scenario}, at {number} ({call and (call.name, call.path)}): {problem}")

    def looked_at(self, ready: Ready, searcher: Searcher | None = None, *, damage: bool = False) -> str:
        """What is wrong with the index, or "": it must answer as before or after, and after a run as a fresh one.

        So must the searcher that was open meanwhile. With `damage` it may also say that it is to be built anew.
        """

        def look() -> tuple[str, str]:
            state = ready.state(searcher)
            if searcher and ready.state() != state:
                return "mixed", f"an open reader finds {state}, and a new one {ready.state()}"
            if state == "damaged" and damage:
                state = "rebuilt"
            if state not in ("old", "new", "rebuilt"):
                return state, f"readers: {state}"
            try:
                ready.store.run("update")
                after = {ready.state(), ready.state(searcher)}
                leaked = ready.store.leaked()
            except Exception:
                return state, f"the next run: {traceback.format_exc()}"
            if after != {"new"}:
                return state, f"after the next run readers find {after}"
            return state, f"leaked: {leaked}" if leaked else ""

        state, problem = in_child(look)
        self.counts[state.split(":")[0]] += 1
        return str(problem)

    def kill(self, ready: Ready, number: int) -> str:
        """Kill the run before a writing call, or with a part of what it writes, and at times the next run as well."""
        again = self.chance.random() < 0.2
        searcher = ready.store.open()
        ready.state(searcher)  # which holds the index open
        for place in (number, self.chance.randrange(number + 1)) if again else (number,):
            part = self.chance.choice([0.0, 0.0, self.chance.random()])
            in_child(partial(killed, ready.store, ready.scenario, place, part))
        return self.looked_at(ready, searcher)

    def cut_power(self, ready: Ready, number: int) -> str:
        """Cut the power before a writing call, or, after the last, when the run is done."""
        disk = Disk(ready.store.root)
        for call in ready.calls[:number]:
            disk.do(call)
        shutil.rmtree(ready.store.root, ignore_errors=True)
        fate = disk.cut_power(self.chance)
        if number == len(ready.calls) and in_child(ready.state) != "new":
            return f"the run was done, and its commit is gone ({fate})"
        problem = self.looked_at(ready, damage=True)
        return problem and f"{problem} ({fate})"

    def refuse(self, ready: Ready, number: int) -> str:
        """Let a call fail, or from there on all that write, until the run has ended."""
        call = ready.calls[number]
        error = self.chance.choice(ERRORS.get(call.name, WRITE_ERRORS))
        lasting = call.writes and self.chance.random() < 0.5
        told = in_child(lambda: self.refused(ready, number, error, lasting=lasting))
        return f"{os.strerror(error)}{' from then on' if lasting else ''}: {told}" if told else self.looked_at(ready)

    def refused(self, ready: Ready, number: int, error: int, *, lasting: bool) -> str:
        """What goes wrong in a process that searches, and runs the command, while the system refuses."""
        searcher = ready.store.open()
        ready.state(searcher)  # which holds the index open
        seen = count()

        def hook(call: Call) -> int:
            place = next(seen)
            return error if place == number or (lasting and place > number and call.writes) else 0

        watch(ready.store.root, hook)
        try:
            code, message = ready.store.command(ready.scenario)
            during = ready.state(searcher)
        except Exception:
            return traceback.format_exc()
        watch(ready.store.root, None)
        after = ready.state(searcher)
        if {during, after} - {"old", "new"} or (code == 0 and after != "new"):
            return f"readers found {during}, then {after}, with exit code {code}"
        told = [line for line in message.splitlines() if line.startswith("postsearch: ")]
        clear = len(told) == 1 and (os.strerror(error) in told[0] or code == NO_INDEX)
        if code not in (0, NO_INDEX, MISCONFIGURED, REFUSED) or not (code == 0 or clear) or "Traceback" in message:
            return f"exit code {code}: {message}"
        return ""

    def fill(self, ready: Ready, room: int) -> str:
        """Run on a full disk that has so many bytes left, and again when there is room; search all the while."""
        ballast = ready.store.root.parent / "ballast"
        try:
            with ballast.open("wb") as file:
                while True:
                    os.write(file.fileno(), bytes(PAGE_BYTES))
        except OSError:
            os.truncate(ballast, max(0, ballast.stat().st_size - room))
        told = in_child(lambda: self.refused(ready, -1, errno.ENOSPC, lasting=False))
        ballast.unlink()
        return f"with {room} bytes left: {told}" if told else self.looked_at(ready)


def recorded(store: Store, scenario: str) -> list[Call]:
    """The calls of a run."""
    calls: list[Call] = []

    def hook(call: Call) -> int:
        calls.append(call)
        return 0

    watch(store.root, hook)
    store.run(scenario)
    watch(store.root, None)
    return calls


def killed(store: Store, scenario: str, number: int, part: float) -> None:
    """Run until a call, and end there; of what it writes, a part may be written."""
    seen = count()

    def hook(call: Call) -> int:
        if next(seen) == number:
            if call.data and part:
                call.happen_in_part(int(part * len(call.data)))
            os.kill(os.getpid(), signal.SIGKILL)
        return 0

    watch(store.root, hook)
    store.run(scenario)


def writing_calls(ready: Ready) -> list[int]:
    return [number for number, call in enumerate(ready.calls) if call.writes]


def kills(trial: Trial) -> None:
    trial.each(trial.kill, writing_calls)


def random_kills(trial: Trial) -> None:
    """Kill runs with reading processes at any time, and see that none of these lives on."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    store = trial.store_type(trial.folder / "large")
    store.write_posts("rebuild", changed=False)
    for number in range(3):
        (store.posts / f"large-{number}.md").write_text("# Large\n\n" + "many other words " * 10_000, "utf-8")
    in_child(lambda: store.run("first"))
    ready = Ready("rebuild", store)
    ready.old = ready.found()
    shutil.copytree(store.root, ready.kept)
    began = time.monotonic()
    store.write_posts("rebuild", changed=True)
    for number in range(3):
        (store.posts / f"large-{number}.md").write_text("# Large\n\n" + "many other words " * 10_001, "utf-8")
    in_child(lambda: store.run("rebuild"))
    ready.new = ready.found()
    longest = time.monotonic() - began
    while trial.done < trial.cases and time.monotonic() < trial.ends:
        ready.put_back()
        child = os.fork()
        if not child:
            store.run("rebuild")
            os._exit(0)
        time.sleep(trial.chance.random() * longest)  # any time will do
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        problem = "" if orphans_end() else "processes outlive the run"
        trial.note(ready, 0, problem or trial.looked_at(ready))


def orphans_end() -> bool:
    """Whether all processes end that were started by one that is dead; those that do not are killed."""
    deadline = time.monotonic() + ORPHAN_SECONDS
    while True:
        try:
            ended, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return True
        if not ended and time.monotonic() > deadline:
            children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
            for orphan in map(int, children):
                os.kill(orphan, signal.SIGKILL)
                os.waitpid(orphan, 0)
            return False
        if not ended:
            time.sleep(0.01)  # the kernel offers no wait with a limit


def power_cuts(trial: Trial) -> None:
    trial.each(trial.cut_power, lambda ready: [*writing_calls(ready), len(ready.calls)])


def refusals(trial: Trial) -> None:
    trial.each(trial.refuse, lambda ready: list(range(len(ready.calls))))


def full_disk(trial: Trial) -> None:
    """Fill disks of 1 MB, one a scenario; must run where the process may mount them."""
    for scenario in SCENARIOS:
        (trial.folder / scenario).mkdir()
        command = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(trial.folder / scenario)]
        subprocess.run(command, check=True)
    trial.each(trial.fill, lambda _: list(range(0, MAX_ROOM_BYTES, PAGE_BYTES)))


TRIALS = {trial.__name__: trial for trial in (kills, random_kills, power_cuts, refusals, full_disk)}


if __name__ == "__main__":
    name, store_name, where, seconds, cases, seed = sys.argv[1:]
    trial = Trial(store_name, Path(where), float(seconds), int(cases), Random(seed))
    TRIALS[name](trial)
    print(json.dumps({"cases": trial.done, "problems": trial.problems, "counts": trial.counts}))

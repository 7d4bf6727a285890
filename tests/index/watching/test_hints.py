"""Hints come out together, after a quiet while, and none is lost."""

from __future__ import annotations

import threading
import time

from index.watching.hints import Hints, Work


def test_hints_come_out_together() -> None:
    hints = Hints(0.0)
    for id in ("a.md", "b.md", "a.md"):
        hints.note(id)

    assert hints.take(0) == Work(frozenset({"a.md", "b.md"}))
    assert hints.take(0) is None


def test_everything_is_more_than_ids() -> None:
    hints = Hints(0.0)
    hints.note("a.md")
    hints.note_everything()

    assert hints.take(0) == Work(frozenset({"a.md"}), everything=True)


def test_very_many_ids_are_everything() -> None:
    hints = Hints(0.0)
    for number in range(1000):
        hints.note(f"{number}.md")
    work = hints.take(0)

    assert work
    assert work.everything


def test_nothing_comes_out_before_it_is_quiet() -> None:
    hints, started = Hints(0.2), time.monotonic()
    hints.note("a.md")

    assert hints.take(5) == Work(frozenset({"a.md"}))
    assert time.monotonic() - started >= 0.2


def test_a_storm_does_not_hold_hints_back() -> None:
    hints, over, started = Hints(0.5), threading.Event(), time.monotonic()

    def storm() -> None:
        while not over.wait(0.02):
            hints.note("a.md")

    thread = threading.Thread(target=storm)
    thread.start()
    work = hints.take(30)
    over.set()
    thread.join()

    assert work == Work(frozenset({"a.md"}))
    assert time.monotonic() - started < 10


def test_idle_means_that_nothing_waits_and_the_last_is_done() -> None:
    hints = Hints(0.0)
    hints.note("a.md")
    states = [hints.idle.is_set()]
    hints.take(0)
    states.append(hints.idle.is_set())
    hints.done()
    states.append(hints.idle.is_set())
    hints.note("b.md")
    hints.done()
    states.append(hints.idle.is_set())

    assert states == [False, False, True, False]


def test_closing_ends_the_wait() -> None:
    hints = Hints(30.0)
    hints.note("a.md")
    threading.Timer(0.05, hints.close).start()

    assert hints.take(30) is None

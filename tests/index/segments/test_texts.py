"""Compressed texts come back one by one as they were, and those that someone else made harm nobody."""

from __future__ import annotations

import contextlib
import random
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import zstandard
from hypothesis import strategies as st

from index.errors import IndexDamaged
from index.schema import Document
from index.segments.inversion import invert
from index.segments.texts import MAGIC, MAX_RATIO, PackedTexts, Texts
from tests.corpora import COUNTS, hold

MANY = st.lists(st.one_of(st.text(max_size=200), st.sampled_from(["word " * 50, "word " * 90_000, ""])), max_size=10)


def posts(count: int, seed: int) -> list[bytes]:
    """Texts that are alike, as those of one site are."""
    chance = random.Random(seed)
    words = [f"{chance.choice('abcdefg')}{number}ward" for number in range(2_000)]
    return [
        " ".join(["A post about", *chance.choices(words, k=80), "Read on and subscribe"]).encode() for _ in range(count)
    ]


@COUNTS
def test_what_is_packed_is_read_as_it_was(examples: int) -> None:
    def check(texts: list[str], others: list[str]) -> None:
        one, other = ([text.encode() for text in found] for found in (texts, others))
        packed = PackedTexts.of(one).packed()
        every = PackedTexts.joined([packed, PackedTexts.of(other)]).packed()
        assert (list(packed), [every[row] for row in range(len(every))]) == (one, one + other)
        rows = np.arange(0, len(every), 2)
        assert list(every.chosen(rows)) == (one + other)[::2]

    hold(examples, check, MANY, MANY)


def test_many_texts_have_a_dictionary_which_merging_keeps() -> None:
    texts = posts(3_000, 1)
    plain = PackedTexts.of(texts)
    packed = plain.packed()
    alone = replace(plain, data=plain.data[: plain.ends[100]], ends=plain.ends[:101]).packed()
    joined = PackedTexts.joined([packed, PackedTexts.of(posts(5, 2)), packed.chosen(np.arange(10)), alone])

    assert (len(alone.dictionary), len(packed.dictionary)) == (0, len(plain.data) // 100)
    assert len(packed.data) < 0.9 * len(alone.data) * 30 < 0.9 * len(plain.data)
    assert joined.data[: len(packed.data)].tobytes() == packed.data.tobytes(), "what is compressed is copied"
    assert list(joined.packed()) == texts + posts(5, 2) + texts[:10] + texts[:100]
    assert joined.packed().dictionary is joined.dictionary


@pytest.mark.parametrize(("empty", "length"), [(2_000, 0), (400, 0), (8, 1), (9, 1), (2_000, 7), (2_000, 255)], ids=str)
def test_texts_that_begin_with_next_to_nothing_are_packed(empty: int, length: int) -> None:
    """In a process of its own, which the library kills where it is given these."""
    code = (
        "from index.segments.texts import PackedTexts; from tests.index.segments.test_texts import posts;"
        f"texts = [b'x' * {length}] * {empty} + [b' '.join(posts(5, number)) for number in range(400)];"
        "assert list(PackedTexts.of(texts).packed()) == texts"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="asks /proc how much memory is in use")
def test_where_memory_is_wanting_for_what_is_packed_that_is_told_as_that() -> None:
    """In a process of its own, which has a little more than it has in use."""
    code = (
        "import random, resource; from pathlib import Path; from index.segments.texts import PackedTexts\n"
        "text = ' '.join(str(random.random()) for _ in range(100_000)).encode()\n"
        "texts, raised = PackedTexts.of([text] * 2), set()\n"
        "used = int(Path('/proc/self/statm').read_text().split()[0]) * resource.getpagesize()\n"
        "for more in range(0, 20_000_000, 200_000):\n"
        "    resource.setrlimit(resource.RLIMIT_AS, (used + more, resource.RLIM_INFINITY))\n"
        "    try: texts.packed()\n"
        "    except Exception as error: raised.add(type(error).__name__)\n"
        "print(*sorted(raised))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)

    assert (done.stdout, done.stderr) == ("MemoryError\n", "")


def test_threads_read_at_once() -> None:
    texts = posts(3_000, 1)
    packed = PackedTexts.of(texts).packed()
    rows = random.Random(3).choices(range(len(texts)), k=5_000)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(packed.__getitem__, rows)) == [texts[row] for row in rows]


def test_texts_that_zstd_makes_very_small_are_kept_plain() -> None:
    for text in (b"word " * 90_000, bytes(5_000_000)):
        assert PackedTexts.of([text]).packed().data.tobytes() == text


FRAME = zstandard.compress(b"Some words of a post. " * 20)
BAD: dict[str, bytes] = {
    "a bomb": zstandard.compress(bytes(1 << 30)),
    "a size that is astronomical": MAGIC + b"\xe0" + b"\xff" * 7 + b"\x0f" + FRAME[6:],
    "no size": zstandard.ZstdCompressor(write_content_size=False).compress(b"Some words of a post. " * 20),
    "cut short": FRAME[:-3],
    "nothing but its beginning": MAGIC,
    "noise": MAGIC + random.Random(5).randbytes(300),
}


@pytest.mark.parametrize("kept", BAD.values(), ids=BAD.keys())
def test_what_can_not_be_decompressed_is_damage(kept: bytes) -> None:
    segment = invert([Document("a.md", "/a/", "A", "Some words")])
    bodies = replace(
        segment.records.bodies, data=np.frombuffer(kept, np.uint8), ends=np.array([0, len(kept)], np.uint64)
    )

    with pytest.raises(IndexDamaged, match=r"a text of the index .*--full"):
        replace(segment, records=replace(segment.records, bodies=bodies)).document(0)
    with pytest.raises(IndexDamaged, match=r"a text of the index .*--full"):
        PackedTexts.joined([bodies, PackedTexts.of(posts(3_000, 1)).packed()])


@pytest.mark.parametrize("change", [lambda d: d[::-1], lambda d: d[:20], lambda _: np.zeros(9, np.uint8)])
def test_texts_with_another_dictionary_are_damage_or_others(change: Callable[[np.ndarray], np.ndarray]) -> None:
    packed = PackedTexts.of(posts(3_000, 1)).packed()
    other = replace(packed, dictionary=np.ascontiguousarray(change(packed.dictionary)))

    for row in range(50):
        with contextlib.suppress(IndexDamaged):
            assert len(other[row]) <= MAX_RATIO * len(Texts.__getitem__(packed, row))

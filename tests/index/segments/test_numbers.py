"""Numbers come back from few bytes as they went in, whichever rows are asked for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import strategies as st

from index.arrays import offsets_of
from index.segments.numbers import Offsets, Patched
from tests.corpora import COUNTS, hold

FEW_LARGE = st.lists(
    st.one_of(*[st.integers(0, 300)] * 5, st.sampled_from([0, 254, 255, 256, 65_534, 65_535, 65_536, 1 << 31])),
    max_size=60,
)


@COUNTS
def test_any_rows_are_read_as_they_were_written(examples: int) -> None:
    def check(numbers: list[int], data: st.DataObject) -> None:
        array = np.array(numbers, np.int64)
        patched, offsets, begins = Patched.of(array), Offsets.of(array), offsets_of(array)
        patched.check()
        rows = np.array(data.draw(st.lists(st.integers(0, max(len(array) - 1, 0)), max_size=20 * len(array))), np.int64)
        first, last = sorted(data.draw(st.tuples(*[st.integers(0, len(array))] * 2)))
        assert patched[rows].tolist() == array[rows].tolist()
        assert patched[first:last].tolist() == array[first:last].tolist()
        assert offsets[rows + 1].tolist() == begins[rows + 1].tolist()
        assert offsets[first : last + 1].tolist() == begins[first : last + 1].tolist()
        assert int(offsets[last]) == begins[last]
        assert offsets.sizes(rows).tolist() == array[rows].tolist()
        assert offsets.sizes(slice(first, last)).tolist() == array[first:last].tolist()

    hold(5 * examples, check, FEW_LARGE, st.data())


def test_one_long_post_makes_the_numbers_of_others_no_longer() -> None:
    numbers = np.arange(100_000) % 5_000
    numbers[500] = 78_000

    assert (Patched.of(numbers).values.itemsize, len(Patched.of(numbers).large)) == (2, 1)
    several = Patched.of(np.arange(100_000) + 40_000)
    assert (several.values.itemsize, len(several.large)) == (4, 0), "where many are large, they are kept as they are"
    assert Offsets.of(np.full(100_000, 500)).low.nbytes == 2 * 100_001


@pytest.mark.parametrize(("rows", "large"), [([3], [300, 400]), ([2], [300]), ([1, 3], [300, 400]), ([9], [300])])
def test_large_numbers_of_other_rows_are_told(rows: list[int], large: list[int]) -> None:
    values = np.array([7, 7, 7, 255, 7], np.uint8)
    Patched(values, np.array([3], np.uint8), np.array([300], np.uint16)).check()

    with pytest.raises(ValueError, match="large"):
        Patched(values, np.array(rows, np.uint8), np.array(large, np.uint16)).check()

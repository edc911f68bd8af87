"""A repair whose verification fails leaves nothing behind; the bench does the same two hundred times."""

import pytest
from bench.repairs import TROUBLES, taken_back


@pytest.mark.slow
async def test_a_repair_that_istaken_back_leaves_the_host_as_it_was() -> None:
    done, same = await taken_back(len(TROUBLES))
    assert (done.value, same.value) == (100.0, 100.0), (done.note, same.note)

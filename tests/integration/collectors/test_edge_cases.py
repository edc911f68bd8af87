"""The fifteen things that are done to logs, by a real writer in a process of its own; bench/collecting.py has all of it."""

from pathlib import Path

import pytest
from bench import collecting
from bench.collecting import Outcome

GOOD = Outcome(lost=0, doubled=0, disordered=False)


@pytest.mark.parametrize("case", collecting.CASES)
def test_each_line_is_read_once_and_in_order(case: str, tmp_path: Path) -> None:
    assert collecting.follow(case, 7, tmp_path) == GOOD


@pytest.mark.slow
def test_a_process_that_is_killed_in_the_middle_of_it_loses_and_repeats_no_kept_line(tmp_path: Path) -> None:
    assert collecting.killed(7, tmp_path, lines=1000) == GOOD

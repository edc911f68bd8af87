"""A case survives the death of its process at any moment: nothing is done twice, nothing is lost, nothing gets stuck."""

import random
from pathlib import Path
from typing import Any

import pytest
from tests.chaos.toy import Toy, make

MENDED = ["right-one", "right-two", "right-mended"]
MISLED = ["wrong-one", "wrong-two", "un-wrong-two", "un-wrong-one"]
# In the order in which a case that is misled at first comes by them.
POINTS = [
    "after_open",
    "after_diagnose",
    "after_plan",
    "before_backup",
    "after_backup",
    "after_intent",
    "after_act",
    "after_result",
    "before_rollback",
    "after_undo_intent",
    "after_undo",
    "after_verify",
    "after_report",
]
RANDOM_KILLS = 4


def assert_mended(answer: dict[str, Any] | None, toy: Toy, expected: list[str]) -> None:
    assert answer is not None
    assert toy.ledger() == expected
    assert answer["state"] == "resolved", answer["why"]
    assert answer["labels"] == ["app.toy.right"]
    assert answer["verified"]
    assert answer["valid"], "the audit chain is broken"


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_killed_once_at_every_named_point_a_case_still_does_everything_once(tmp_path: Path) -> None:
    toy = make(tmp_path, misleading=True)
    for point in POINTS:
        assert await toy.run(crash_at=point) is None, f"the case never came by {point}"
    assert_mended(await toy.run(), toy, [*MISLED, *MENDED])


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_killed_at_random_moments_a_case_still_does_everything_once(tmp_path: Path) -> None:
    moments = random.Random(20)
    kills = 0
    for turn in range(20):
        toy = make(tmp_path / str(turn))
        while (answer := await toy.run(kill_after_s=moments.uniform(1.0, 4.0 + kills / 2))) is None:
            kills += 1
        assert_mended(answer, toy, MENDED)
        if kills >= RANDOM_KILLS:
            return
    pytest.fail(f"only {kills} kills")


@pytest.mark.slow
@pytest.mark.timeout(120)
async def test_killed_again_and_again_at_the_same_point_a_case_ends(tmp_path: Path) -> None:
    toy = make(tmp_path)
    for _ in range(3):
        assert await toy.run(crash_at="after_intent") is None
    assert_mended(await toy.run(), toy, MENDED)

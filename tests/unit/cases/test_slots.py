"""Slots: one living process each, free the moment it dies."""

from pathlib import Path

from vigie.cases.slots import Slots


def test_each_taker_has_a_slot_of_its_own(tmp_path: Path) -> None:
    first, second = Slots(tmp_path).take(), Slots(tmp_path).take()
    assert (first.number, second.number) == (0, 1)
    assert first.executor != second.executor
    first.free()
    second.free()


def test_a_freed_slot_is_taken_again_under_its_former_name(tmp_path: Path) -> None:
    first = Slots(tmp_path).take()
    first.free()
    again = Slots(tmp_path).take()
    assert again.executor == first.executor
    again.free()


def test_only_slots_that_nobody_holds_are_dead(tmp_path: Path) -> None:
    slots = Slots(tmp_path)
    mine, gone = slots.take(), slots.take()
    gone.free()
    dead = list(slots.dead())
    assert [each.executor for each in dead] == [gone.executor]
    for each in (mine, *dead):
        each.free()


def test_two_homes_never_share_an_executor(tmp_path: Path) -> None:
    one, other = Slots(tmp_path / "a").take(), Slots(tmp_path / "b").take()
    assert one.executor != other.executor
    one.free()
    other.free()

"""A script that goes on from another one is sent with it, and does its own work only."""

from pathlib import Path

from vigie.knowledge import script_files


def test_a_script_that_goes_on_from_another_has_its_definitions_and_not_its_work(tmp_path: Path) -> None:
    (tmp_path / "first.py").write_text('"""First."""\n\nFOUND = 1\n\n\nif __name__ == "__main__":\n    raise SystemExit(9)\n')
    (tmp_path / "second.py").write_text('"""Second."""\n\n# Goes on from first.py.\n\nMORE = FOUND + 1\n')
    known: dict[str, object] = {"__name__": "__main__"}
    exec(script_files.source(tmp_path / "second.py"), known)
    assert known["MORE"] == 2


def test_any_other_script_is_sent_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "alone.py").write_text('"""Alone."""\n')
    assert script_files.source(tmp_path / "alone.py") == b'"""Alone."""\n'

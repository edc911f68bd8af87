"""What discovery found: every kind of plug-in that the architecture names."""

import re
from pathlib import Path

from vigie.interfaces.discovered import plugins
from vigie.knowledge import library

ARCHITECTURE = Path(__file__).parents[3] / "ARCHITECTURE.md"


def test_every_kind_of_plug_in_is_listed() -> None:
    table = ARCHITECTURE.read_text(encoding="utf-8").partition("## Adding to it")[2]
    kinds = {row.split(" (")[0] for row in re.findall(r"^\| ([a-z][a-z ()'’-]+) \| `", table, flags=re.MULTILINE)}
    found = {row["kind"] for row in plugins(library.load())}
    assert len(kinds) >= 15
    assert kinds - found == set()
    assert "probe-parser" in found

"""What comes and goes is of interest only to somebody who names it."""

import pytest

from vigie.knowledge.scripts import open_files


@pytest.mark.parametrize(
    ("path", "folders", "passing"),
    [
        ("/tmp/browser/profile.db", (), True),  # a name, nothing is made there
        ("/home/ann/.cache/app/state.sqlite", (), True),
        ("/srv/app/data/main.db", (), False),
        ("/tmp/stack/data/main.db", ("/tmp/stack",), False),
    ],
)
def test_a_passing_place_counts_only_where_it_is_the_focus(path: str, folders: tuple[str, ...], passing: bool) -> None:
    assert open_files.passes(path, folders) is passing  # type: ignore[no-untyped-call]  # scripts run on any Python from 3.6 on

"""Where the public data sets lie that some bars are measured on: a folder named by VIGIE_SHELF, laid out as shared/data."""

import os
from pathlib import Path


class NoShelf(Exception):
    """There is nothing to measure on; the reason is the message."""


def folder(name: str) -> Path:
    """Return the folder of a data set.

    Raises:
        NoShelf: VIGIE_SHELF is not set, or lacks it.
    """
    shelf = os.environ.get("VIGIE_SHELF")
    if not shelf:
        raise NoShelf("VIGIE_SHELF is not set: it names the folder with the data sets")
    for place in (Path(shelf) / name, Path(shelf) / "data" / name):
        if place.is_dir():
            return place
    raise NoShelf(f"{shelf} has no folder {name}")


def lines(name: str) -> list[str]:
    """Return the lines of a data set that is one file.

    Raises:
        NoShelf: VIGIE_SHELF is not set, or lacks it.
    """
    shelf = os.environ.get("VIGIE_SHELF")
    for place in (Path(shelf) / name, Path(shelf) / "data" / name) if shelf else ():
        if place.is_file():
            return place.read_text(encoding="utf-8").splitlines()
    raise NoShelf(f"{shelf or 'VIGIE_SHELF'} has no {name}")

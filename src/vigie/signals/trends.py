"""Where a kept series is heading, from its points alone; pure. `detectors/running_out.py` warns of the same as it happens."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from vigie.domain.trend import Point
from vigie.signals.detectors.running_out import RESOURCES
from vigie.signals.forecast import Forecast, Ramp

_DAYS_LEFT = "*days_left"


def end_of(name: str, points: Sequence[Point]) -> datetime | Forecast | None:
    """Return when a series comes to its end: an instant for what has a date, a forecast for what is filling up, else None."""
    if not points:
        return None
    if fnmatchcase(name, _DAYS_LEFT):
        return points[-1].at + timedelta(days=points[-1].value)
    resource = next((each for each in RESOURCES if fnmatchcase(name, each.name)), None)
    if resource is None:
        return None
    ramp = Ramp()
    warned: Forecast | None = None
    for point in points:
        warned = ramp.push(resource.level(point.value), point.at) or warned
    # A warning holds until half of what had been gained is given back.
    is_over = warned is None or resource.level(points[-1].value) < (warned.level + warned.usual) / 2
    return None if is_over else warned


def thinned(points: Sequence[Point], most: int) -> list[Point]:
    """Return at most so many points: the means of equal runs, each at its last instant, so that the newest stays where it is."""
    if len(points) <= most:
        return list(points)
    every = -(-len(points) // most)
    first = len(points) % every
    runs = [points[:first]] if first else []
    runs += [points[at : at + every] for at in range(first, len(points), every)]
    return [Point(run[-1].at, sum(point.value for point in run) / len(run)) for run in runs]

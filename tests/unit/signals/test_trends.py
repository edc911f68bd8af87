"""Where a kept series is heading."""

from datetime import UTC, datetime, timedelta

from vigie.domain.trend import Point
from vigie.signals.forecast import Forecast
from vigie.signals.trends import end_of, thinned

NOW = datetime(2026, 11, 2, tzinfo=UTC)


def series(values: list[float], every: timedelta = timedelta(minutes=5)) -> list[Point]:
    return [Point(NOW + number * every, value) for number, value in enumerate(values)]


def test_a_disk_that_fills_has_a_date_and_one_that_does_not_has_none() -> None:
    calm = series([0.4 + 0.01 * (number % 3) for number in range(600)])
    filling = [Point(calm[-1].at + timedelta(minutes=5 * number), 0.42 + number / 600) for number in range(1, 280)]
    assert end_of("disk.used_ratio", calm) is None
    found = end_of("disk.used_ratio", calm + filling)
    assert isinstance(found, Forecast)
    full_at = filling[-1].at + timedelta(minutes=5) * (1 - filling[-1].value) * 600
    assert abs(found.full_at - full_at) < timedelta(hours=6)
    cleaned = [Point(filling[-1].at + timedelta(minutes=5 * number), 0.4) for number in range(1, 10)]
    assert end_of("disk.used_ratio", calm + filling + cleaned) is None


def test_a_certificate_ends_at_its_date_and_a_load_never() -> None:
    assert end_of("certificate.days_left", series([30.0, 29.5])) == NOW + timedelta(minutes=5, days=29.5)
    assert end_of("host.load_per_core", series([0.5] * 50)) is None
    assert end_of("disk.used_ratio", []) is None


def test_a_series_is_thinned_to_means_and_its_newest_instant_stays() -> None:
    points = series([float(number) for number in range(1001)])
    thin = thinned(points, 300)
    assert len(thin) <= 300
    assert thin[-1].at == points[-1].at
    assert thinned(points[:5], 300) == points[:5]

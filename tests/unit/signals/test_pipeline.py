"""The pipeline: lines that belong together are one."""

from datetime import UTC, datetime

from vigie.domain.finding import Level, Signal
from vigie.signals.pipeline import Pipeline

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
TRACE = """2026-11-20 11:59:58,120 ERROR orders: cannot save the order
Traceback (most recent call last):
  File "/srv/shop/orders.py", line 12, in save
    cursor.execute(query)
sqlite3.OperationalError: no such column: total
2026-11-20 11:59:59,001 INFO orders: next one
\tat com.example.Shop.run(Shop.java:12)
\t... 12 more
Caused by: java.lang.IllegalStateException: closed"""


def test_the_frames_of_a_trace_belong_to_the_line_before_them() -> None:
    pipeline = Pipeline()
    readings = [pipeline.read(Signal("web1", "a.log", line, NOW)) for line in TRACE.splitlines()]
    assert [reading.event.continues for reading in readings] == [False, False, True, True, False, False, True, True, True]
    assert {reading.event.level for reading in readings[1:5]} == {Level.ERROR}
    assert readings[2].template is readings[1].template
    assert readings[2].event.at == readings[1].event.at
    assert not any(reading.findings for reading in readings if reading.event.continues)


def test_traces_of_two_files_do_not_mix() -> None:
    pipeline = Pipeline()
    pipeline.read(Signal("web1", "a.log", "ERROR a broke", NOW))
    pipeline.read(Signal("web1", "b.log", "INFO all is well", NOW))
    assert pipeline.read(Signal("web1", "a.log", "    at a.js:1", NOW)).event.level is Level.ERROR
    assert pipeline.read(Signal("web1", "b.log", "    and more", NOW)).event.level is Level.INFO
    assert pipeline.read(Signal("web1", "c.log", "    at the beginning", NOW)).event.level is Level.DEBUG

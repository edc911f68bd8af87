"""`metrics detect` and `logs sessions` as scripts use them: one row per row, nothing changed, clear errors."""

import os
from pathlib import Path

import pytest
from tests.integration.cli.command_line import CommandLine

SERIES = "timestamp,value\n" + "".join(f"2026-11-02 08:{n:02}:00,{n % 3}\n" for n in range(60)) + "2026-11-02 09:00:00,40\n"


@pytest.fixture
def series(tmp_path: Path) -> Path:
    path = tmp_path / "load.csv"
    path.write_text(SERIES)
    return path


def test_each_row_gets_a_score_and_is_otherwise_unchanged(vigie: CommandLine, series: Path) -> None:
    rows = vigie("metrics", "detect", str(series), "--csv").out.splitlines()
    assert rows[0] == "timestamp,value,anomaly_score"
    assert [row.rpartition(",")[0] for row in rows] == SERIES.splitlines()
    scores = [float(row.rpartition(",")[2]) for row in rows[1:]]
    assert max(scores[:-1]) < 0.5
    assert scores[-1] > 0.5


def test_what_stands_out_is_said_in_the_reader_s_language(vigie: CommandLine, series: Path) -> None:
    assert "40 is more than in the 60 samples before it" in vigie("metrics", "detect", str(series)).out
    assert "plus que dans les 60 mesures précédentes" in vigie("metrics", "detect", str(series), "--lang", "fr").out
    assert [each["value"] for each in vigie("metrics", "detect", str(series), "--json").json["anomalies"]] == ["40"]


def test_cells_that_are_no_numbers_and_times_that_are_none_get_no_score(vigie: CommandLine) -> None:
    ended = vigie("metrics", "detect", "-", "--csv", stdin="value,timestamp\nx,soon\n,\n1e999,2026-11-02\n7\n")
    assert ended.out.splitlines()[1:] == ["soon,x,0.0", ",,0.0", "2026-11-02,1e999,0.0", ",7,0.0"]


@pytest.mark.parametrize(
    ("text", "code"), [("", "cli.no_samples"), ("name,colour\na,red\n", "cli.no_samples"), ("x" * 200_000, "cli.no_samples")]
)
def test_what_is_no_series_is_refused(vigie: CommandLine, text: str, code: str) -> None:
    ended = vigie("metrics", "detect", "-", "--json", stdin=text)
    assert (ended.code, ended.error["code"]) == (2, code)


def test_what_has_no_end_or_is_not_there_is_not_read(vigie: CommandLine, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for file, code in (
        ("/dev/zero", "endless"),
        (str(tmp_path / "pipe"), "endless"),
        (str(tmp_path), "unreadable"),
        ("no", "unreadable"),
    ):
        ended = vigie("metrics", "detect", file, "--json")
        assert (ended.code, ended.error["code"]) == (1, f"cli.file_{code}")


def test_sessions_are_numbered_by_their_lines_and_the_odd_ones_explained(vigie: CommandLine, tmp_path: Path) -> None:
    ordinary, today = tmp_path / "ordinary.txt", tmp_path / "today.txt"
    ordinary.write_text("open store store close\nopen store store read close\nopen store store read read close\n" * 40)
    today.write_text("open store store read close\n\nopen store\n")
    words = ("logs", "sessions", "--train", str(ordinary), str(today))
    rows = [row.split(",") for row in vigie(*words, "--csv").out.splitlines()]
    assert rows[0] == ["SessionId", "anomaly_score"]
    assert [(row[0], float(row[1]) >= 0.5) for row in rows[1:]] == [("1", False), ("2", False), ("3", True)]
    assert "close is missing" in vigie(*words).out
    (odd,) = vigie(*words, "--json", "--lang", "fr").json["odd"]
    assert odd["SessionId"] == 3
    assert "close manque ; il vient d’habitude 1 fois" in odd["reasons"]


def test_nothing_to_learn_from_is_refused(vigie: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "none.txt").write_text("\n\n")
    ended = vigie("logs", "sessions", "--train", str(tmp_path / "none.txt"), "-", "--json", stdin="a b\n")
    assert (ended.code, ended.error["code"]) == (2, "cli.nothing_to_learn")

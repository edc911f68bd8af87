"""`python -m bench [NAME…] [--short]`: runs the measurements, each a module of this folder with `figures(short)`.

With no name, all of them run and RESULTS.md is written anew. Exit code 1 when a figure misses its bar.
"""

import argparse
import importlib
import os
import pkgutil
import platform
import sys
from pathlib import Path

import bench
from bench.figure import Figure
from bench.shelf import NoShelf
from vigie.clock import SystemClock

NOT_MEASUREMENTS = {"corpora", "__main__", "figure", "shelf", "vigie_process"}
RESULTS = Path(__file__).parent / "RESULTS.md"


def main() -> None:
    names = sorted(module.name for module in pkgutil.iter_modules(bench.__path__) if module.name not in NOT_MEASUREMENTS)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(names))
    parser.add_argument("--short", action="store_true", help="fewer repetitions")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(names):
        parser.error(f"no measurement is called {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    rows: list[tuple[str, Figure]] = []
    skipped: list[tuple[str, str]] = []
    wanted = asked.names or names
    for number, name in enumerate(wanted, 1):
        print(f"{name}…", file=sys.stderr, flush=True)
        try:
            measured = importlib.import_module(f"bench.{name}").figures(asked.short)
        except NoShelf as reason:
            skipped.append((name, str(reason)))
            print(f"{name}: SKIPPED: {reason}", flush=True)
            measured = []
        for figure in measured:
            rows.append((name, figure))
            print(line(name, figure), flush=True)
        if not asked.names:  # after each, so that a run which was cut short leaves what it measured and says what it did not
            ahead = [(later, "the run was ended before") for later in wanted[number:]]
            RESULTS.write_text(page(rows, [*skipped, *ahead], short=asked.short), encoding="utf-8")
    if not asked.names:
        print(f"written: {RESULTS}", file=sys.stderr)
    sys.exit(not all(figure.holds for _, figure in rows))


def line(name: str, figure: Figure) -> str:
    verdict = "holds" if figure.holds else "MISSED"
    note = f"; {figure.note}" if figure.note else ""
    return f"{name}: {figure.what} {figure.value:g} {figure.unit} ({figure.kind} {figure.limit:g}: {verdict}{note})"


def page(rows: list[tuple[str, Figure]], skipped: list[tuple[str, str]], *, short: bool) -> str:
    head = [
        "# Results",
        "",
        "Written by `./run bench`; never edited by hand. One run on a shared machine: trust what is held against a peer or a",
        "limit of the same run more than the seconds.",
        "",
        f"{SystemClock().now():%Y-%m-%d %H:%M} UTC · {os.cpu_count()} cores · Python {platform.python_version()}",
        *(["", "A short run: fewer repetitions; `./run bench` without `--short` is the full one."] if short else []),
        "",
        "| measurement | figure | value | bar | holds | measured beside |",
        "| --- | --- | ---: | ---: | --- | --- |",
    ]
    sign = {"at most": "≤", "at least": "≥"}
    body = [
        f"| {name} | {f.what} | {f.value:g} {f.unit} | {sign[f.kind]} {f.limit:g} | {'yes' if f.holds else '**no**'} | {f.note} |"
        for name, f in rows
    ]
    absent = ["", *(f"Not measured: {name}, because {reason}." for name, reason in skipped)] if skipped else []
    return "\n".join([*head, *body, *absent, ""])


if __name__ == "__main__":
    main()

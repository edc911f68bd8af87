"""The demo from a warm install: every scenario to its end, and whether it ended right."""

from bench.figure import Figure
from bench.vigie_process import home, vigie


def figures(short: bool) -> list[Figure]:
    with home() as where:
        _, listed, _ = vigie(where, "demo", "--scenario", "list")
        names = [scenario["name"] for scenario in listed["scenarios"]]
        rows = []
        for name in names[:1] if short else names:
            with home() as own:
                code, case, seconds = vigie(own, "demo", "--scenario", name)
                rows.append((name, code, case.get("state"), case.get("label"), seconds))
    wrong = [f"{name}: exit {code}, {state}" for name, code, state, _, _ in rows if code != 0]
    return [
        Figure(f"demo, {rows[0][0]}", round(rows[0][4], 1), "s", "at most", 45.0),
        Figure(
            "slowest scenario",
            round(max(row[4] for row in rows), 1),
            "s",
            "at most",
            90.0,
            ", ".join(f"{r[0]} {r[4]:.0f} s" for r in rows),
        ),
        Figure("scenarios not ended right", len(wrong), f"of {len(rows)}", "at most", 0, "; ".join(wrong)),
    ]

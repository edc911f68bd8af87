"""`vigie drill`: the product's own fire drills, on laboratories that are gone afterwards; scores are kept and charted."""

import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vigie.domain.errors import BadUsage, Permanent
from vigie.interfaces import drills
from vigie.interfaces.cli.follow import is_told, line_of
from vigie.interfaces.cli.frame import Session, run
from vigie.interfaces.cli.output import Answer, safe
from vigie.interfaces.cli.tables import table
from vigie.interfaces.services import Services

if TYPE_CHECKING:
    from vigie.lab.demo import Progress
    from vigie.lab.drills import Score
    from vigie.lab.scenarios.scenario import Scenario

ACTOR = "person:owner"
_PREFIX = "vigie-drill-"
_SCORE = ("name", "detected_s", "label_ok", "repaired", "damage", "restarts", "seconds")
_LISTED = ("name", "title", "repaired", "seconds", "runs", "chart")


def register(app: typer.Typer) -> None:
    """Add the group to the command line."""
    group = typer.Typer()
    group.command("ls")(ls)
    group.command("run")(play)
    app.add_typer(group, name="drill")


def ls(context: typer.Context) -> None:
    """List the drills with what they scored so far."""

    async def command(session: Session) -> Answer:
        async with session.services() as services:
            rows = [await _listed(session, services, each) for each in _known().values()]
        shown = [{**row, "runs": len(row["runs"])} for row in rows]
        return Answer({"drills": rows}, table(session.output, "drill", _LISTED, shown), rows=shown, columns=_LISTED)

    run(context, command)


def play(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]")] = None,
    every: Annotated[bool, typer.Option("--all")] = False,
) -> None:
    """Play one drill, or all that this machine has what is needed for."""

    async def command(session: Session) -> Answer:
        known = _known()
        if every == (name is not None):
            raise BadUsage("cli.drill_which", known=", ".join(known))
        if name is not None and name not in known:
            raise BadUsage("cli.unknown_drill", name=name, known=", ".join(known))
        rows = [await _played(session, each, alone=not every) for each in ([known[name]] if name else known.values())]
        is_missed = any(row["skipped"] is None and (not row["repaired"] or row["damage"]) for row in rows)
        human = table(session.output, "drill", (*_SCORE, "skipped"), rows)
        return Answer({"drills": rows}, human, rows=rows, columns=(*_SCORE, "skipped"), code=1 if is_missed else 0)

    run(context, command)


async def _played(session: Session, scenario: "Scenario", *, alone: bool) -> dict[str, Any]:
    """Play one drill in a home of its own, and keep its score in this one."""
    from vigie.interfaces.product import ShownProduct
    from vigie.lab import drills as lab

    lacking = lab.missing(scenario)
    if lacking is not None:
        if alone:
            raise lacking
        return {**dict.fromkeys(_SCORE), "name": scenario.name, "skipped": lacking.why(session.output.language)}
    session.output.note(session.output.text("cli.drill.playing", title=scenario.title[session.output.language]))
    async with _apart(session) as services:
        tell = _teller(session)
        score = await lab.run(ShownProduct(services), scenario, language=session.output.language, tell=tell)
    async with session.services() as services:
        await drills.keep(services, score, actor=ACTOR)
    return _row(score)


def _row(score: "Score") -> dict[str, Any]:
    return {**asdict(score), "skipped": None}


def _teller(session: Session) -> Any:
    def tell(progress: "Progress") -> None:
        if progress.happening is not None and is_told(progress.happening):
            session.output.note(f"  {safe(str(line_of(progress.happening, session.output.language)))}")

    return tell


@contextlib.asynccontextmanager
async def _apart(session: Session) -> AsyncIterator[Services]:
    """Open a home that lives as long as one drill: what is learnt there is of no use elsewhere."""
    home = Path(tempfile.mkdtemp(prefix=_PREFIX))
    try:
        async with session.launcher.open(home) as services:
            yield services
    finally:
        shutil.rmtree(home, ignore_errors=True)


async def _listed(session: Session, services: Services, scenario: "Scenario") -> dict[str, Any]:
    from vigie.lab import drills as lab

    scores = await drills.runs(services, scenario.name)
    language = session.output.language
    lacking: Permanent | None = lab.missing(scenario)
    return {
        **dict.fromkeys(_SCORE),
        **({key: scores[-1].get(key) for key in _SCORE} if scores else {}),
        "name": scenario.name,
        "title": scenario.title[language],
        "ticket": scenario.ticket[language],
        "skipped": lacking.why(language) if lacking is not None else None,
        "chart": drills.chart(scores),
        "runs": _kept(scores),
    }


def _kept(scores: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: score.get(key) for key in ("at", *_SCORE[1:], "label", "state", "health")} for score in scores]


def _known() -> "dict[str, Scenario]":
    from vigie.lab.demo import Demo

    return dict(sorted(Demo.scenarios(every=True).items()))

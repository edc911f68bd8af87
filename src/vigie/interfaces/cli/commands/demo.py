"""`vigie demo`: a disposable laboratory, broken and repaired before your eyes, in a home of its own."""

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vigie.domain.case import Case, CaseState
from vigie.domain.errors import BadUsage, Permanent
from vigie.domain.host import Autonomy
from vigie.interfaces import decisions
from vigie.interfaces.cases import told_case
from vigie.interfaces.cli.ask import can_ask, confirm
from vigie.interfaces.cli.case_view import drawn, plan_drawn
from vigie.interfaces.cli.follow import is_told, line_of
from vigie.interfaces.cli.frame import Session, run
from vigie.interfaces.cli.output import Answer, safe
from vigie.interfaces.cli.tables import table
from vigie.interfaces.running import is_abandoned, only_server
from vigie.interfaces.services import Services

if TYPE_CHECKING:
    from vigie.interfaces.api.server import Listener
    from vigie.lab.demo import Demonstrated, Progress

ACTOR = "person:owner"
_PREFIX = "vigie-demo-"
_LOGIN_TOKEN_TTL_S = 3600.0
_COLUMNS = ("name", "title", "ticket")
_EXIT_WAITING = 4


def register(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("demo")(demo)


def demo(
    context: typer.Context,
    scenario: Annotated[str | None, typer.Option("--scenario", metavar="NAME")] = None,
    autonomy: Annotated[Autonomy, typer.Option("--autonomy", metavar="LEVEL")] = Autonomy.ACT,
    serve: Annotated[bool, typer.Option("--serve")] = False,
) -> None:
    """Show a whole case on a disposable laboratory."""

    async def command(session: Session) -> Answer | None:
        from vigie.lab.demo import DEFAULT, Demo

        known = Demo.scenarios()
        if scenario == "list":
            return _listed(session, [_told(session, each) for each in known.values()])
        if (scenario or DEFAULT) not in known:
            raise BadUsage("cli.unknown_scenario", name=scenario, known=", ".join(known))
        async with _open(session) as (services, listener):
            show = _Show(session, services, listener)
            answer = await show.perform(scenario or DEFAULT, autonomy, is_served=serve)
            if not serve:
                return answer
            session.output.answer(answer)
            session.output.note(session.output.text("cli.demo.serving", url=listener.url))
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
        raise typer.Exit(answer.code)

    run(context, command)


class _Show:
    """One demonstration in a terminal."""

    def __init__(self, session: Session, services: Services, listener: "Listener") -> None:
        self._session = session
        self._services = services
        self._listener = listener
        self._console = session.output.console(stderr=True)
        self._status = self._console.status("") if session.output.is_live else None

    async def perform(self, scenario: str, autonomy: Autonomy, *, is_served: bool) -> Answer:
        """Run it and return the case as the answer."""
        from vigie.interfaces.product import ShownProduct
        from vigie.lab.demo import Demo

        token = await self._services.store.people.new_login_token(_LOGIN_TOKEN_TTL_S)
        self._session.output.note(self._session.output.text("cli.demo.url", url=f"{self._listener.url}/login?token={token}"))
        demonstration = Demo(ShownProduct(self._services), clock=self._services.clock)
        with self._status if self._status is not None else contextlib.nullcontext():
            demonstrated = await demonstration.run(
                scenario,
                autonomy=autonomy,
                language=self._session.output.language,
                tell=self._tell,
                decide=self._decider(is_served=is_served),
            )
        return await self._answer(demonstrated)

    def _tell(self, progress: "Progress") -> None:
        from rich.text import Text

        if progress.happening is None:
            self._console.print(Text(safe(progress.text(self._session.output.language)), "bold"))
            return
        line = Text("  ").append_text(line_of(progress.happening, self._session.output.language))
        if is_told(progress.happening):
            self._console.print(line)
        elif self._status is not None:
            self._status.update(line)

    def _decider(self, *, is_served: bool) -> Callable[[Case], Awaitable[bool]] | None:
        """Return who decides: the person at the terminal or in the console; nobody when there is neither."""
        if not is_served and not can_ask():
            return None
        return self._decide

    async def _decide(self, case: Case) -> bool:
        elsewhere = asyncio.create_task(decisions.until_decided(self._services, case.id))
        here = asyncio.create_task(self._asked(case)) if can_ask() else None
        waiting = [task for task in (elsewhere, here) if task]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if here and here.done() and not elsewhere.done():
                here.result()
            return True
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    async def _asked(self, case: Case) -> None:
        document = await told_case(self._services, case, self._session.output.language)
        plan_drawn(self._session.output, document, answer="")(self._console)
        if await confirm(self._session, self._session.output.text("cli.ask.approve", case=case.id)):
            await decisions.approve(self._services, case, plan_hash=document["plan"]["hash"], by=ACTOR)
        else:
            await decisions.reject(self._services, case, by=ACTOR)

    async def _answer(self, demonstrated: "Demonstrated") -> Answer:
        if demonstrated.case is None:
            raise Permanent("cli.demo_without_case", scenario=demonstrated.scenario)
        case = demonstrated.case
        document = await told_case(self._services, case, self._session.output.language, timeline=False)
        report = self._kept(demonstrated.scenario, document["report"])
        document |= {
            "scenario": demonstrated.scenario,
            "url": self._listener.url,
            "oracle": _judged(demonstrated),
            "cases": list(demonstrated.cases),
            "demo_seconds": demonstrated.seconds,
            "report_file": str(report) if report else None,
        }
        kept = self._session.output.text("cli.demo.report", path=report or "–")
        how = self._session.output.text("cli.demo.nobody_answered")
        code = _EXIT_WAITING if case.state is CaseState.WAITING else 0 if demonstrated.succeeded else 1
        return Answer(document, drawn(self._session.output, document, kept=kept, answer=how), rows=[_row(document)], code=code)

    def _kept(self, scenario: str, report: str) -> Path | None:
        """Keep the report where it outlives the demonstration; a home that cannot be written is no reason to fail."""
        if not report:
            return None
        folder = self._session.launcher.surroundings().home / "reports"
        path = folder / f"{self._services.clock.now():%Y%m%d-%H%M%S}-demo-{scenario}.md"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.write_text(report + "\n", encoding="utf-8")
        except OSError as error:
            self._session.output.note(self._session.output.text("cli.demo.report_lost", path=path, reason=error.strerror))
            return None
        return path


@contextlib.asynccontextmanager
async def _open(session: Session) -> "AsyncIterator[tuple[Services, Listener]]":
    """Open a home that lives as long as the demonstration, with its server."""
    from vigie.interfaces.api.server import Listener, serve

    _sweep()
    home = Path(tempfile.mkdtemp(prefix=_PREFIX))
    try:
        settings = session.launcher.settings(home)
        with only_server(settings.run_folder) as place, Listener.open(settings, 0) as listener:
            async with session.launcher.open(home) as services:
                place.announce(listener.url)
                serving = asyncio.create_task(serve(services, listener, local_token=place.token))
                try:
                    yield services, listener
                finally:
                    serving.cancel()
                    await asyncio.gather(serving, return_exceptions=True)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _sweep() -> None:
    """Remove the homes of demonstrations that were killed."""
    for home in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        if is_abandoned(home / "run"):
            shutil.rmtree(home, ignore_errors=True)


def _listed(session: Session, rows: list[dict[str, Any]]) -> Answer:
    human = table(session.output, "demo", _COLUMNS, rows, empty="cli.demo.none")
    return Answer({"scenarios": rows}, human, rows=rows, columns=_COLUMNS)


def _told(session: Session, scenario: Any) -> dict[str, Any]:
    language = session.output.language
    return {"name": scenario.name, "title": scenario.title[language], "ticket": scenario.ticket[language]}


def _judged(demonstrated: "Demonstrated") -> dict[str, Any] | None:
    judgement = demonstrated.judgement
    if judgement is None:
        return None
    return {
        "health": judgement.health.value,
        "complaints": list(judgement.complaints),
        "cause": judgement.cause,
        "harms": [str(harm) for harm in judgement.harms],
        "restarts": judgement.restarts,
    }


def _row(document: dict[str, Any]) -> dict[str, Any]:
    return {name: document[name] for name in ("scenario", "case", "state", "label", "verified")}

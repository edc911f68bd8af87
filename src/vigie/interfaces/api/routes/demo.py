"""Demonstrations on this very server: a laboratory as one more host, its case in the same lists."""

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request

from vigie.domain.case import Case
from vigie.domain.errors import BadUsage, VigieError
from vigie.i18n import Language
from vigie.interfaces import decisions
from vigie.interfaces.api import schemas
from vigie.interfaces.api.doors import Given, Known, OperatorOfAll
from vigie.interfaces.api.problems import Turned, words_of
from vigie.interfaces.services import Services
from vigie.interfaces.told import told

if TYPE_CHECKING:
    from vigie.lab.demo import Demo, Run

logger = logging.getLogger(__name__)
router = APIRouter(prefix="/api/v1/demo", tags=["demo"])
_START_S = 10.0


class Stage:
    """The server's demonstrations: one at a time, torn down with the server."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._demo: Demo | None = None
        self._task: asyncio.Task[Any] | None = None

    @property
    def demo(self) -> "Demo":
        """Return the demonstrations, made when they are first asked for."""
        if self._demo is None:
            from vigie.interfaces.product import ShownProduct
            from vigie.lab.demo import Demo

            self._demo = Demo(ShownProduct(self._services), clock=self._services.clock)
        return self._demo

    async def start(self, body: schemas.NewDemo, language: Any) -> "Run":
        """Start a demonstration and return it as soon as its laboratory has a name.

        Raises:
            Turned: one is running.
        """
        if running := self.demo.running():
            raise Turned(409, "api.demo_running", host=running[0].host)
        if body.scenario not in self.demo.scenarios():
            raise BadUsage("cli.unknown_scenario", name=body.scenario, known=", ".join(self.demo.scenarios()))
        self._task = asyncio.create_task(
            self.demo.run(body.scenario, autonomy=body.autonomy, language=language, decide=self._decide)
        )
        self._task.add_done_callback(_tell)
        async with asyncio.timeout(_START_S):
            while not self.demo.running() and not self._task.done():  # noqa: ASYNC110  # the laboratory names itself in the task
                await asyncio.sleep(0.02)
        if self._task.done():
            self._task.result()
        return self.demo.running()[0]

    def failed(self, language: Language) -> dict[str, str] | None:
        """Return why the last demonstration stopped before its end; None when it did not."""
        if self._task is None or not self._task.done() or self._task.cancelled():
            return None
        error = self._task.exception()
        if error is None:
            return None
        return (told(error, language) if isinstance(error, VigieError) else words_of(500, language)).document()

    async def close(self) -> None:
        """Stop what runs, and wait until its laboratory is gone."""
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await self._task

    async def _decide(self, case: Case) -> bool:
        await decisions.until_decided(self._services, case.id)
        return True


def _tell(task: "asyncio.Task[Any]") -> None:
    if not task.cancelled() and (error := task.exception()):
        logger.error("demonstration failed", exc_info=error)


@router.get("")
async def show(request: Request, caller: Known) -> dict[str, Any]:
    """List the scenarios, and the demonstrations that run."""
    demo = request.app.state.stage.demo
    return {
        "scenarios": [
            {"name": name, "title": each.title[caller.language], "ticket": each.ticket[caller.language]}
            for name, each in demo.scenarios().items()
        ],
        "running": [{"scenario": run.scenario, "case": run.case, "host": run.host, "state": run.state} for run in demo.running()],
        "failed": request.app.state.stage.failed(caller.language),
    }


@router.post("", status_code=202)
async def start(request: Request, _services: Given, caller: OperatorOfAll, body: schemas.NewDemo) -> dict[str, Any]:
    """Start a demonstration."""
    run = await request.app.state.stage.start(body, caller.language)
    return {"host": run.host, "case": run.case}

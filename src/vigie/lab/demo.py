"""The demonstration: a laboratory is built, broken, mended by the product, judged from outside, and torn down.

The product is driven only through `Product`, which `app` provides; progress is told through a callback, live.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from vigie import i18n
from vigie.clock import Clock, SystemClock
from vigie.domain.baseline import Baseline
from vigie.domain.case import Case, CaseState
from vigie.domain.errors import BadUsage
from vigie.domain.happening import Happening
from vigie.domain.host import Autonomy, Host
from vigie.i18n import Language
from vigie.lab import scenarios
from vigie.lab.scenarios.scenario import Health, Judgement, Scenario
from vigie.lab.stack import Stack, sweep
from vigie.plugins import discover

DEFAULT = "slow_database"
_FINDING_LIMIT_S = 30.0
_QUIET_LIMIT_S = 3.0


@dataclass(frozen=True, slots=True)
class LogSource:
    """A log to follow from its present end: the service that writes it, and where."""

    service: str
    path: Path


@dataclass(frozen=True, slots=True)
class PageCheck:
    """A page to ask for again and again, as a customer would."""

    url: str
    every_s: float = 1.0


class Product(Protocol):
    """What the demonstration needs of the product; `app` implements it with the same services as everything else."""

    async def enrol(self, host: Host) -> Host:
        """Take a host in, and find out what it is."""
        ...

    async def take_baseline(self, host: str) -> Baseline:
        """Record what should not change unnoticed."""
        ...

    async def watch(self, host: str, logs: Sequence[LogSource], pages: Sequence[PageCheck]) -> None:
        """Begin to watch. Findings gather from now on; none is worked before `next_case`."""
        ...

    async def next_case(self, host: str, *, language: Language, timeout_s: float) -> str | None:
        """Open the case of the findings gathered, as soon as there is one, begin to work it, return its id; None in time."""
        ...

    async def submit_ticket(self, host: str, ticket: str, *, language: Language) -> str:
        """Hand a ticket in; return the id of its case, which is the open one of the same trouble if there is one."""
        ...

    def follow(self, case_id: str) -> AsyncIterator[Happening]:
        """Return what happens in a case and was not yet told, live, until it ends or waits for a person."""
        ...

    async def case(self, case_id: str) -> Case:
        """Return a case."""
        ...

    async def cases(self, host: str) -> list[str]:
        """Return the ids of all cases of a host."""
        ...

    async def forget(self, host: str) -> None:
        """Stop watching a host and take it off the inventory; its cases stay."""
        ...


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of the demonstration. `key` and `values` give its sentence; `happening` is set for what happens in the case."""

    key: str
    values: dict[str, str] = field(default_factory=dict)
    happening: Happening | None = None

    def text(self, language: Language) -> str:
        """Say it."""
        return i18n.text(language, self.key, **self.values)


@dataclass(frozen=True, slots=True)
class Run:
    """A demonstration as it stands. `state` is `building`, `breaking`, `working`, `waiting` or `judging`."""

    scenario: str
    host: str
    state: str = "building"
    case: str | None = None


@dataclass(frozen=True, slots=True)
class Demonstrated:
    """How a demonstration ended.

    `judgement` is None when the case waits for a person or none was opened; `cases` are all cases that the host had: one, if
    log and ticket were understood as one trouble. `seconds` holds what each part took; `detect` is there where the trouble was
    noticed before anybody complained.
    """

    scenario: str
    host: str
    case: Case | None
    judgement: Judgement | None
    cases: tuple[str, ...]
    seconds: dict[str, float]

    @property
    def succeeded(self) -> bool:
        """Say whether one case ended well, and the host is healthy as seen from outside."""
        ended_well = self.case is not None and self.case.state in {CaseState.RESOLVED, CaseState.NO_FAULT}
        return ended_well and len(self.cases) == 1 and self.judgement is not None and self.judgement.health is Health.HEALTHY


Tell = Callable[[Progress], None]
Decide = Callable[[Case], Awaitable[bool]]


class Demo:
    """Runs demonstrations for one product."""

    def __init__(self, product: Product, *, clock: Clock | None = None, parent: Path | None = None) -> None:
        self._product = product
        self._clock = clock or SystemClock()
        self._parent = parent
        self._runs: dict[str, Run] = {}

    @staticmethod
    def scenarios(*, every: bool = False) -> dict[str, Scenario]:
        """Return the scenarios of the shop by name, the default one first; `every`: those of other laboratories too."""
        kinds = discover(scenarios, Scenario).items()
        found = {name: kind() for name, kind in kinds if every or kind.stack is Stack}
        return dict(sorted(found.items(), key=lambda item: (item[0] != DEFAULT, item[0])))

    def running(self) -> list[Run]:
        """Return the demonstrations that run now."""
        return list(self._runs.values())

    async def run(
        self,
        scenario: str = DEFAULT,
        *,
        autonomy: Autonomy = Autonomy.ACT,
        language: Language = "en",
        tell: Tell = lambda _: None,
        decide: Decide | None = None,
        before_teardown: Callable[[Stack], Awaitable[None]] | None = None,
    ) -> Demonstrated:
        """Build, break, have it mended, judge, tear down.

        `decide` is asked when the case waits for a person; it returns once that person has decided, True to go on. Without it
        the demonstration ends there. `before_teardown` is awaited while the host still stands.

        Raises:
            BadUsage: there is no such scenario.
            Permanent: the laboratory cannot be built or broken.
        """
        known = self.scenarios(every=True)
        if scenario not in known:
            raise BadUsage("lab.unknown_scenario", scenario=scenario, known=", ".join(known))
        name = f"shop-{secrets.token_hex(2)}"
        self._runs[name] = Run(scenario, name)
        for home in await sweep(self._parent):
            tell(Progress("lab.demo.swept", {"folder": str(home)}))
        tell(Progress("lab.demo.building"))
        began = self._clock.monotonic_s()
        try:
            stack = await known[scenario].stack.build(parent=self._parent)
            try:
                show = _Show(self, known[scenario], stack, tell, language)
                show.lap("build", began)
                tell(
                    Progress(
                        "lab.demo.built", {"url": stack.url, "seconds": i18n.decimal(language, f"{show.seconds['build']:.1f}")}
                    )
                )
                demonstrated = await show.perform(stack.host(name, autonomy=autonomy), decide)
                if before_teardown is not None:
                    await before_teardown(stack)
            finally:
                tell(Progress("lab.demo.tearing_down"))
                await asyncio.shield(stack.stop())
        finally:
            del self._runs[name]
        return replace(demonstrated, seconds={**demonstrated.seconds, "total": self._clock.monotonic_s() - began})

    def note(self, host: str, **changes: str) -> None:
        """Keep the list of demonstrations true."""
        self._runs[host] = replace(self._runs[host], **changes)

    @property
    def product(self) -> Product:
        """The product that is shown."""
        return self._product

    @property
    def clock(self) -> Clock:
        """The clock."""
        return self._clock


class _Show:
    """One demonstration on a standing laboratory."""

    def __init__(self, demo: Demo, scenario: Scenario, stack: Stack, tell: Tell, language: Language) -> None:
        self._demo = demo
        self._product = demo.product
        self._scenario = scenario
        self._stack = stack
        self._tell = tell
        self._language: Language = language
        self.seconds: dict[str, float] = {}

    def lap(self, name: str, began: float) -> None:
        """Note what a part took."""
        self.seconds[name] = round(self._demo.clock.monotonic_s() - began, 2)

    async def perform(self, host: Host, decide: Decide | None) -> Demonstrated:
        """Enrol, break, have it mended, judge."""
        try:
            await self._prepare(host)
            await self._break(host)
            case = await self._mend(host, decide)
            judgement = await self._judge(host) if case.state is not CaseState.WAITING else None
            return Demonstrated(
                scenario=self._scenario.name,
                host=host.name,
                case=case,
                judgement=judgement,
                cases=tuple(await self._product.cases(host.name)),
                seconds=self.seconds,
            )
        finally:
            await self._product.forget(host.name)

    async def _prepare(self, host: Host) -> None:
        began = self._demo.clock.monotonic_s()
        self._tell(Progress("lab.demo.enrolling", {"host": host.name}))
        await self._product.enrol(host)
        self._tell(Progress("lab.demo.baseline"))
        baseline = await self._product.take_baseline(host.name)
        self._tell(Progress("lab.demo.watching", {"count": str(len(baseline.entries))}))
        logs = [LogSource(service, path) for service, path in self._scenario.logs(self._stack).items()]
        await self._product.watch(host.name, logs, [PageCheck(url) for url in self._scenario.pages(self._stack)])
        self.lap("prepare", began)

    async def _break(self, host: Host) -> None:
        began = self._demo.clock.monotonic_s()
        self._demo.note(host.name, state="breaking")
        self._tell(Progress("lab.demo.breaking", {"title": self._scenario.title[self._language]}))
        await self._scenario.break_down(self._stack)
        self.lap("break", began)

    async def _mend(self, host: Host, decide: Decide | None) -> Case:
        began = self._demo.clock.monotonic_s()
        case_id = await self._open(host)
        self._demo.note(host.name, state="working", case=case_id)
        while True:
            async for happening in self._product.follow(case_id):
                self._tell(Progress("lab.demo.happening", {"kind": happening.kind}, happening))
            case = await self._product.case(case_id)
            self.lap("mend", began)
            if case.state is not CaseState.WAITING:
                return case
            self._demo.note(host.name, state="waiting")
            self._tell(Progress("lab.demo.waiting", {"case": case_id}))
            if decide is None or not await decide(case):
                return case
            self._demo.note(host.name, state="working")

    async def _open(self, host: Host) -> str:
        self._tell(Progress("lab.demo.looking"))
        began = self._demo.clock.monotonic_s()
        limit_s = _FINDING_LIMIT_S if self._scenario.breaks else _QUIET_LIMIT_S
        found = await self._product.next_case(host.name, language=self._language, timeout_s=limit_s)
        if found:
            self.seconds["detect"] = round(self._demo.clock.monotonic_s() - began, 2)
        self._tell(Progress("lab.demo.found", {"case": found}) if found else Progress("lab.demo.nothing_found"))
        ticket = self._scenario.ticket[self._language]
        self._tell(Progress("lab.demo.ticket", {"ticket": ticket}))
        case_id = await self._product.submit_ticket(host.name, ticket, language=self._language)
        if found is not None:
            self._tell(Progress("lab.demo.same_case" if case_id == found else "lab.demo.other_case", {"case": case_id}))
        return found or case_id

    async def _judge(self, host: Host) -> Judgement:
        began = self._demo.clock.monotonic_s()
        self._demo.note(host.name, state="judging")
        self._tell(Progress("lab.demo.judging"))
        judgement = await self._scenario.oracle(self._stack)
        self._tell(Progress(f"lab.demo.{judgement.health}"))
        self.lap("judge", began)
        return judgement

"""Looks at a laboratory's shop as its customers do, long enough, and says what they suffer from."""

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from urllib.parse import urlencode

from vigie.lab.counters import Visit
from vigie.lab.orders import CUSTOMERS
from vigie.lab.stack import Answer, Stack

ROUTES = ("/", "/orders", "/checkout", "/upload")
REFERENCE = "/"
# An indexed page takes 1 to 2 times the reference page, one without its index more than 50 times: the band between is wide.
_SLOW_TIMES = 6.0
_SLOW_MORE_S = 0.06
_PAUSE_S = 0.25
_GOOD = range(200, 300)


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen over a window: our own requests by route, the services' states, and what other customers got meanwhile."""

    answers: dict[str, list[Answer]]
    services: tuple[dict[str, str], ...]
    visits: tuple[Visit, ...]

    def complaints(self) -> list[str]:
        """Return what was not as it should be, one line each; empty when customers are well."""
        found = []
        for route, answers in self.answers.items():
            bad = [answer.status for answer in answers if answer.status not in _GOOD]
            if bad:
                found.append(f"{route}: {len(bad)} of {len(answers)} answers were bad ({_words(bad)})")
            elif self._is_slow(route):
                best_ms, light_ms = _best_ms(answers), _median_ms(self.answers[REFERENCE])
                found.append(f"{route}: {best_ms:.0f} ms at best, while {REFERENCE} takes {light_ms:.0f} ms")
        bad_visits = [visit.status for visit in self.visits if not visit.good]
        if bad_visits:
            found.append(f"customers: {len(bad_visits)} of {len(self.visits)} answers were bad ({_words(bad_visits)})")
        not_running = {name: state for states in self.services for name, state in states.items() if state != "RUNNING"}
        return found + [f"{name} is {state}" for name, state in not_running.items()]

    def _is_slow(self, route: str) -> bool:
        limit_ms = _SLOW_TIMES * _median_ms(self.answers[REFERENCE]) + 1000 * _SLOW_MORE_S
        return _best_ms(self.answers[route]) > limit_ms


async def observe(stack: Stack, window_s: float = 2.5, *, rounds: int = 3) -> Observation:
    """Be a customer for a while, and for so many rounds at least.

    The best latency of a page is compared with the usual one of a light page: on a loaded machine any request may be slow,
    a fault makes all of them so.
    """
    began_at, began = time.time(), time.monotonic()
    answers: dict[str, list[Answer]] = {route: [] for route in ROUTES}
    services = []
    for number in count():
        for route in ROUTES:
            answers[route].append(await _visit(stack, route, number))
        services.append(await stack.services())
        if number + 1 >= rounds and time.monotonic() - began >= window_s:
            break
        await asyncio.sleep(_PAUSE_S)
    return Observation(answers, tuple(services), tuple(stack.customers.visits(began_at)))


async def _visit(stack: Stack, route: str, number: int) -> Answer:
    customer = 1 + (number * 4001 + 17) % CUSTOMERS
    if route == "/orders":
        return await stack.ask(f"/orders?customer={customer}")
    if route == "/checkout":
        return await stack.ask(route, body=urlencode({"customer": customer, "product": 1, "address": "2 Quay"}).encode())
    if route == "/upload":
        return await stack.ask(f"/upload?name=observer-{number % 8}.bin", body=bytes(1000))
    return await stack.ask(route)


def _median_ms(answers: Sequence[Answer]) -> float:
    return 1000 * statistics.median(answer.seconds for answer in answers)


def _best_ms(answers: Sequence[Answer]) -> float:
    return 1000 * min(answer.seconds for answer in answers)


def _words(statuses: Sequence[int | None]) -> str:
    return ", ".join(sorted({"no answer" if status is None else str(status) for status in statuses}))

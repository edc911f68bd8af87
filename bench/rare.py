"""Rare values: weeks of ordinary days of made-up hosts, with now and then somebody who was never there.

Ordinary days have what tempts: people who travel, customers without number, scanners, a new colleague, jobs of once a week.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bench.figure import Figure
from vigie.domain.finding import Signal
from vigie.signals.detectors.rare_value import RareValue
from vigie.signals.pipeline import Pipeline

FULL, SHORT = 40, 6
DAYS = 21
SEED = 20261120
NAMES = [
    f"{first}{second}"
    for first in ("ann", "bo", "cle", "da", "el", "fa", "gus", "ha", "in", "jo")
    for second in ("", "la", "mir", "so")
]


@dataclass
class Day:
    """One line of a day: when, what; `odd` when nobody expects it."""

    at: datetime
    text: str
    odd: str = ""


def figures(short: bool) -> list[Figure]:
    hosts = SHORT if short else FULL
    false = told = odd = 0
    for host in range(hosts):
        pipeline = Pipeline(judges=[RareValue()])
        expected: set[str] = set()
        seen: set[str] = set()
        for line in _weeks(random.Random(f"{SEED} {host}")):
            expected |= {line.odd} - {""}
            found = pipeline.feed(Signal("h", "/var/log/auth.log", f"{line.at:%Y-%m-%dT%H:%M:%S}Z {line.text}", line.at))
            if line.odd and found:
                seen.add(line.odd)
            elif found:
                false += len(found)
        odd, told = odd + len(expected), told + len(seen)
    note = f"{hosts} hosts, {DAYS} days each"
    return [
        Figure("ordinary values told of as rare", round(false / (hosts * DAYS / 7), 2), "a host-week", "at most", 1, note),
        Figure("intruders told of", round(100 * told / odd, 1), "%", "at least", 85, f"{odd}, after the first week"),
    ]


def _weeks(dice: random.Random) -> Iterator[Day]:
    staff = dice.sample(NAMES, dice.randint(2, 9))
    homes = {name: [_network(dice) for _ in range(dice.randint(1, 3))] for name in staff}
    travellers = [name for name in staff if dice.random() < 0.3]
    customers = [f"c{number}x" for number in range(dice.choice((40, 800, 5000)))]
    folders = [f"/{first}/{second}" for first in ("srv", "var", "opt") for second in ("orders", "mail", "shop", "backup")]
    begin = datetime(2026, 3, 2, tzinfo=UTC)
    for number in range(DAYS):
        day = begin + timedelta(days=number)
        lines = list(_ordinary(dice, day, staff, homes, travellers, customers, folders))
        if number == dice.randint(8, 16):
            newcomer = dice.choice([name for name in NAMES if name not in staff])
            staff.append(newcomer)
            homes[newcomer] = [_network(dice)]
        if number >= 7 and dice.random() < 0.15:
            lines += _intruder(dice, day, staff, number)
        yield from sorted(lines, key=lambda line: line.at)


def _ordinary(
    dice: random.Random,
    day: datetime,
    staff: list[str],
    homes: dict[str, list[str]],
    travellers: list[str],
    customers: list[str],
    folders: list[str],
) -> Iterator[Day]:
    busy = 1.0 if day.weekday() < 5 else 0.2
    for name in staff:
        for _ in range(sum(dice.random() < busy * 0.7 for _ in range(6))):
            network = _network(dice) if name in travellers and dice.random() < 0.05 else dice.choice(homes[name])
            at = _moment(dice, day)
            yield Day(
                at,
                f"INFO sshd: Accepted publickey for {name} from {_address(dice, network)} port {dice.randint(1024, 65000)} ssh2",
            )
            yield Day(at, f"INFO sshd: session opened for user {name}")
        if dice.random() < busy * 0.2:
            yield Day(_moment(dice, day), f"INFO sudo: user={name} command=/usr/bin/systemctl")
    for _ in range(200):
        name = customers[min(int(dice.paretovariate(0.6)) - 1, len(customers) - 1)]
        yield Day(_moment(dice, day), f"INFO shop: user {name} logged in from {_address(dice, _network(dice))}")
    for _ in range(dice.randint(0, 60)):
        guess = f"{dice.choice(NAMES)}{dice.randint(1, 99)} from {_address(dice, _network(dice))}"
        yield Day(_moment(dice, day), f"WARN sshd: Failed password for invalid user {guess} port 22")
    for hour in range(24):
        yield Day(day + timedelta(hours=hour, minutes=17), "INFO cron: session opened for user root")
        for folder in folders[:6] if hour == 3 else folders[:3]:
            yield Day(
                day + timedelta(hours=hour, minutes=18), f"INFO backup: wrote {folder}/set{hour}.tar in {dice.randint(1, 90)} s"
            )
    if day.weekday() == 6:
        yield Day(day + timedelta(hours=4), f"INFO backup: wrote {folders[-1]}/week.tar in 900 s")


def _intruder(dice: random.Random, day: datetime, staff: list[str], number: int) -> list[Day]:
    at, name = _moment(dice, day), f"{dice.choice(('support', 'oracle', 'svc', 'temp'))}_{chr(97 + number)}"
    match dice.randrange(3):
        case 0:
            return [Day(at, f"INFO sshd: session opened for user {name}", f"{number}")]
        case 1:
            return [Day(at, f"INFO cron: session opened for user {name}", f"{number}")]
        case _:
            return [Day(at, f"INFO backup: wrote /etc/{name}/copy.tar in 3 s", f"{number}")]


def _network(dice: random.Random) -> str:
    return f"{dice.randint(20, 220)}.{dice.randint(1, 250)}"


def _address(dice: random.Random, network: str) -> str:
    return f"{network}.{dice.randint(1, 250)}.{dice.randint(1, 250)}"


def _moment(dice: random.Random, day: datetime) -> datetime:
    return day + timedelta(seconds=min(86_000.0, max(0.0, dice.gauss(13 * 3600, 3 * 3600))))

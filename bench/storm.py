"""Storms of a thousand alerts within ten seconds: do they collapse into the troubles that caused them?

Each storm is made by seed: services in layers that need each other, on hosts in racks, now and then two of different products on
one host; some troubles at once, all within the same ten seconds, some told in words only; next to them the usual singles, which
say the same as each other (disks, certificates) and are different troubles.
"""

import itertools
import random
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bench.figure import Figure
from vigie.signals.grouping import Alert, group

START = datetime(2026, 3, 2, tzinfo=UTC)
ALERTS = 1000
SOUNDS = (
    "p99 latency is {n} ms",
    "error rate is {n} %",
    "health check failed {n} times",
    "queue has {n} messages",
    "timeouts: {n}",
)


@dataclass
class World:
    """`needs` is a forest of towers: a product's services, each needing some of the layer below."""

    needs: dict[str, list[str]]
    hosts: dict[str, list[str]]
    racks: dict[str, str]
    towers: list[list[list[str]]]


def figures(short: bool) -> list[Figure]:
    began, results, apart = time.process_time(), [], 0.0
    for seed in range(20 if short else 200):
        chance = random.Random(seed)
        made = world(chance)
        alerts, truth = storm(made, chance)
        found = group(alerts, made.needs)
        apart += kept_apart(found, truth) / (20 if short else 200)
        results.append((*pairwise(found, truth), *pairwise(group(alerts), truth)))
    ms = 1e3 * (time.process_time() - began) / len(results)
    f1, without = sorted(each[0] for each in results), sorted(each[3] for each in results)
    note = f"{len(results)} storms of {ALERTS} alerts; worst {f1[0]:.3f}, precision {mean(each[1] for each in results):.3f}"
    return [
        Figure("pairwise F1, mean", round(mean(f1), 3), "", "at least", 0.95, note),
        Figure("single alerts that sound like others and are kept apart", round(100 * apart, 1), "%", "at least", 99),
        Figure("pairwise F1, tenth part from below", round(f1[len(f1) // 10], 3), "", "at least", 0.9),
        Figure("pairwise F1 without the dependency graph, mean", round(mean(without), 3), "", "at least", 0.7),
        Figure("processor time, making it counted", round(ms), "ms a storm", "at most", 1000),
    ]


def world(chance: random.Random) -> World:
    needs: dict[str, list[str]] = {}
    hosts: dict[str, list[str]] = {}
    racks: dict[str, str] = {}
    towers = []
    for product in ("shop", "mail", "pay", "hr", "bi", "wiki", "crm", "erp"):
        layers = [
            [f"{product}-{kind}-{n}" for n in range(chance.randint(1, size))]
            for kind, size in (("web", 2), ("api", 3), ("db", 2))
        ]
        for upper, lower in itertools.pairwise(layers):
            for service in upper:
                needs[service] = [lower[0], *(each for each in lower[1:] if chance.random() < 0.5)]
        for service in (each for layer in layers for each in layer):
            lent = chance.choice(list(racks)) if racks and chance.random() < 0.1 else None
            own = [f"{service}-vm{n}" for n in range(chance.randint(2, 5))]
            racks.update((host, f"{product}-r{chance.randrange(3)}") for host in own)
            hosts[service] = [*own, *([lent] if lent else [])]
        towers.append(layers)
    return World(needs, hosts, racks, towers)


def storm(made: World, chance: random.Random) -> tuple[list[Alert], list[int]]:
    troubles = [
        chance.choice((database, release, rack, machine))(made, tower, chance)
        for tower in chance.sample(made.towers, chance.randint(2, 7))
    ]
    singles = [[single(number, chance)] for number in range(chance.randint(5, 40))]
    told: list[tuple[Alert, int]] = [(each[0], number) for number, each in enumerate(singles)]
    weights = [chance.uniform(1, 6) for _ in troubles]
    while len(told) < ALERTS:
        (number,) = chance.choices(range(len(troubles)), weights)
        told.append((chance.choice(troubles[number]), len(singles) + number))
    chance.shuffle(told)
    alerts = [Alert(START + timedelta(seconds=chance.uniform(0, 10)), each.summary, each.labels) for each, _ in told]
    return alerts, [number for _, number in told]


def database(made: World, tower: list[list[str]], chance: random.Random) -> list[Alert]:
    """One database is down: it complains, and so do all who need it, some naming it."""
    (low,) = chance.sample(tower[2], 1)
    sufferers = [each for each, needed in made.needs.items() if low in needed]
    sufferers += [each for each, needed in made.needs.items() if set(needed) & set(sufferers)]
    alerts = complaints(made, [low], chance)
    alerts += complaints(made, sufferers, chance, f"cannot connect to {chance.choice(made.hosts[low])}:5432")
    return alerts


def release(made: World, tower: list[list[str]], chance: random.Random) -> list[Alert]:
    """A bad release of one service: all its replicas complain."""
    service = chance.choice([each for layer in tower[:2] for each in layer])
    return complaints(made, [service], chance, version=f"v{chance.randrange(100)}")


def rack(made: World, tower: list[list[str]], chance: random.Random) -> list[Alert]:
    """A switch is dead: every host of a rack is gone."""
    hosts = [host for layer in tower for service in layer for host in made.hosts[service]]
    where = made.racks[chance.choice(hosts)]
    gone = [host for host in hosts if made.racks[host] == where]
    return [
        Alert(START, "host does not answer", {"instance": f"{host}:9100", "rack": where, "severity": "critical"}) for host in gone
    ]


def machine(made: World, tower: list[list[str]], chance: random.Random) -> list[Alert]:
    """One host is overloaded: everything on it complains."""
    service = chance.choice([each for layer in tower for each in layer])
    host = chance.choice(made.hosts[service])
    sounds = ("load is {n}", "memory is at {n} %", "disk latency is {n} ms", *SOUNDS)
    return [Alert(START, sound.format(n=chance.randrange(100)), {"host": host, "severity": "warning"}) for sound in sounds]


def single(number: int, chance: random.Random) -> Alert:
    """Something small that happens all the time; it sounds like the others of its kind."""
    summary = chance.choice(("Disk almost full", "Certificate expires soon", "Backup is late"))
    return Alert(
        START,
        summary,
        {"instance": f"office-{number}:9100", "mount": chance.choice(["/", "/srv", "/var"]), "severity": "warning"},
    )


def complaints(made: World, services: Sequence[str], chance: random.Random, says: str = "", version: str = "") -> list[Alert]:
    alerts = []
    for service in services:
        for host in made.hosts[service]:
            for sound in (*SOUNDS, *([says] if says else [])):
                labels = {
                    "service": service,
                    "instance": f"{host}:8080",
                    "severity": chance.choice(("warning", "critical")),
                    "env": "prod",
                }
                labels |= {"version": version} if version else {}
                if chance.random() < 0.3:
                    del labels["instance"]
                said = sound.format(n=chance.randrange(1000))
                in_words = Alert(START, f"{service} on {host}: {said}", {"severity": "warning"})
                alerts.append(in_words if chance.random() < 0.1 else Alert(START, said, labels))
    return alerts


def pairwise(found: Sequence[int], truth: Sequence[int]) -> tuple[float, float, float]:
    """Return F1, precision and recall over pairs of alerts."""
    together = pairs(Counter(zip(found, truth, strict=True)).values())
    precision = together / max(1, pairs(Counter(found).values()))
    recall = together / max(1, pairs(Counter(truth).values()))
    return 2 * precision * recall / max(1e-9, precision + recall), precision, recall


def kept_apart(found: Sequence[int], truth: Sequence[int]) -> float:
    sizes, troubles = Counter(found), Counter(truth)
    singles = [group for group, trouble in zip(found, truth, strict=True) if troubles[trouble] == 1]
    return sum(sizes[group] == 1 for group in singles) / max(1, len(singles))


def pairs(counts: Iterable[int]) -> int:
    return sum(count * (count - 1) // 2 for count in counts)


def mean(values: Iterable[float]) -> float:
    known = list(values)
    return sum(known) / len(known)

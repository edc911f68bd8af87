"""What discovery found, kind by kind, for `vigie plugins` and `vigie tools ls`."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from vigie.plugins import discover

# (kind, package, module and name of the contract): the contracts, not the plug-ins; those nobody lists.
_CONTRACTS = (
    ("agent", "vigie.agents", "vigie.agents.agent", "Agent"),
    ("collector", "vigie.collectors", "vigie.collectors.collector", "Collector"),
    ("parser", "vigie.signals.parsers", "vigie.signals.parsers.parser", "Parser"),
    ("detector", "vigie.signals.detectors", "vigie.signals.detectors.detector", "Detector"),
    ("scenario", "vigie.lab.scenarios", "vigie.lab.scenarios.scenario", "Scenario"),
)
_KNOWLEDGE = ("causes", "remedies", "probes", "managers", "scripts", "lexicons")


def plugins(knowledge: Any) -> list[dict[str, Any]]:
    """Return every plug-in and every piece of knowledge that was found."""
    return sorted([*_coded(), *_known(knowledge)], key=lambda row: (row["kind"], row["name"]))


def _coded() -> Iterator[dict[str, Any]]:
    for kind, package, module, contract in _CONTRACTS:
        for name, found in discover(import_module(package), getattr(import_module(module), contract)).items():
            yield {
                "kind": kind,
                "name": name,
                "says": (found.__doc__ or "").strip().partition("\n")[0],
                "where": found.__module__,
            }


def _known(knowledge: Any) -> Iterator[dict[str, Any]]:
    for folder in _KNOWLEDGE:
        for name in getattr(knowledge, folder):
            yield {
                "kind": folder.rstrip("s") if folder != "remedies" else "remedy",
                "name": name,
                "says": "",
                "where": f"knowledge/{folder}",
            }

"""What discovery found, kind by kind, for `vigie plugins` and `vigie tools ls`."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from vigie.i18n import LANGUAGES
from vigie.plugins import discover
from vigie.policy import models

# (kind, package, module and name of the contract): the contracts, not the plug-ins; those nobody lists.
_CONTRACTS = (
    ("agent", "vigie.agents", "vigie.agents.agent", "Agent"),
    ("collector", "vigie.collectors", "vigie.collectors.collector", "Collector"),
    ("parser", "vigie.signals.parsers", "vigie.signals.parsers.parser", "Parser"),
    ("probe-parser", "vigie.reasoning.parsers", "vigie.reasoning.parsers.parser", "Parser"),
    ("answer", "vigie.reasoning.answers", "vigie.reasoning.answers.answer", "Answer"),
    ("detector", "vigie.signals.detectors", "vigie.signals.detectors.detector", "Detector"),
    ("transport", "vigie.tools.transports", "vigie.tools.transports.transport", "Transport"),
    ("scenario", "vigie.lab.scenarios", "vigie.lab.scenarios.scenario", "Scenario"),
)
_KNOWLEDGE = (
    "causes",
    "remedies",
    "symptoms",
    "probes",
    "managers",
    "scripts",
    "lexicons",
    "intents",
    "concepts",
    "hazards",
    "services",
)


def plugins(knowledge: Any) -> list[dict[str, Any]]:
    """Return every plug-in and every piece of knowledge that was found."""
    return sorted([*_coded(), *_known(knowledge), *_named()], key=lambda row: (row["kind"], row["name"]))


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


def _named() -> Iterator[dict[str, Any]]:
    """Yield what is read where it is needed: models of programs, and languages."""
    for name in models.names():
        yield {"kind": "program", "name": name, "says": "", "where": "knowledge/programs"}
    for language in LANGUAGES:
        yield {"kind": "language", "name": language, "says": "", "where": f"i18n/{language}"}

"""Every probe, manager and script that is discovered keeps its contract."""

import ast
import importlib
import re
import shlex
from datetime import UTC, datetime
from pathlib import Path

import pytest

from vigie.domain.action import Completed, EffectClass
from vigie.domain.host import Host
from vigie.knowledge import detection, library
from vigie.knowledge.detection import Found
from vigie.knowledge.models import Probe
from vigie.policy.shell import classify
from vigie.reasoning import probing, templates
from vigie.reasoning.parsers.parser import Parser
from vigie.reasoning.relations import MADE_FROM

KNOWN = library.load()
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
FACTS = Path(__file__).parents[2] / "docs" / "facts.md"
SLOTS = {
    "program": "/usr/sbin/nginx",
    "command": "/srv/app/bin/start --port 8000",
    "path": "/etc/app/app.ini",
    "folder": "/srv/app",
    "mount": "/srv",
    "log": "/var/log/app.log",
    "pid": "812",
    "service": "web",
    "user": "www-data",
    "url": "http://127.0.0.1:8000/health",
    "address": "127.0.0.1",
    "port": "8000",
    "name": "db.example.org",
    "database": "/srv/app/app.db",
    "statement": "SELECT * FROM orders WHERE customer_id = 1 ORDER BY at",
}
MANAGER_SLOTS = {"config": "/etc/supervisor/supervisord.conf", "folder": "/etc/service", "home": "/home/web/.pm2"}
STARTS = frozenset({"start", "stop", "restart", "reload"})
FITTED = re.compile(r"vigie-lab|boutique|\bshop\b", re.IGNORECASE)


def slots_of(probe: Probe) -> dict[str, str]:
    slots = {name: SLOTS[name] for name in probe.slots}
    if probe.slots.get("database") == "text":
        slots["database"] = "host=/run/postgresql port=5432 dbname=postgres"
    return slots


@pytest.mark.parametrize("focus", [(), ("/srv/app", "/srv/other app")])
@pytest.mark.parametrize("manager", KNOWN.managers)
@pytest.mark.parametrize("name", KNOWN.probes)
def test_every_line_of_every_probe_is_a_safe_read(name: str, manager: str, focus: tuple[str, ...]) -> None:
    probe = KNOWN.probes[name]
    spoken = any(variant.line.startswith("@") for variant in probe.variants)
    if not spoken and manager != next(iter(KNOWN.managers)):
        return
    host = Host("h", "local", manager=manager, focus=focus, options=Found(KNOWN.managers[manager], MANAGER_SLOTS).options())
    lines = probing.readings(probe, slots_of(probe), host)
    assert spoken or len(lines) == len(probe.variants)
    for line in lines:
        judged = classify(line.line, stdin=line.stdin)
        assert judged.effect_class is EffectClass.SAFE_READ, (line.line, judged.effects)
        assert shlex.split(line.line)


@pytest.mark.parametrize("name", KNOWN.probes)
def test_a_probe_names_parsers_scripts_and_facts_that_exist(name: str) -> None:
    probe = KNOWN.probes[name]
    told = FACTS.read_text(encoding="utf-8")
    for variant in probe.variants:
        assert (variant.parser or probe.parser) in probing.known_parsers()
        assert variant.script is None or variant.script in KNOWN.scripts
        assert templates.slots_of(variant.line) <= {*probe.slots, "focus"}
    for fact in probe.yields:
        assert f"`{fact}`" in told, f"{fact} is not in docs/facts.md"
    if probe.each is not None:
        assert probe.each.fact in MADE_FROM or any(probe.each.fact in other.yields for other in KNOWN.probes.values())


@pytest.mark.parametrize("name", KNOWN.probes)
def test_what_was_recorded_gives_the_facts_it_shows(name: str) -> None:
    probe = KNOWN.probes[name]
    assert probe.cases, "a probe has a recorded case"
    for case in probe.cases:
        host = Host("h", "local", manager="supervisord")
        completed = Completed("line", case.rc, case.stdout.encode(), b"", 0.0)
        read = probing.facts(probe, case.slots, [(probing.Line("line", None, 1.0, case.variant), completed)], host, NOW)
        seen = [(fact.subject, fact.name, fact.value) for fact in read]
        assert case.facts
        for subject, fact, value in case.facts:
            assert (subject, fact, value) in seen
        assert {fact for _, fact, _ in case.facts} <= set(probe.yields)


@pytest.mark.parametrize("name", KNOWN.probes)
def test_a_probe_is_fitted_to_no_stack_of_ours(name: str) -> None:
    probe = KNOWN.probes[name]
    assert not FITTED.search(probe.model_dump_json(exclude={"variants"}))
    assert probe.title.en != probe.title.fr


def test_there_are_enough_probes() -> None:
    assert len(KNOWN.probes) >= 60


@pytest.mark.parametrize("name", KNOWN.managers)
def test_a_manager_can_be_spoken_to(name: str) -> None:
    manager = KNOWN.managers[name]
    assert manager.parser in probing.known_parsers()
    assert {"list", "status", "pid", "running"} <= set(manager.verbs)
    assert name == "plain" or set(manager.verbs) >= STARTS
    re.compile(manager.found)
    for verb in manager.verbs:
        script = KNOWN.scripts[manager.scripts[verb]].source if verb in manager.scripts else None
        line = templates.fill(f"@{verb} {{service}}", {"service": "web"}, {"service": "name"}, Found(manager, MANAGER_SLOTS))
        judged = classify(line, stdin=script)
        if verb in STARTS | {"enlist"}:
            assert judged.effect_class.rank <= EffectClass.DANGEROUS.rank, line
        else:
            assert judged.effect_class is EffectClass.SAFE_READ, (line, judged.effects)


@pytest.mark.parametrize("line", detection.lines(KNOWN))
def test_to_look_for_a_manager_is_a_safe_read(line: str) -> None:
    assert classify(line).effect_class is EffectClass.SAFE_READ


@pytest.mark.parametrize("name", KNOWN.scripts)
def test_a_script_runs_on_old_pythons_and_is_judged_as_declared(name: str) -> None:
    script = KNOWN.scripts[name]
    ast.parse(script.source.decode(), feature_version=(3, 6))
    assert ast.get_docstring(ast.parse(script.source.decode()))
    assert classify("python3 - /srv/app/app.db x", stdin=script.source).effect_class is script.declaration.effect_class
    assert classify("python3 - /srv/app/app.db x", stdin=script.source + b"\n").effect_class is not EffectClass.SAFE_READ


@pytest.mark.parametrize("name", KNOWN.scripts)
def test_a_script_uses_the_standard_library_only_and_no_process(name: str) -> None:
    tree = ast.parse(KNOWN.scripts[name].source)
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not imported & {"subprocess", "ctypes", "multiprocessing", "shutil", "pty"}
    for module in imported:
        importlib.import_module(module)
    reads = KNOWN.scripts[name].declaration.effect_class is EffectClass.SAFE_READ
    writes = re.search(
        rb"os\.(remove|unlink|rename|chmod|chown|kill|system)|open\([^)\n]*, [\"'](w|a|r\+)b?[\"']", KNOWN.scripts[name].source
    )
    assert not (reads and writes)


@pytest.mark.parametrize("name", probing.known_parsers())
def test_a_parser_has_a_name_and_says_what_it_reads(name: str) -> None:
    kind = probing.known_parsers()[name]
    assert issubclass(kind, Parser)
    assert kind.__doc__
    module = importlib.import_module(kind.__module__)
    assert module.__doc__


def test_the_vocabulary_names_no_fact_that_nothing_yields() -> None:
    rows = [line for line in FACTS.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    table = [line.split(" | ") for line in rows if line.count(" | ") == 3]
    named = {word for cells in table for word in re.findall(r"`([a-z_]+\.[a-z_.]+)`", cells[0])}
    yielded = {fact for probe in KNOWN.probes.values() for fact in probe.yields} | {"probe.ran", "probe.unavailable"}
    assert {name for name in named if not name.startswith("change.")} - yielded == set()
    assert "log.error" in named


def test_the_vocabulary_names_every_script_that_a_remedy_may_use() -> None:
    told = FACTS.read_text(encoding="utf-8")
    for name, script in KNOWN.scripts.items():
        if script.declaration.effect_class is not EffectClass.SAFE_READ:
            assert f"`{name}`" in told

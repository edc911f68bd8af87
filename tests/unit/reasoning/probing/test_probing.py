"""From a probe to lines, and from answers to facts."""

import json
from datetime import UTC, datetime

from vigie.domain.action import Completed
from vigie.domain.host import Host
from vigie.knowledge import library
from vigie.knowledge.models import Both, Probe, Variant
from vigie.reasoning import probing
from vigie.reasoning.probing import Batch

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOST = Host("h", "local")
KNOWN = library.load()


def done(line: str, text: str = "", rc: int | None = 0, stderr: str = "", killed: bool = False) -> Completed:
    return Completed(line, rc, text.encode(), stderr.encode(), 0.1, killed=killed)


def probe(*variants: Variant, name: str = "own.thing") -> Probe:
    return Probe(name=name, title=Both(en="A", fr="B"), variants=variants, parser="facts", yields=("log.error",), cost_s=1)


ROW = json.dumps({"subject": "log:/a", "name": "log.error", "value": {"count": 2}})
TWO = probe(Variant(line="new-tool", needs=("new-tool",)), Variant(line="old-tool"))


def test_only_variants_whose_programs_are_there_are_tried() -> None:
    assert [line.line for line in probing.readings(TWO, {}, HOST, programs=["sh"])] == ["old-tool"]
    assert [line.line for line in probing.readings(TWO, {}, HOST)] == ["new-tool", "old-tool"]


def test_a_focus_fills_the_line_with_its_folders() -> None:
    host = Host("h", "local", focus=("/srv/a b", "/srv/c"))
    line = probing.readings(KNOWN.probes["processes"], {}, host)[0]
    assert line.line == "python3 - '/srv/a b' /srv/c"
    assert line.stdin == KNOWN.scripts["processes"].source


def test_a_fact_says_where_it_was_seen() -> None:
    (line,) = probing.readings(probe(Variant(line="say it")), {}, HOST)
    seen, ran = probing.facts(probe(Variant(line="say it")), {}, [(line, done("say it", ROW))], HOST, NOW)
    assert (seen.subject, seen.name, seen.value, seen.probe) == ("log:/a", "log.error", {"count": 2}, "own.thing")
    assert seen.source.line == "say it"
    assert "count" in seen.source.excerpt
    assert (ran.subject, ran.name) == ("probe:own.thing", "probe.ran")
    assert ran.value == {"slots": {}, "line": "say it", "facts": 1}


def test_checked_and_not_seen_is_told_from_not_checked() -> None:
    (line,) = probing.readings(probe(Variant(line="say it")), {}, HOST)
    (ran,) = probing.facts(probe(Variant(line="say it")), {}, [(line, done("say it"))], HOST, NOW)
    assert ran.name == "probe.ran"
    (gone,) = probing.facts(
        probe(Variant(line="say it")), {}, [(line, done("say it", rc=1, stderr="Permission denied"))], HOST, NOW
    )
    assert gone.name == "probe.unavailable"
    assert isinstance(gone.value, dict)
    assert gone.value["why"] == "refused"


def test_why_a_probe_could_not_be_read_is_named() -> None:
    def why(*answers: Completed) -> object:
        lines = probing.readings(probe(*[Variant(line=answer.line) for answer in answers]), {}, HOST)
        (fact,) = probing.facts(
            probe(*[Variant(line=a.line) for a in answers]), {}, list(zip(lines, answers, strict=True)), HOST, NOW
        )
        assert isinstance(fact.value, dict)
        return fact.value["why"]

    assert why(done("a", rc=127, stderr="sh: 1: a: not found")) == "no_program"
    assert why(done("a", rc=None, killed=True)) == "timeout"
    assert why(done("a", rc=2, stderr="a: broken")) == "failed"
    assert why(done("a", rc=127), done("b", rc=1, stderr="Operation not permitted")) == "refused"
    (fact,) = probing.facts(TWO, {}, [], HOST, NOW)
    assert isinstance(fact.value, dict)
    assert (fact.value["why"], fact.value["detail"]) == ("no_program", "new-tool")


def test_a_batch_falls_through_to_the_next_variant() -> None:
    batch = Batch([(TWO, {})], HOST)
    (first,) = batch.pending()
    batch.take([first], [done("new-tool", rc=127, stderr="not found")])
    (second,) = batch.pending()
    assert second.line == "old-tool"
    batch.take([second], [done("old-tool", ROW)])
    assert batch.pending() == []
    assert [fact.name for fact in batch.facts(NOW)] == ["log.error", "probe.ran"]


def test_a_batch_asks_for_a_line_once_whoever_wants_it() -> None:
    one, other = probe(Variant(line="same"), name="own.one"), probe(Variant(line="same"), name="own.other")
    batch = Batch([(one, {}), (other, {})], HOST)
    lines = batch.pending()
    assert len(lines) == 1
    batch.take(lines, [done("same", ROW)])
    assert [fact.subject for fact in batch.facts(NOW) if fact.name == "probe.ran"] == ["probe:own.one", "probe:own.other"]


def test_a_host_cannot_say_more_than_a_probe_may() -> None:
    row = json.dumps({"subject": "host", "name": "service.state", "value": "running"})
    (line,) = probing.readings(probe(Variant(line="say it")), {}, HOST)
    (ran,) = probing.facts(probe(Variant(line="say it")), {}, [(line, done("say it", row))], HOST, NOW)
    assert ran.name == "probe.ran"


def test_a_flood_is_cut() -> None:
    (line,) = probing.readings(probe(Variant(line="say it")), {}, HOST)
    found = probing.facts(probe(Variant(line="say it")), {}, [(line, done("say it", f"{ROW}\n" * 20_000))], HOST, NOW)
    assert len(found) == probing.FACTS_MAX + 1


def test_services_are_read_in_the_words_of_the_hosts_manager() -> None:
    host = Host("h", "local", manager="runit", options={"manager.folder": "/etc/service"})
    services = KNOWN.probes["services"]
    (line,) = probing.readings(services, {}, host)
    assert line.line == "sv status /etc/service/*"
    text = "run: /etc/service/web: (pid 812) 3601s\ndown: /etc/service/mail: 12s, normally up\n"
    found = probing.facts(services, {}, [(line, done(line.line, text))], host, NOW)
    states = {fact.subject: fact.value for fact in found if fact.name == "service.running"}
    assert states == {"service:web": True, "service:mail": False}


def test_an_exit_code_that_the_manager_uses_for_an_answer_is_one() -> None:
    host = Host("h", "local", manager="supervisord")
    services = KNOWN.probes["services"]
    (line,) = probing.readings(services, {}, host)
    found = probing.facts(services, {}, [(line, done(line.line, "web   FATAL   Exited too quickly\n", rc=3))], host, NOW)
    assert [fact.name for fact in found] == ["service.state", "service.running", "probe.ran"]


def test_without_a_manager_the_services_could_not_be_read() -> None:
    assert probing.readings(KNOWN.probes["services"], {}, HOST) == []
    (fact,) = probing.facts(KNOWN.probes["services"], {}, [], HOST, NOW)
    assert fact.name == "probe.unavailable"

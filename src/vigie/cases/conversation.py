"""The conversation: a request in words is understood, shown, judged by the policy, run through the gate, and answered.

`reasoning/commands/` understands, `saying.py` finds the words, the desk works changes as cases. Nothing is run that the policy
has not judged, and a request to read is never answered by a change.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from vigie.cases import saying
from vigie.cases.asked_changes import AskedChanges
from vigie.cases.asked_lines import AskedLine, AskedLines, strictest
from vigie.cases.desk import Desk
from vigie.cases.watch_request import watch_of
from vigie.clock import Clock
from vigie.domain.action import Completed, EffectClass
from vigie.domain.errors import Permanent, VigieError
from vigie.domain.exchange import Exchange, Proposal, Ran
from vigie.domain.host import Host
from vigie.domain.person import covers
from vigie.domain.usage import saved_s
from vigie.i18n import Language, language_of, text
from vigie.knowledge.library import Knowledge
from vigie.knowledge.requests import Intent
from vigie.memory.memory import TenantMemory
from vigie.policy.gate import Gate, Reading
from vigie.policy.redaction import redact
from vigie.policy.shell import classify
from vigie.reasoning.commands import understanding
from vigie.reasoning.commands.request import Choice, Inventory, Turn, Understood
from vigie.reasoning.commands.understanding import Understanding

SESSION = "default"
TEXT_MAX = 4000
_HOSTS_AT_ONCE = 16
_OUTPUT_KEPT = 20_000
_HISTORY_MOST = 30
# What anybody may want to know first.
_USUAL = ("sys.overview", "disk.usage", "svc.failed", "log.errors", "pkg.security", "backup.list")
_OFFERED = 6
_LOOKED_AT = 4


class Conversation:
    """One tenant's conversations; each person's sessions are their own."""

    def __init__(self, memory: TenantMemory, desk: Desk, gate: Gate, knowledge: Knowledge, clock: Clock) -> None:
        self._memory = memory
        self._gate = gate
        self._knowledge = knowledge
        self._clock = clock
        self._own: Understanding | None = None
        self._lines = AskedLines(knowledge, clock)
        self._changes = AskedChanges(memory, desk, gate, knowledge, clock, self._lines)

    async def ask(
        self,
        words: str,
        *,
        person: str,
        hosts: Sequence[str] = (),
        session: str = SESSION,
        dry: bool = False,
        hint: Language = "en",
        wait: bool = True,
        scope: Sequence[str] = (),
    ) -> Exchange:
        """Answer a request and keep the exchange.

        Args:
            words: the request.
            person: who asks.
            hosts: where, unless the words say otherwise.
            session: which of the person's conversations this goes on.
            dry: show what would run, and send nothing to a host.
            hint: the language when the words do not tell.
            wait: work a change to its end or its approval here; else it is started and answered at once.
            scope: the hosts, and groups as `group:NAME`, that the person has to do with; empty for all.

        Raises:
            Permanent: one of `hosts` is unknown.
        """
        own = await self._understanding()
        known = {host.name: host for host in await self._memory.hosts.list() if covers(scope, host)}
        for name in hosts:
            if name not in known:
                raise Permanent("host.unknown", host=name)
        before = await self._memory.exchanges.last(person, session)
        began_s = self._clock.monotonic_s()
        near = [name for name in (tuple(hosts) or (before.targets if before else ()) or _only(known)) if name in known]
        services = await self._services(near[:_LOOKED_AT])
        understood = own.understand(words, _inventory(known, services), before=_turn(before), hint=hint)
        asked = Exchange(
            person=person,
            session=session,
            at=self._clock.now(),
            text=redact(words[:TEXT_MAX]),
            kind=understood.kind,
            language=understood.language,
            intent=understood.intent.name if understood.intent else None,
            slots=dict(understood.slots),
            targets=understood.targets or tuple(hosts) or (before.targets if before else ()) or _only(known),
            dry=dry,
            understand_s=round(self._clock.monotonic_s() - began_s, 4),
        )
        answered = await self._answered(asked, understood, {**known}, wait=wait)
        total_s = round(self._clock.monotonic_s() - began_s, 3)
        lines = [(ran.host, ran.command, ran.seconds) for ran in answered.ended_well]
        answered = replace(answered, total_s=total_s, saved_s=saved_s(words[:TEXT_MAX], total_s, lines))
        return await self._memory.exchanges.add(answered)

    async def status(self, person: str, session: str, language: Language, scope: Sequence[str] = ()) -> dict[str, Any]:
        """Return where a session stands: its last targets, how much was asked, and what could be asked next."""
        own = await self._memory.exchanges.list(person, session=session, limit=_HISTORY_MOST)
        last = own[0] if own else None
        hosts = [host.name for host in await self._memory.hosts.list() if covers(scope, host)]
        targets = last.targets if last is not None else tuple(hosts[:1])
        offered = last.suggestions if last is not None and last.suggestions else ()
        usual = self._proposals(tuple(Choice(name, {}, targets) for name in _USUAL), language)
        shown = [{"intent": each.intent, "title": each.title} for each in (*offered, *usual)[:_OFFERED]]
        return {
            "session": session,
            "exchanges": len(own),
            "succeeded": sum(exchange.succeeded for exchange in own),
            "last_at": last.at.isoformat() if last is not None else None,
            "targets": [*targets],
            "hosts": [*hosts],
            "suggestions": shown,
        }

    async def _services(self, hosts: Sequence[str]) -> frozenset[str]:
        """Return the services that the hosts had when they were last recorded: words that may name them."""
        found: set[str] = set()
        for name in hosts:
            baseline = await self._memory.baselines.latest(name)
            if baseline is not None:
                found |= {entry.path.removesuffix(".service") for entry in baseline.entries if entry.kind == "service"}
        return frozenset(found)

    async def _understanding(self) -> Understanding:
        if self._own is None:
            # Compiled once for the process; it takes a moment.
            self._own = await asyncio.to_thread(understanding.of, self._knowledge)
        return self._own

    async def _answered(self, asked: Exchange, understood: Understood, known: Mapping[str, Host], *, wait: bool) -> Exchange:
        language = language_of(asked.language)
        slipped_in = [line for line in understood.embedded if _is_risky(line)]
        if understood.kind == "refuse" or slipped_in:
            return await self._refused(asked, slipped_in[0] if slipped_in else None, understood.intent)
        match understood.kind:
            case "clarify":
                return saying.asking(asked, understood, self._proposals(understood.choices, language), known)
            case "none":
                return replace(asked, answer=saying.small_talk(language, asked.text), targets=())
            case "history":
                return await self._history(asked, understood)
        asked, hosts = self._placed(asked, known)
        if not hosts:
            return saying.which_host(asked, tuple(known))
        if understood.kind == "watch":
            return await self._watched(asked, understood, hosts)
        return await self._commanded(asked, understood, hosts, wait=wait)

    def _placed(self, asked: Exchange, known: Mapping[str, Host]) -> tuple[Exchange, list[Host]]:
        targets = tuple(name for name in asked.targets if name in known)
        return replace(asked, targets=targets), [known[name] for name in targets]

    # Commands

    async def _commanded(self, asked: Exchange, understood: Understood, hosts: Sequence[Host], *, wait: bool) -> Exchange:
        try:
            lines = [self._lines.of(understood, host) for host in hosts]
        except Permanent as error:
            return saying.cannot(asked, error)
        level = strictest(lines)
        language = language_of(asked.language)
        asked = replace(
            asked,
            command=redact(lines[0].line),
            effect_class=level.value,
            reason=" ".join(lines[0].reasons),
            suggestions=self._proposals(
                tuple(Choice(name, asked.slots, asked.targets) for name in _next(understood.intent)), language
            ),
        )
        if level is EffectClass.FORBIDDEN:
            return await self._refused(asked, lines[0].line, understood.intent)
        if asked.dry:
            return replace(asked, answer=saying.would_run(asked, [(each.host.name, each.line) for each in lines]))
        if level is EffectClass.SAFE_READ:
            return await self._read(asked, understood, lines)
        return await self._change(asked, understood, lines, wait=wait)

    async def _read(self, asked: Exchange, understood: Understood, lines: Sequence[AskedLine]) -> Exchange:
        turns = asyncio.Semaphore(_HOSTS_AT_ONCE)

        async def one(each: AskedLine) -> Ran:
            async with turns:
                return await self._ran(each, asked.person)

        results = tuple(await asyncio.gather(*(one(each) for each in lines)))
        asked = replace(asked, results=results)
        more = await self._deeper(asked, understood.intent, lines)
        return replace(asked, answer=saying.answer(asked, understood.intent, self._title(understood.intent, asked), more))

    async def _ran(self, each: AskedLine, person: str) -> Ran:
        limit_s = 60.0
        try:
            [completed] = await self._gate.read(each.host, [Reading(each.line, timeout_s=limit_s)], actor=f"person:{person}")
        except VigieError as error:
            said = f"{error.what()} {error.why()}"
            return Ran(each.host.name, each.line, None, "", said, 0.0, "unreachable")
        return _kept(each.host.name, completed)

    async def _deeper(self, asked: Exchange, intent: Intent | None, lines: Sequence[AskedLine]) -> str:
        """Look once more where the answer calls for it: a full disk, for what fills it."""
        own = self._own
        if intent is None or not intent.deepen or own is None or len(lines) != 1:
            return ""
        said = saying.said_of(intent, asked.results[0])
        name = intent.deepen.get(said.key) if said is not None else None
        if said is None or name is None:
            return ""
        deeper = own.intents[name]
        slots = {slot: given.default or "" for slot, given in deeper.slots.items()} | {"path": str(said.values.get("mount", "/"))}
        line = self._lines.of(
            Understood("command", language_of(asked.language), deeper, {k: v for k, v in slots.items() if k in deeper.slots}),
            lines[0].host,
        )
        if line.effect_class is not EffectClass.SAFE_READ:
            return ""
        return saying.sentence(deeper, await self._ran(line, asked.person), asked.language)

    async def _change(self, asked: Exchange, understood: Understood, lines: Sequence[AskedLine], *, wait: bool) -> Exchange:
        results = await self._changes.results(asked, understood, lines, wait=wait)
        waits = any(ran.outcome == "waiting" for ran in results)
        asked = replace(asked, results=tuple(results), waits=waits)
        return replace(asked, answer=saying.changed(asked))

    # The rest

    async def _refused(self, asked: Exchange, line: str | None, intent: Intent | None) -> Exchange:
        language = language_of(asked.language)
        name = intent.name if intent is not None and intent.effect == "refuse" else "refuse.line"
        reason = text(language, f"ask.refused.{name.partition('.')[2]}")
        await self._memory.journal.append(
            "ask.refused",
            actor=f"person:{asked.person}",
            body={"text": asked.text[:300], "rule": name, "line": redact(line or "")},
        )
        because = " ".join(classify(line).because(language)) if line else ""
        return replace(
            asked,
            kind="refuse",
            intent=name,
            command=None,
            effect_class=EffectClass.FORBIDDEN.value,
            reason=f"{reason} {because}".strip(),
            answer=text(language, "ask.refusal", reason=reason),
            targets=asked.targets,
            suggestions=(),
        )

    async def _watched(self, asked: Exchange, understood: Understood, hosts: Sequence[Host]) -> Exchange:
        assert understood.intent is not None
        language = language_of(asked.language)
        title = self._title(understood.intent, asked)
        if asked.dry:
            return replace(asked, answer=text(language, "ask.watch.would", title=title, hosts=", ".join(asked.targets)))
        kept = 0
        for host in hosts:
            number = int(self._clock.now().timestamp() * 1000)
            watch = watch_of(
                understood.intent.name, host.name, {**understood.things, **understood.slots}, self._knowledge, number
            )
            if watch is not None:
                await self._memory.watches.save(watch)
                kept += 1
        key = "ask.watch.kept" if kept else "ask.watch.cannot"
        return replace(asked, answer=text(language, key, title=title, hosts=", ".join(asked.targets)))

    async def _history(self, asked: Exchange, understood: Understood) -> Exchange:
        since = self._clock.now() - timedelta(minutes=int(understood.things.get("minutes", 7 * 1440)))
        own = await self._memory.exchanges.list(asked.person, limit=_HISTORY_MOST)
        cases = [case for case in await self._memory.cases.list(limit=_HISTORY_MOST) if case.opened_at >= since]
        recent = [each for each in own if each.at >= since and each.kind in ("command", "watch", "refuse")]
        named = set(understood.targets)
        if named:
            recent = [each for each in recent if named & set(each.targets)]
            cases = [case for case in cases if case.host in named]
        return replace(asked, targets=understood.targets, answer=saying.history(asked, recent, cases, since))

    def _proposals(self, choices: Sequence[Choice], language: Language) -> tuple[Proposal, ...]:
        made = []
        for choice in choices:
            intent = self._knowledge.intents[choice.intent]
            title = self._titled(intent, choice.slots, language)
            if title is not None:
                made.append(Proposal(intent.name, title, dict(choice.slots), choice.targets))
        return tuple(made)

    def _title(self, intent: Intent | None, asked: Exchange) -> str:
        return self._titled(intent, asked.slots, language_of(asked.language)) or asked.command or ""

    def _titled(self, intent: Intent | None, slots: Mapping[str, str], language: Language) -> str | None:
        if intent is None:
            return None
        return intent.titled(language, slots)


def _inventory(known: Mapping[str, Host], services: frozenset[str]) -> Inventory:
    groups: dict[str, tuple[str, ...]] = {}
    for host in known.values():
        for name in (*host.groups, *host.tags):
            groups[name] = (*groups.get(name, ()), host.name)
    return Inventory(tuple(known), groups, services)


def _next(intent: Intent | None) -> tuple[str, ...]:
    return intent.next if intent is not None else ()


def _turn(before: Exchange | None) -> Turn | None:
    if before is None:
        return None
    choices = tuple(Choice(each.intent, each.slots, each.targets) for each in before.choices)
    return Turn(before.kind, before.intent, before.slots, before.targets, choices)


def _only(known: Mapping[str, Host]) -> tuple[str, ...]:
    return tuple(known) if len(known) == 1 else ()


def _is_risky(line: str) -> bool:
    return classify(line).effect_class in (EffectClass.DANGEROUS, EffectClass.FORBIDDEN)


def _kept(host: str, completed: Completed) -> Ran:
    out = redact(completed.text())
    err = redact(completed.stderr.decode("utf-8", "replace"))
    return Ran(
        host, redact(completed.line), completed.rc, out[-_OUTPUT_KEPT:], err[-_OUTPUT_KEPT:], round(completed.seconds, 3), "read"
    )

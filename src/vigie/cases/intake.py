"""Makes a case of what comes in, and sees when it is about a trouble that already has one."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from vigie.clock import Clock
from vigie.domain.case import Case, CaseKind, CaseState
from vigie.domain.errors import Transient
from vigie.domain.finding import Finding, Level, Signal
from vigie.domain.host import Autonomy, Host
from vigie.i18n import Language, has, language_of, text
from vigie.memory.memory import TenantMemory
from vigie.policy.redaction import redact
from vigie.signals.parsing import Parsing

SAME_WITHIN = timedelta(hours=1)
TITLE_LENGTH_MAX = 100
SIGNAL_TITLE_LENGTH_MAX = 80
TICKET_LENGTH_MAX = 20_000
_OPEN = (CaseState.WORKING, CaseState.WAITING)
_SAVES = 5


class Intake:
    """The reception of one tenant. Whoever takes something in holds the host's door meanwhile, so that two make one case."""

    def __init__(self, memory: TenantMemory, clock: Clock) -> None:
        self._memory = memory
        self._clock = clock

    async def take(self, asked: Case, host: Host) -> Case:
        """Return the case that `asked` is about: one that exists, or `asked` itself, stored and told of."""
        same = await self._same(asked)
        if same is not None:
            return await self._join(same, asked)
        return await self.open(asked, host)

    async def open(self, asked: Case, host: Host) -> Case:
        """Return `asked` itself, stored and told of, whatever other cases there are."""
        case = await self._memory.cases.save(replace(asked, id=await self._memory.cases.new_id()))
        await self._memory.journal.append(
            "case.opened",
            actor="vigie",
            case=case.id,
            body={"title": case.title, "host": host.name, "kind": case.kind.value, "autonomy": case.autonomy.value},
        )
        return case

    def ask(
        self,
        host: Host,
        *,
        ticket: str | None,
        findings: Sequence[Finding],
        autonomy: Autonomy | None,
        timeout_s: float,
        language: str,
        kind: CaseKind | None,
    ) -> Case:
        """Return a case as it would be opened, not stored and without an id."""
        words = redact(ticket.strip())[:TICKET_LENGTH_MAX] if ticket and ticket.strip() else None
        now = self._clock.now()
        return Case(
            id="",
            tenant=self._memory.tenant,
            kind=kind or (CaseKind.TICKET if words else CaseKind.INCIDENT if findings else CaseKind.TASK),
            host=host.name,
            title=_title(words, findings, host, language),
            language=language_of(language),
            autonomy=autonomy or host.autonomy,
            opened_at=now,
            updated_at=now,
            timeout_s=timeout_s,
            left_s=timeout_s,
            ticket=words,
            findings=tuple(findings),
        )

    async def _same(self, asked: Case) -> Case | None:
        recent = await self._memory.cases.recent(asked.host, self._clock.now() - SAME_WITHIN)
        if asked.ticket is not None:
            said = next((each for each in recent if each.ticket and _plain(each.ticket) == _plain(asked.ticket)), None)
            if said is not None:
                return said
        unended = await self._memory.cases.list(states=_OPEN, host=asked.host)
        if asked.findings:
            return next(iter(unended), None) or _already_over(asked.findings, recent)
        if asked.ticket is not None:
            # The alert came first: the person writes about the same trouble.
            return next((each for each in unended if each.findings and each.ticket is None), None)
        return next((each for each in unended if each.kind is asked.kind and each.ticket is None), None)

    async def _join(self, case: Case, asked: Case) -> Case:
        for _ in range(_SAVES):
            new = [each for each in asked.findings if each.key not in {known.key for known in case.findings}]
            ticket = asked.ticket if case.ticket is None else None
            if case.state.ended or not (new or ticket):
                return case
            with suppress(Transient):
                joined = await self._memory.cases.save(
                    replace(case, findings=(*case.findings, *new), ticket=case.ticket or ticket)
                )
                await self._tell_of(joined, new, ticket)
                return joined
            case = await self._memory.cases.get(case.id)
        raise Transient("case.conflict", case=case.id)

    async def _tell_of(self, case: Case, new: Sequence[Finding], ticket: str | None) -> None:
        said = [(finding.excerpt, finding.source) for finding in new] + ([(ticket, "ticket")] if ticket else [])
        for what, source in said:
            await self._memory.journal.append(
                "case.joined", actor="vigie", case=case.id, body={"what": redact(what)[:200], "source": source}
            )


def _already_over(findings: Sequence[Finding], recent: Sequence[Case]) -> Case | None:
    """Return the ended case that these signals are an echo of: they were seen before it ended."""
    last = max(finding.last_at for finding in findings)
    return next((each for each in recent if each.state.ended and last <= each.updated_at), None)


def _plain(words: str) -> str:
    return " ".join(words.split()).casefold()


def _title(ticket: str | None, findings: Sequence[Finding], host: Host, language: str) -> str:
    known = language_of(language)
    if ticket:
        line = next((each.strip() for each in ticket.splitlines() if each.strip()), "")
        return line if len(line) <= TITLE_LENGTH_MAX else f"{line[: TITLE_LENGTH_MAX - 1].rstrip()}…"
    if findings:
        return _title_of(findings[0], host, known)
    return text(known, "case.titles.look", host=host.name)


def _title_of(finding: Finding, host: Host, language: Language) -> str:
    """Name a finding as people speak of it: what it is, where, and what the line says without its time and level."""
    line = Signal(host.name, finding.source, finding.excerpt, finding.last_at)
    message = " ".join(redact(Parsing().event(line).message).split())
    subject = finding.values.get("subject", finding.subject)
    is_error = finding.values.get("level", "") in (Level.ERROR.value, Level.CRITICAL.value)
    kind = "new_error" if finding.kind == "new_template" and is_error else finding.kind
    key = f"case.titles.{kind}" if has(f"case.titles.{kind}") else "case.titles.finding"
    title = text(language, key, host=host.name, message=message, subject=subject.partition(":")[2] or subject)
    return title if len(title) <= SIGNAL_TITLE_LENGTH_MAX else f"{title[: SIGNAL_TITLE_LENGTH_MAX - 1].rstrip()}…"

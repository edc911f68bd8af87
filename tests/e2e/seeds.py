"""Cases as the product keeps them, for pages to show."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from vigie.clock import SystemClock
from vigie.domain.action import ActionRecord, EffectClass, Outcome, Plan, Step
from vigie.domain.approval import Approval
from vigie.domain.baseline import Change
from vigie.domain.case import Case, CaseKind, CaseState, Phase, Spans
from vigie.domain.diagnosis import Hypothesis, Verdict, VerdictKind
from vigie.domain.fact import Fact, Source
from vigie.domain.host import DEFAULT_TENANT, Autonomy, Host, HostStatus
from vigie.memory.memory import TenantMemory

HOST = "web-1"
NASTY = "<img src=x onerror=\"document.title='owned'\"> \x1b[31mred\x1b[0m \u202egnp.exe"


def plan_of(folder: Path, name: str = "mended") -> Plan:
    """A plan that creates one file."""
    path = folder / name
    return Plan(
        id="P-1",
        host=HOST,
        cause="setting_changed",
        remedy=None,
        slots={},
        steps=(Step(f"touch {path}", witness=f"stat -c %Y {path}", goal=f"test -f {path}", undo=(f"rm {path}",)),),
        loses_nothing=True,
        restarts=("web",),
        explanation={"en": f"The file `{name}` is put back.", "fr": f"Le fichier `{name}` est remis en place."},
        diff="--- /etc/web.conf\n+++ /etc/web.conf\n-workers = 1\n+workers = 8",
    )


def a_case(title: str, folder: Path, *, ticket: str | None = None, excerpt: str = "workers = 1") -> Case:
    """A diagnosed case, not yet saved."""
    now = SystemClock().now()
    fact = Fact("F-1", HOST, "file:/etc/web.conf", "setting.workers", 1, now, Source("cat /etc/web.conf", excerpt))
    leader = Hypothesis("setting_changed", "web.config.workers", {}, 0.94, facts_for=("F-1",))
    other = Hypothesis("host_busy", "host.cpu.busy", {}, 0.03, ruled_out=True)
    explanation = {
        "en": "**A setting of the web server was lowered** (sure at 94 %)\n\nIt has `workers = 1` [F-1].",
        "fr": "**Un réglage du serveur web a été baissé** (certitude : 94 %)\n\nIl a `workers = 1` [F-1].",
    }
    return Case(
        id="",
        tenant=DEFAULT_TENANT,
        kind=CaseKind.TICKET,
        host=HOST,
        title=title,
        language="en",
        autonomy=Autonomy.PROPOSE,
        opened_at=now,
        updated_at=now,
        ticket=ticket,
        facts=(fact,),
        changes=(Change("setting", "/etc/web.conf#workers", 8, 1, now),),
        verdict=Verdict(VerdictKind.CAUSE, leader, (leader, other), 0.94, explanation=explanation),
        labels=("web.config.workers",),
        plan=plan_of(folder),
    )


def waiting(folder: Path, title: str = "The site is slow", **more: str) -> Callable[[TenantMemory], Awaitable[Case]]:
    """A case that waits for a person's decision."""

    async def save(memory: TenantMemory) -> Case:
        case = replace(
            a_case(title, folder, **more), id=await memory.cases.new_id(), state=CaseState.WAITING, phase=Phase.APPROVE
        )
        approval = await asked(memory, case)
        await _told(memory, case)
        return await memory.cases.save(replace(case, approval=approval.id))

    return save


def resolved(folder: Path, title: str = "The site was slow") -> Callable[[TenantMemory], Awaitable[Case]]:
    """A case that ended well."""

    async def save(memory: TenantMemory) -> Case:
        case = replace(a_case(title, folder), id=await memory.cases.new_id(), state=CaseState.RESOLVED, phase=Phase.CLOSED)
        done = ActionRecord("A-1", "touch /srv/mended", HOST, EffectClass.REVERSIBLE, ("write",), True, Outcome.DONE)
        await _told(memory, case)
        report = {"en": "# Report\n\nMended: `workers` [F-1].", "fr": "# Compte rendu\n\nRéparé : `workers` [F-1]."}
        return await memory.cases.save(
            replace(case, actions=(done,), verified=True, report=report, seconds=Spans(1.2, 0.8, 12.0, 15.0))
        )

    return save


def replanned(case: Case, folder: Path) -> Callable[[TenantMemory], Awaitable[Case]]:
    """The same case with another plan than the one on the screen; the journal is silent about it."""

    async def save(memory: TenantMemory) -> Case:
        changed = replace(await memory.cases.get(case.id), plan=plan_of(folder, "another"))
        return await memory.cases.save(replace(changed, approval=(await asked(memory, changed, "later")).id))

    return save


async def asked(memory: TenantMemory, case: Case, name: str = "first") -> Approval:
    """Ask for the decision on the case's plan."""
    assert case.plan
    now = SystemClock().now()
    approval = Approval(f"{case.id}-{name}", case.id, case.host, case.plan.hash, now, now + timedelta(hours=24))
    await memory.approvals.save(approval)
    return approval


async def a_host(memory: TenantMemory) -> None:
    """A host that answers."""
    await memory.hosts.save(Host(HOST, "local", os="Debian GNU/Linux 12", manager="plain", status=HostStatus.OK, focus=("/srv",)))


async def said(memory: TenantMemory, case: str, text: str) -> None:
    """Write a person's words into a case's journal."""
    await memory.journal.append("case.commented", actor="person:owner", case=case, body={"text": text})


async def _told(memory: TenantMemory, case: Case) -> None:
    body = {"host": case.host, "title": case.title, "kind": case.kind.value, "autonomy": case.autonomy.value}
    await memory.journal.append("case.opened", actor="vigie", case=case.id, body={**body})
    says = {"en": "looking for the cause", "fr": "recherche de la cause"}
    await memory.journal.append("case.phase", actor="vigie", case=case.id, body={"phase": "diagnose", "says": {**says}})
    for lines in (["cat /etc/web.conf"], ["ss -Hlxp", "df -PkT"]):
        await memory.journal.append(
            "host.read",
            actor="agent:diagnostician",
            case=case.id,
            body={"host": case.host, "count": len(lines), "lines": [*lines]},
        )

"""Orders for many hosts, the same for the command line and the API: whom a name means, and how the answers are told."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from vigie.domain.errors import NeedsApproval, Permanent
from vigie.domain.fleet import Ending, HostAnswer, Order, Outlook, Progress
from vigie.domain.host import Host
from vigie.domain.plain import plain
from vigie.i18n import Language
from vigie.interfaces.services import Services
from vigie.interfaces.told import told
from vigie.policy.redaction import redact
from vigie.policy.shell import classify

ALL = "all"
_TAG = "tag:"


@dataclass(frozen=True, slots=True)
class Told:
    """An order as far as it came: answers once it ran; None while it waits for a person, or was only looked at (`dry`)."""

    outlook: Outlook
    answers: tuple[HostAnswer, ...] | None
    dry: bool = False


def targets(hosts: Sequence[Host], names: Iterable[str]) -> list[Host]:
    """Return the hosts that names mean: a host, a group, `tag:NAME`, or `all`; each once, by name.

    Raises:
        Permanent: a name means nobody.
    """
    found: dict[str, Host] = {}
    for name in names:
        meant = [host for host in hosts if _is_meant(host, name)]
        if not meant:
            raise Permanent("fleet.no_target" if name == ALL else "fleet.unknown_target", name=name)
        found |= {host.name: host for host in meant}
    return [found[name] for name in sorted(found)]


def _is_meant(host: Host, name: str) -> bool:
    if name.startswith(_TAG):
        return name.removeprefix(_TAG) in host.tags
    return name in (ALL, host.name, *host.groups)


async def run(
    services: Services,
    names: Sequence[str],
    line: str,
    *,
    actor: str,
    sees: Callable[[Host], bool] = lambda _: True,
    approved: str | None = None,
    timeout_s: float = 20.0,
    canary: int = 1,
    width: int = 5,
    stop_after: int = 1,
    dry: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> Told:
    """Run a line on all hosts that the names mean; what a person must agree to first is written down and waits.

    `sees` says which hosts there are for whoever asks; `dry`: only say what it would do; `progress` is told how far it has come.

    Raises:
        Refused: the line is forbidden.
        Permanent: a name means nobody, or what was agreed to is something else.
    """
    hosts = targets([host for host in await services.store.hosts.list() if sees(host)], names)
    order = Order(line, tuple(host.name for host in hosts), timeout_s, canary, width, stop_after)
    fleet = services.gate.fleet
    outlook = await fleet.outlook(order, hosts)
    if dry:
        return Told(outlook, None, dry=True)
    try:
        answers = await fleet.run(order, hosts, actor=actor, approved=approved, progress=progress)
    except NeedsApproval:
        return Told(outlook, None)
    return Told(outlook, tuple(answers))


def document(ended: Told, language: Language) -> dict[str, Any]:
    """Return an order and its answers as they are told."""
    outlook, order = ended.outlook, ended.outlook.order
    results = [_result(order, answer, language) for answer in ended.answers or ()]
    return {
        "state": _state(ended),
        "line": redact(order.line),
        "class": outlook.effect_class.value,
        "effects": [redact(each) for each in outlook.effects],
        "reasons": [redact(each) for each in classify(order.line).because(language)],
        "targets": list(order.hosts),
        "hash": order.hash if outlook.needs_approval else None,
        "canary": order.canary,
        "width": order.width,
        "stop_after": order.stop_after,
        "asking": list(outlook.asking),
        "refusing": list(outlook.refusing),
        "unseen": list(outlook.unseen),
        "counts": {ending.value: sum(each["outcome"] == ending.value for each in results) for ending in Ending},
        "results": results,
        "answers": folded(results),
    }


def progress_document(progress: Progress) -> dict[str, Any]:
    """Return how far an order has come, as it is told."""
    counts = {ending.value: progress.ended.get(ending, 0) for ending in Ending}
    return {"counts": counts, "running": progress.running, "waiting": progress.waiting}


def folded(results: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Fold equal answers together, the most common first; what most hosts do not say is an outlier."""
    same: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for result in results:
        why = result["error"]["code"] if result["error"] else None
        said = (result["outcome"], result["rc"], result["stdout"].rstrip(), result["stderr"].rstrip(), why)
        same.setdefault(said, []).append(result)
    groups = sorted(same.values(), key=len, reverse=True)
    has_many = bool(groups) and len(groups[0]) > 1
    kept = ("outcome", "rc", "stdout", "stderr", "truncated", "error")
    return [
        {
            "hosts": [each["host"] for each in group],
            **{name: group[0][name] for name in kept},
            "outlier": has_many and len(group) < len(groups[0]),
        }
        for group in groups
    ]


def _state(ended: Told) -> str:
    if ended.answers is None:
        return "planned" if ended.dry else "waiting"
    return "done" if all(answer.ending is Ending.DONE for answer in ended.answers) else "failed"


def _result(order: Order, answer: HostAnswer, language: Language) -> dict[str, Any]:
    completed = answer.completed
    return {
        "host": answer.host,
        "command": redact(order.line),
        "outcome": answer.ending.value,
        "rc": completed.rc if completed else None,
        "stdout": redact(plain(completed.stdout)) if completed else "",
        "stderr": redact(plain(completed.stderr)) if completed else "",
        "seconds": round(completed.seconds, 3) if completed else None,
        "truncated": completed.truncated if completed else False,
        "killed": completed.killed if completed else False,
        "error": told(answer.error, language).document() if answer.error else None,
    }

"""An exchange as the command line and the API give it: the promise of `ask`."""

from typing import Any

from vigie.domain.exchange import Exchange, Proposal
from vigie.interfaces.redacted import redacted
from vigie.interfaces.told import EXIT_FAILED, EXIT_REFUSED, EXIT_WAITING


def document(exchange: Exchange) -> dict[str, Any]:
    """Return everything that is told of an exchange."""
    told: dict[str, Any] = redacted(
        {
            "id": exchange.number,
            "at": exchange.at.isoformat(),
            "session": exchange.session,
            "text": exchange.text,
            "kind": exchange.kind,
            "language": exchange.language,
            "intent": exchange.intent,
            "targets": list(exchange.targets),
            "command": exchange.command,
            "class": exchange.effect_class,
            "reason": exchange.reason,
            "question": exchange.question,
            "choices": [_proposal(each) for each in exchange.choices],
            "suggestions": [_proposal(each) for each in exchange.suggestions],
            "results": [
                {
                    "host": ran.host,
                    "command": ran.command,
                    "rc": ran.rc,
                    "stdout": ran.stdout,
                    "stderr": ran.stderr,
                    "seconds": ran.seconds,
                    "outcome": ran.outcome,
                    "case": ran.case,
                }
                for ran in exchange.results
            ],
            "answer": exchange.answer,
            "dry_run": exchange.dry,
            "seconds": {"understand": exchange.understand_s, "total": exchange.total_s},
        }
    )
    return told


def exit_code(exchange: Exchange) -> int:
    """Return 3 where it was refused, 4 where a person must approve, 1 where nothing that ran succeeded, else 0."""
    if exchange.kind == "refuse":
        return EXIT_REFUSED
    if exchange.waits:
        return EXIT_WAITING
    bad = [ran.outcome in ("unreachable", "failed", "assumed") for ran in exchange.results]
    if any(ran.outcome == "refused" for ran in exchange.results):
        return EXIT_REFUSED
    return EXIT_FAILED if bad and all(bad) else 0


def _proposal(each: Proposal) -> dict[str, Any]:
    return {"intent": each.intent, "title": each.title, "targets": list(each.targets)}

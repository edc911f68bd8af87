"""`vigie logs diagnose`: what is wrong, since when and where it began, from logs alone."""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vigie.interfaces.cli.frame import Session, run_plain
from vigie.interfaces.cli.output import Answer, Output, safe
from vigie.interfaces.redacted import redacted

if TYPE_CHECKING:
    from vigie.signals.diagnosis.verdict import Anomaly, Evidence, Verdict

_COLUMNS = ("kind", "service", "level", "first", "last", "count", "file", "lines", "template")
_SHOWN = 8
_WIDTH = 160


def diagnose(
    context: typer.Context,
    file: Annotated[list[str], typer.Argument()],
    question: Annotated[str, typer.Option("--question", metavar="TEXT")] = "",
) -> None:
    """Diagnose from logs alone."""

    def command(session: Session) -> Answer:
        from vigie.collectors.archive import Archive
        from vigie.signals.diagnosis.diagnose import diagnose as judged

        with ExitStack() as stack:
            archives = [Archive(path) for path in dict.fromkeys(file)]
            for archive in archives:
                stack.callback(archive.close)
            verdict = judged(archives, question)
        for archive in archives:
            if archive.cut:
                session.output.note(session.output.text("logs.cut", path=archive.name))
        document = redacted(_document(verdict, session.output))
        return Answer(document, _human(document, session.output), rows=document["anomalies"], columns=_COLUMNS)

    run_plain(context, command)


def _document(verdict: "Verdict", output: Output) -> dict[str, Any]:
    from vigie.signals.diagnosis.telling import instant, summary

    cause = verdict.cause
    return {
        "anomalies": [_anomaly(anomaly) for anomaly in verdict.anomalies],
        "cause": None
        if cause is None
        else {
            "summary": summary(verdict, output.language),
            "since": instant(cause.since),
            "until": instant(cause.until),
            "origin": cause.origin,
            "affected": list(cause.affected),
            "services": [cause.origin, *cause.affected],
            "instance": cause.instance,
            "kind": cause.kind,
        },
        "evidence": _evidence(verdict.evidence),
        "summary": summary(verdict, output.language),
        "lines": verdict.lines,
    }


def _anomaly(anomaly: "Anomaly") -> dict[str, Any]:
    from vigie.signals.diagnosis.telling import instant

    return {
        "template": anomaly.template,
        "first": instant(anomaly.first),
        "last": instant(anomaly.last),
        "count": anomaly.count,
        "lines": list(anomaly.lines),
        "file": anomaly.file,
        "kind": anomaly.kind,
        "service": anomaly.service,
        "level": anomaly.level,
    }


def _evidence(evidence: "Sequence[Evidence]") -> list[dict[str, Any]]:
    return [{"file": each.file, "line": each.line, "text": each.text} for each in evidence]


def _human(document: dict[str, Any], output: Output) -> str:
    parts = [safe(document["summary"])]
    if document["evidence"]:
        parts += ["", output.text("logs.titles.evidence")]
        parts += [f"  {safe(each['file'])}:{each['line']}  {_short(each['text'])}" for each in document["evidence"]]
    if document["anomalies"]:
        parts += ["", output.text("logs.titles.anomalies")]
        for each in document["anomalies"][:_SHOWN]:
            told = output.text(
                f"logs.kinds.{each['kind']}", count=each["count"], first=each["first"] or "–", last=each["last"] or "–"
            )
            parts.append(f"  {safe(each['service'])}: {_short(each['template'])} ({told})")
    return "\n".join(parts)


def _short(text: str) -> str:
    shown = safe(text)
    return shown if len(shown) <= _WIDTH else f"{shown[:_WIDTH]}…"

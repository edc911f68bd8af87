"""The answer of an HTTP address: from `curl` with our trailer, `wget -S`, or our script (JSON lines, one an attempt)."""

import re
from collections.abc import Iterator
from statistics import median

from vigie.domain.fact import Value
from vigie.reasoning.parsers.parser import Output, Parser, Seen, rows

_TRAILER = re.compile(r"\nvigie (?P<status>\d{3}) (?P<seconds>[\d.]+)(?: (?P<location>\S+))?\s*$")
_CURL = {6: "name", 7: "refused", 28: "timeout", 35: "tls", 51: "tls", 52: "empty", 56: "reset", 60: "tls"}
_WGET_STATUS = re.compile(r"^\s*HTTP/[\d.]+ (\d{3})", re.MULTILINE)
_BODY_MAX = 600
_WORDS = (("refused", "refused"), ("timed out", "timeout"), ("resolve", "name"), ("certificate", "tls"), ("reset", "reset"))


class Http(Parser):
    """Reads how an address answered; with several attempts (option `several: true`) how fast it usually does."""

    name = "http"

    def parse(self, output: Output) -> Iterator[Seen]:
        """Yield the answer."""
        url = output.slots.get("url", "")
        # First curl's trailer: a page that is JSON itself is no answer of ours.
        answers = [one for one in (_curl(output),) if one] or _scripted(output) or [_wget(output)]
        subject = f"url:{url}"
        if output.options.get("several"):
            yield _latency(subject, answers)
            return
        answer = answers[0]
        status, seconds, body = answer.get("status", 0), answer.get("seconds", 0.0), str(answer.get("body") or "")
        value: Value = {
            "status": status,
            "seconds": seconds,
            "body": body[:_BODY_MAX],
            "error": answer.get("error"),
            "location": answer.get("location"),
        }
        told = f"no answer: {answer.get('error')}" if not status else f"{status} in {seconds} s"
        excerpt = f"{url}: {told}\n{body[:300]}".strip()
        yield Seen(subject, "endpoint.answer", value, excerpt)
        yield Seen(subject, "endpoint.status", status, excerpt)
        yield Seen(subject, "endpoint.seconds", seconds, excerpt)


def _curl(output: Output) -> dict[str, Value] | None:
    match = _TRAILER.search("\n" + output.text)
    if match is None:
        return None
    body = ("\n" + output.text)[: match.start()].strip()
    status = int(match["status"])
    error = None if status else _CURL.get(output.rc, f"curl {output.rc}")
    return {"status": status, "seconds": float(match["seconds"]), "body": body, "error": error, "location": match["location"]}


def _scripted(output: Output) -> list[dict[str, Value]]:
    return [row for row in rows(output.text) if {"status", "seconds", "url"} <= set(row)]


def _wget(output: Output) -> dict[str, Value]:
    said = output.stderr
    status = _WGET_STATUS.findall(said)
    error = None if status else next((word for words, word in _WORDS if words in said), "none")
    return {"status": int(status[-1]) if status else 0, "seconds": round(output.seconds, 3), "body": output.text, "error": error}


def _latency(subject: str, answers: list[dict[str, Value]]) -> Seen:
    times = [float(str(answer.get("seconds", 0.0))) for answer in answers]
    statuses = [answer.get("status", 0) for answer in answers]
    value: Value = {
        "median_s": round(median(times), 4),
        "best_s": round(min(times), 4),
        "worst_s": round(max(times), 4),
        "samples": len(times),
        "failures": sum(1 for status in statuses if not isinstance(status, int) or not status or status >= 500),
        "statuses": list(dict.fromkeys(statuses)),
    }
    return Seen(subject, "endpoint.latency", value, f"{times} s, {statuses}")

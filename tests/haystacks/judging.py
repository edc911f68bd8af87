"""Whether a verdict is right about a haystack."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.haystacks.world import BEGIN, Haystack

from vigie.signals.diagnosis.verdict import Verdict

AFTERWARDS = BEGIN.replace(month=6)


@dataclass
class Text:
    """A log that lies in memory."""

    name: str
    text: bytes
    modified_at: datetime = AFTERWARDS

    def sample(self) -> list[bytes]:
        lines = self.text.split(b"\n")[:-1]
        step = max(1, len(lines) // 8)
        return [line for begin in range(0, len(lines), step) for line in lines[begin : begin + 400]]

    def blocks(self) -> Iterator[list[bytes]]:
        lines = self.text.split(b"\n")[:-1]
        for begin in range(0, len(lines), 8000):
            yield lines[begin : begin + 8000]

    def lines(self, numbers: Sequence[int]) -> dict[int, str]:
        lines = self.text.split(b"\n")
        return {number: lines[number - 1].decode("utf-8", "replace") for number in numbers}


def texts(hay: Haystack) -> list[Text]:
    return [Text(name, text.encode()) for name, text in hay.files.items()]


def wrong(hay: Haystack, verdict: Verdict) -> list[str]:
    """Return what is wrong about a verdict, nothing when it is right."""
    cause = verdict.cause
    if hay.origin is None or cause is None:
        return [] if (hay.origin is None) == (cause is None) else [f"cause is {cause and cause.origin}, should be {hay.origin}"]
    found = []
    if cause.origin != hay.origin:
        found.append(f"origin is {cause.origin}, should be {hay.origin}")
    if cause.since is None or abs(cause.since.timestamp() - hay.since_s) > hay.tolerance_s:
        found.append(f"since {cause.since}, should be {datetime.fromtimestamp(hay.since_s, UTC)}")
    if set(cause.affected) != hay.sufferers:
        found.append(f"affected {sorted(cause.affected)}, should be {sorted(hay.sufferers)}")
    if hay.needles and not hay.needles & {(each.file, each.line) for each in verdict.evidence}:
        found.append("the decisive line is not among the evidence")
    return found

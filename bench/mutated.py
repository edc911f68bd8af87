"""Damaged inputs through every parser of words, outputs and shell lines: none may fail, none may take long."""

import json
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.figure import Figure
from bench.policy import golden
from vigie import plugins
from vigie.knowledge import library
from vigie.policy.shell import classify
from vigie.reasoning import answers
from vigie.reasoning.answers.answer import Answer
from vigie.reasoning.commands import understanding
from vigie.reasoning.commands.request import Inventory

HOSTS = ("web1", "web2", "db1", "mail")
MANY, FEW = 20_000, 500
SEED = 20_261_120
_MARKS = [
    "'",
    '"',
    "$(",
    "`",
    ";",
    "|",
    "\n",
    "\x00",
    "\u202e",
    "\u200b",
    "é",
    "𝕏",
    "%",
    "/" * 40,
    "-" * 9,
    "9" * 60,
    "\\",
    "{",
    "[",
    "()",
]
_OUTPUTS = Path(__file__).parent / "outputs.txt"


def figures(short: bool) -> list[Figure]:
    count = FEW if short else MANY
    own = understanding.of(library.load())
    requests = [json.loads(line)["text"] for line in (Path(__file__).parent / "requests.jsonl").read_text("utf-8").splitlines()]
    outputs = _OUTPUTS.read_text("utf-8").split("\n----\n")
    known = [kind() for kind in plugins.discover(answers, Answer).values()]

    def answered(text: str) -> None:
        for each in known:
            each.read(text, 0)

    return [
        *damaged("requests", requests, lambda text: own.understand(text, Inventory(HOSTS)), count),
        *damaged("outputs", outputs, answered, count),
        *damaged("shell lines", [line for line, _ in golden()], classify, count),
    ]


def damaged(what: str, whole: Sequence[str], take: Callable[[str], object], count: int) -> list[Figure]:
    """Feed damaged inputs to a parser and count what fails; the slowest is told in seconds."""
    chance = random.Random(SEED)
    failed, slowest = 0, 0.0
    for _ in range(count):
        text = damage(chance.choice(whole), chance)
        began = time.perf_counter()
        try:
            take(text)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is a figure
            print(f"{what}: {error!r} of {text!r}")
            failed += 1
        slowest = max(slowest, time.perf_counter() - began)
    return [
        Figure(f"damaged {what} that break a parser", failed, "", "at most", 0, f"of {count}"),
        Figure(f"slowest damaged input, {what}", round(slowest, 2), "s", "at most", 2),
    ]


def damage(text: str, chance: random.Random) -> str:
    """Return a text with one to four pieces put in, left out, doubled or swapped."""
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(text) + 1)
        end = min(len(text), place + chance.randint(1, 12))
        match chance.randrange(5):
            case 0:
                text = text[:place] + chance.choice(_MARKS) + text[place:]
            case 1:
                text = text[:place] + text[end:]
            case 2:
                text = text[:end] + text[place:end] * chance.choice((1, 2, 30)) + text[end:]
            case 3:
                text = text[:place] + text[place:end][::-1] + text[end:]
            case _:
                text = text[place:] + text[:place]
    return text

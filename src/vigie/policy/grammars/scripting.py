"""sed and awk: small languages whose programs mostly read, and sometimes write or run something."""

import re
from collections.abc import Callable

from vigie.policy import strings, verbs
from vigie.policy.call import Call
from vigie.policy.models import Model
from vigie.policy.programs import read_arguments
from vigie.policy.words import UNKNOWN, Word
from vigie.policy.writes import write

_SED_PLAIN = frozenset("=dDgGhHlnNpPqQtTbxz{}:aicyF#")
_SED_ADDRESS = re.compile(r"\s*(?:\d+(?:~\d+)?|\$|first|/(?:[^/\\\n]|\\.)*/[IM]*|\\(.)(?:(?!\1)[^\\\n]|\\.)*\1[IM]*)")
_AWK_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_AWK_REGEX = re.compile(r"(?:(?<=[(,~!&|{};\n])|\A|(?<=[(,~!&|{};]\s))\s*/(?:[^/\\\n]|\\.)+/")
_AWK_RUNS = re.compile(r"\bsystem\s*\(|(?<!\|)\|(?!\|)|\bgetline\b|@\w|\bclose\s*\(|\bextension\s*\(")
_AWK_SINK = re.compile(r'>{1,2}\s*"/dev/(stderr|stdout|null)"')
_AWK_PRINT = re.compile(r"\b(?:print|printf)\b([^;}\n]*)")


_LESS_GOES = re.compile(r"\+\+?(F|G|\d+[gG%]?|[/?&][^!|]*)\Z")


def _less(call: Call, model: Model) -> None:
    """Less and more: files, and after a plus a command of theirs."""
    reading = read_arguments(call, model)
    if reading is None:
        return
    for word in reading.operands:
        if not word.shape.startswith("+"):
            verbs.read(call, (word,), "")
        elif not _LESS_GOES.match(word.shape):
            verbs.opaque(call, (word,), "")


def _sed(call: Call, model: Model) -> None:
    reading = read_arguments(call, model)
    if reading is None:
        return
    scripts = reading.values_of("-e", "--expression")
    operands = list(reading.operands)
    if not scripts and not reading.has("-f", "--file") and operands:
        scripts = [operands.pop(0)]
    for script in scripts:
        _sed_script(call, script)
    if reading.has("-i", "--in-place"):
        for word in operands:
            write(call, word, "overwrite")
    else:
        verbs.read(call, operands, "")


def _sed_script(call: Call, script: Word) -> None:
    if script.value is None or not _sed_only_reads(script.shape):
        call.danger("exec-opaque", script.shown[:60], "sed_program")


def _sed_only_reads(text: str) -> bool:
    """Say whether every command of a sed program is known to stay within its input and output."""
    at = 0
    while at < len(text):
        if text[at] in " \t\n;!":
            at += 1
            continue
        address = _SED_ADDRESS.match(text, at)
        if address and address.end() > at:
            at = address.end()
            if text[at : at + 1] == ",":
                second = re.compile(r",\s*[+~]?").match(text, at)
                at = second.end() if second else at
            continue
        after = _sed_command(text, at)
        if after is None:
            return False
        at = after
    return True


def _sed_command(text: str, at: int) -> int | None:
    """Return where a command ends, None when it writes, runs, reads a file or is not understood."""
    name = text[at]
    if name in "sy":
        return _sed_substitution(text, at)
    if name not in _SED_PLAIN:
        return None
    if name in "aic#":
        return _line_end(text, at)
    if name in ":bTt":
        found = re.compile(r"[^;\n}]*").match(text, at + 1)
        return found.end() if found else None
    if name in "qQlL":
        found = re.compile(r"\s*\d*").match(text, at + 1)
        return found.end() if found else None
    return at + 1


def _sed_substitution(text: str, at: int) -> int | None:
    mark = text[at + 1 : at + 2]
    if not mark or mark in "\\\n":
        return None
    end = at + 2
    for _ in range(2):
        while end < len(text) and text[end] != mark:
            end += 2 if text[end] == "\\" else 1
        end += 1
    if end > len(text):
        return None
    flags = re.compile(r"[gpiImM0-9]*").match(text, end)
    after = flags.end() if flags else end
    rest = text[after : after + 1]
    return after if rest in ("", ";", "\n", "}", " ", "\t", "#") else None


def _line_end(text: str, at: int) -> int:
    while at < len(text) and text[at] != "\n":
        at += 2 if text[at] == "\\" else 1
    return min(at + 1, len(text))


def _awk(call: Call, model: Model) -> None:
    reading = read_arguments(call, model)
    if reading is None:
        return
    operands = list(reading.operands)
    programs = reading.values_of("-e", "--source")
    if not programs and operands and not reading.has("-f", "--file", "-E", "--exec"):
        programs = [operands.pop(0)]
    for program in programs:
        if re.search(r"\bENVIRON\b", program.shape):
            verbs.secret(call, (), "environment")
        if program.value is None or not _awk_only_reads(program.shape):
            _awk_runs(call, program.shape)
            call.danger("exec-opaque", program.shown[:60], "awk_program")
    verbs.read(call, [word for word in operands if not re.match(r"\w+=", word.shape)], "")


def _awk_runs(call: Call, program: str) -> None:
    """Judge what an awk program hands to a shell or to the network, as far as it stands there."""
    if "/inet" in program and _AWK_RUNS.search(_AWK_STRING.sub('""', program)):
        call.forbid("reverse-shell", "awk", "reverse_shell")
    strings.judge(call, program)
    if re.search(r"curl|wget", program) and re.search(r"system\s*\(\s*[a-z$]|\|\s*\"(ba|da|z|k)?sh\"", program):
        call.forbid("exec-opaque", "awk", "foreign_code")


def _awk_only_reads(program: str) -> bool:
    bare = _AWK_STRING.sub('""', _AWK_SINK.sub(" ", program))
    bare = _AWK_REGEX.sub(" 0 ", bare)
    bare = re.sub(r"#[^\n]*", "", bare) if '"' not in program else bare
    if _AWK_RUNS.search(bare) or UNKNOWN in bare:
        return False
    return not any(">" in _outside_parentheses(found[1]) for found in _AWK_PRINT.finditer(bare))


def _outside_parentheses(text: str) -> str:
    depth, out = 0, []
    for character in text:
        depth += (character == "(") - (character == ")")
        if depth <= 0 and character != ")":
            out.append(character)
    return "".join(out)


GRAMMARS: dict[str, Callable[[Call, Model], None]] = {"sed": _sed, "awk": _awk, "less": _less}

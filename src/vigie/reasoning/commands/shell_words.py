"""Finds shell lines in a request: the whole of it, what it asks to run, or what was slipped into it."""

import re
from collections.abc import Callable

_ASKED = re.compile(
    r"^\W*(?:(?:please|pls|stp|svp|hey|peux[- ]tu|pouvez[- ]vous|can you|could you|merci de|s'il (?:te|vous) pla[iî]t)\W+)*"
    r"(?:run|execute|exec|lance[rz]?|ex[ée]cute[rz]?|tape[rz]?|fais|do)\b(?:\s+(?:the|this|la|cette)?\s*(?:following\s+)?"
    r"(?:command|commande|shell|line|ligne)?(?:\s+suivante)?)?\s*:?\s*(?P<line>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_QUOTED = re.compile(r"`([^`]{2,})`|\"([^\"]{2,})\"|«\s*([^»]{2,}?)\s*»")
_WHERE = re.compile(
    r"\s+(?:on|sur|onto)\s+(?:the\s+|le\s+|la\s+|l')?(?:server\s+|serveur\s+|host\s+|machine\s+)?[\w.,-]+(?:\s*(?:,|and|et)\s*[\w.-]+)*\s*[.?!]*$",
    re.IGNORECASE,
)
_OPERAND = re.compile(r"[-/~].*|[0-7]{3,4}|[ugoa]*[-+=][rwxXst]+")
_OPERATOR = re.compile(r"\|\||&&|[;|\n]|\$\(|`")
_OPTION = re.compile(r"(?:^|\s)(?:--?[A-Za-z]|if=|of=|\+%|/)")
_OPENERS = frozenset(";|&`(")
_FOLLOWS = re.compile(r"\s(?:-f|--follow|-F)(?=\s|$)")


def whole(text: str, is_program: Callable[[str], bool]) -> str | None:
    """Return the shell line that the request is, or asks to run; None when it is words."""
    asked = _ASKED.match(text)
    body = (asked["line"] if asked else text).strip()
    quoted = _QUOTED.search(body)
    if quoted is not None and (asked or quoted.group(0) == body):
        body = next(group for group in quoted.groups() if group)
    elif asked is None and not _looks_like_shell(body):
        return None
    line = _WHERE.sub("", body).strip().rstrip("?!")
    words = line.split()
    if not words or (not is_program(_bare(words[0])) and not (words[0] == "sudo" and len(words) > 1 and is_program(words[1]))):
        return None
    if asked is not None and quoted is None and not _looks_like_shell(line) and len(words) > 3:
        return None
    return ended(line)


def embedded(text: str, is_program: Callable[[str], bool]) -> list[str]:
    """Return the shell lines inside a request of words: after an operator, in back quotes, or a program with its options."""
    found = []
    for match in re.finditer(r"(?:^|[\s;|&`(\"'«])((?:sudo\s+)?([a-z][\w.+-]*))(?=\s)", text):
        place = match.start(1)
        line = re.split(r"[\n`\"»]", text[place:], maxsplit=1)[0].strip()
        slipped = text[max(0, place - 3) : place].strip()[-1:] in _OPENERS
        if is_program(match[2]) and (slipped or _next_is_option(line)):
            found.append(line)
    found += [inner for inner in re.findall(r"\$\(([^)]+)\)|`([^`]+)`", text) for inner in inner if inner]
    if re.search(r":\s*\(\s*\)\s*\{", text):
        found.append(":(){ :|:& };:")
    return list(dict.fromkeys(found))


def ended(line: str) -> str:
    """Return a line that follows a file or a log as one that ends by itself."""
    words = line.split()
    program = words[1] if words[:1] == ["sudo"] and len(words) > 1 else words[0] if words else ""
    if program in ("top", "htop"):
        return "top -bn1" if program == "htop" or not re.search(r"\s-\w*b", line) else line
    if program in ("tail", "journalctl") or re.match(r"(?:sudo\s+)?(?:docker(?:\s+compose)?|kubectl)\s+logs\b", line):
        line = _FOLLOWS.sub("", line)
        line = (
            re.sub(r"(\s-\w*)[fF](\w*)(?=\s|$)", lambda m: "" if m[1].strip() + m[2] == "-" else m[1] + m[2], line)
            if program == "tail"
            else line
        )
    if program == "journalctl" and "--no-pager" not in line:
        line += " --no-pager" if re.search(r"\s(?:-n|--lines|--since)", line) else " -n 100 --no-pager"
    if program == "ping" and not re.search(r"\s-\w*c", line):
        line = line.replace("ping", "ping -c 4", 1)
    if re.match(r"(?:sudo\s+)?docker\s+stats\b", line) and "--no-stream" not in line:
        line += " --no-stream"
    if re.match(r"pm2\s+logs?\b", line) and "--nostream" not in line:
        line += " --nostream"
    return re.sub(r"^(sudo\s+)?watch\s+(?:-\w+\s*\S*\s+)?", r"\1", line)


def _looks_like_shell(line: str) -> bool:
    return bool(_OPERATOR.search(line)) or _next_is_option(line)


def _next_is_option(line: str) -> bool:
    words = line.split()
    start = 2 if words[:1] == ["sudo"] else 1
    if len(words) > start and all(_OPERAND.fullmatch(word) for word in words[start:]) and "/" in line:
        return True
    return any(word.startswith(("-", "if=", "of=")) and len(word) > 1 for word in words[start : start + 3]) or (
        len(words) > start and words[start] in (">", "|", ">>")
    )


def _bare(word: str) -> str:
    return word.rpartition("/")[2]

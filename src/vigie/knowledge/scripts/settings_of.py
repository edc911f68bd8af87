"""Tells the settings of configuration files, secrets as marks. Arguments: files or folders.

`parse` is also used by the baseline, so that both sides read a file alike.
"""

import hashlib
import json
import os
import re
import sys

ENDS = (".ini", ".env", ".conf", ".cnf", ".cfg", ".yaml", ".yml", ".toml", ".properties", ".json", ".config")
NAMES = (".env", "environment", "config", "my.cnf", "redis.conf", "Procfile", "hosts.allow", "hosts.deny")
FOLDERS = ("sites-enabled", "conf.d")
SKIPPED = {"node_modules", ".git", "__pycache__", "site-packages", "ssl", "terminfo", "locale", "fonts", "dictionaries-common"}
BYTES_MAX = 262144
FILES_MAX = 400
SETTINGS_MAX = 4000
SECRET = re.compile(
    r"(pass(word|wd|phrase)?(?![a-z])|secret|token|api_?key|private|credential|salt|signature)|(^|[_.-])(key|auth|pwd)$",
    re.IGNORECASE,
)
WITH_PASSWORD = re.compile(r"(?P<head>[a-z][a-z0-9+.-]*://[^\s/:@]*):(?P<secret>[^\s@]+)(?P<tail>@)", re.IGNORECASE)
INI_SECTION = re.compile(r"^\s*\[{1,2}\s*([^\]]+?)\s*\]{1,2}\s*(?:[#;].*)?$")
PAIR = re.compile(r"^\s*([A-Za-z_][\w.\-/ ]*?)\s*[=:]\s*(.*?)\s*$")
PREFIX = re.compile(r"^\s*(?:export|set|setenv)\s+(?=[A-Za-z_]\w*\s*[= ])")
WORD_PAIR = re.compile(r"^\s*([A-Za-z_][\w.\-]*)\s+(.+?)\s*;?\s*$")
BLOCK = re.compile(r"^\s*([A-Za-z_][\w.\-]*(?:\s+[^{}]*?)?)\s*\{\s*$")


def mark(key, value):
    return "secret:" + hashlib.sha256((key + "\0" + value).encode("utf-8", "replace")).hexdigest()[:8]


def shown(key, value):
    """Return a value as it may be told, and whether it is a secret."""
    if value and SECRET.search(key.rpartition(".")[2]):
        return mark(key, value), True
    inside = WITH_PASSWORD.search(value)
    if inside:
        # The mark stands apart, so that the address can still be read.
        return "%s (masked-%s)" % (WITH_PASSWORD.sub(r"\g<head>\g<tail>", value), mark(key, inside.group("secret"))[7:]), True
    return value, False


def unquoted(value):
    value = value.strip()
    if len(value) >= 2 and value[0] in "\"'" and value.find(value[0], 1) == len(value) - 1:
        return value[1:-1]
    cut = re.search(r"\s+[#;]\s", value + " ")
    return (value[: cut.start()] if cut else value).strip().strip("\"'") if value[:1] not in "\"'" else value


def from_json(text):
    def flat(tree, prefix):
        items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
        for key, value in items:
            name = "%s.%s" % (prefix, key) if prefix else str(key)
            if isinstance(value, (dict, list)):
                for found in flat(value, name):
                    yield found
            else:
                yield name, value if isinstance(value, str) else json.dumps(value)

    try:
        pairs = list(flat(json.loads(text), ""))
    except (ValueError, RecursionError):
        return
    lines = text.splitlines()
    for name, value in pairs:
        last = '"%s"' % name.rpartition(".")[2]
        line = next((count for count, words in enumerate(lines, 1) if last in words), 0)
        section, _, key = name.rpartition(".")
        yield section, key, value, line


def from_yaml(text):
    """Read the common half of YAML: nested keys and lists; enough to tell settings apart."""
    stack = []
    counts = {}
    for number, line in enumerate(text.splitlines(), 1):
        body = line.strip()
        if not body or body.startswith(("#", "---", "...", "%")):
            continue
        indent = len(line) - len(line.lstrip(" "))
        while body.startswith("- "):
            place = (".".join(key for _, key in stack if _ < indent), indent)
            counts[place] = counts.get(place, -1) + 1
            while stack and stack[-1][0] >= indent:
                stack.pop()
            stack.append((indent, str(counts[place])))
            indent += 2
            body = body[2:].strip()
            if ": " not in body and not body.endswith(":"):
                yield ".".join(key for _, key in stack[:-1]), stack[-1][1], unquoted(body), number
                body = ""
        match = re.match(r"""^(?:"([^"]+)"|'([^']+)'|([^\s:#][^:#]*?))\s*:(?:\s+(.*))?$""", body)
        if not match:
            continue
        key = next(group for group in match.groups()[:3] if group)
        while stack and stack[-1][0] >= indent:
            stack.pop()
        value = (match.group(4) or "").strip()
        if value and not value.startswith(("|", ">", "&", "#")):
            yield ".".join(part for _, part in stack), key, unquoted(value), number
        stack.append((indent, key))


def from_lines(text):
    """Read `key = value`, `key: value`, `key value`, `[sections]` and `blocks { … }`."""
    section, blocks = "", []
    for number, line in enumerate(text.splitlines(), 1):
        body = line.strip()
        if not body or body[0] in "#;" or body.startswith(("//", "<!--")):
            continue
        head = INI_SECTION.match(line)
        if head:
            section = head.group(1)
            continue
        block = BLOCK.match(line)
        if block:
            blocks.append(" ".join(block.group(1).split()))
            continue
        if body.startswith("}"):
            blocks = blocks[:-1]
            continue
        plain = PREFIX.sub("", line)
        pair = PAIR.match(plain)
        words = WORD_PAIR.match(plain)
        place = ".".join([part for part in [section] if part] + blocks)
        if pair and not (words and len(words.group(1)) < len(pair.group(1).split()[0])):
            if " " not in pair.group(1) or not words:
                yield place, pair.group(1).strip(), unquoted(pair.group(2)), number
                continue
        if words:
            yield place, words.group(1), unquoted(words.group(2).rstrip(";")), number


def parse(text, name):
    """Return [(section, key, value)…] with the line of each and whether it is a secret."""
    suffix = os.path.splitext(name)[1].lower()
    if suffix == ".json":
        found = from_json(text)
    elif suffix in (".yaml", ".yml"):
        found = from_yaml(text)
    else:
        found = from_lines(text)
    counts = {}
    for section, key, value, line in found:
        place = (section, key)
        counts[place] = counts.get(place, 0) + 1
        unique = key if counts[place] == 1 else "%s#%d" % (key, counts[place])
        told, secret = shown(key, value)
        yield section, unique, told, line, secret


def is_settings(name):
    base = os.path.basename(name)
    if os.path.basename(os.path.dirname(name)) in FOLDERS:
        return not base.endswith(("~", ".bak", ".dpkg-dist", ".dpkg-old", ".dpkg-new"))
    return base.lower().endswith(ENDS) or base in NAMES or base.startswith(".env")


def files(places):
    for place in places:
        if os.path.isfile(place):
            yield place
            continue
        for folder, names, found in os.walk(place):
            names[:] = sorted(name for name in names if name not in SKIPPED)
            for name in sorted(found):
                if is_settings(os.path.join(folder, name)):
                    yield os.path.join(folder, name)


def main(places):
    told = 0
    for count, path in enumerate(files(places)):
        if count >= FILES_MAX or told >= SETTINGS_MAX:
            break
        try:
            if os.path.getsize(path) > BYTES_MAX or not os.path.isfile(path):
                continue
            with open(path, encoding="utf-8", errors="replace") as file:
                text = file.read(BYTES_MAX)
        except OSError as error:
            sys.stderr.write("%s\n" % error)
            continue
        if "\0" in text:
            continue
        subject = "file:" + os.fsencode(path).decode("utf-8", "replace")
        written = {"at": os.path.getmtime(path)}
        sys.stdout.write(json.dumps({"subject": subject, "name": "file.written", "value": written}) + "\n")
        for section, key, value, line, secret in parse(text, path):
            told += 1
            row = {"key": key, "value": value[:1000], "section": section, "line": line}
            words = "line %d: %s = %s" % (line, key, value[:200])
            sys.stdout.write(json.dumps({"subject": subject, "name": "file.setting", "value": row, "excerpt": words}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])

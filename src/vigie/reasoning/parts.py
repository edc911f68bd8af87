"""Which part of a system a changed file belongs to, by where every system of its kind keeps such files, or by what cron runs."""

import re
from collections.abc import Iterator

from vigie.domain.fact import Fact, Value
from vigie.reasoning.derived import made
from vigie.reasoning.facts import Facts
from vigie.reasoning.house import House, tail, text_of, value_of
from vigie.reasoning.times import Times

_CHANGES = ("change.file", "change.link", "change.mode", "change.flags")
# First match wins: (area, part, paths).
_PLACES: tuple[tuple[str, str, re.Pattern[str]], ...] = tuple(
    (area, part, re.compile(expression))
    for area, part, expression in (
        ("network", "dns", r"^/etc/(resolv\.conf|nsswitch\.conf|host\.conf|gai\.conf)$|^/etc/systemd/resolved"),
        ("network", "hosts", r"^/etc/hosts$"),
        ("network", "access", r"^/etc/hosts\.(allow|deny)$"),
        ("network", "firewall", r"^/etc/(nftables|iptables|ufw|firewalld)"),
        ("network", "interfaces", r"^/etc/(network|netplan|systemd/network|NetworkManager)/"),
        ("host", "cron", r"^/etc/(cron|anacrontab|at\.)|^/var/spool/cron/"),
        ("host", "logrotate", r"^/etc/logrotate"),
        ("security", "sudoers", r"^/etc/(sudoers|doas\.conf)"),
        ("security", "ssh", r"^/etc/ssh/|/\.ssh(/|$)"),
        ("security", "login", r"^/etc/(pam\.|nologin$|shells$|login\.defs$|securetty$|security/access)"),
        ("security", "account", r"^/etc/(passwd|shadow|group|gshadow|subuid|subgid)$"),
        ("host", "limits", r"^/etc/(security/limits|sysctl)"),
        ("security", "trust", r"^/etc/(ssl|pki|ca-certificates)|^/usr/local/share/ca-certificates"),
        ("host", "mounts", r"^/etc/fstab$"),
        ("host", "locale", r"^/etc/(locale|default/locale|timezone|localtime)"),
        ("host", "libraries", r"^/etc/ld\.so\.(conf|preload)"),
        ("host", "environment", r"^/etc/(environment|profile|bash\.bashrc)"),
        ("deploy", "packages", r"^/etc/(apt|yum\.repos\.d|dnf|pip\.conf)"),
    )
)
_BACKUP = re.compile(r"backup|dump|snapshot|sauvegarde|restic|borg|rsnapshot", re.IGNORECASE)


def files(facts: Facts, _house: House, _times: Times) -> Iterator[Fact]:
    """Yield `file.part` for each changed file that some part of the system is made of."""
    jobs = _jobs(facts)
    for name in _CHANGES:
        for fact in facts.named(name):
            found = _part_of(tail(fact), jobs)
            if found is not None:
                area, part, source = found
                value: dict[str, Value] = {
                    "area": area,
                    "part": part,
                    "change": name.partition(".")[2],
                    "new": value_of(fact, "before") is None,
                    "gone": value_of(fact, "after") is None,
                }
                yield made("file.part", fact.subject, value, (fact, source) if source is not None else (fact,))


def _part_of(path: str, jobs: dict[str, Fact]) -> tuple[str, str, Fact | None] | None:
    if path in jobs:
        area = "backup" if _BACKUP.search(path) else "host"
        return area, "job", jobs[path]
    for area, part, expression in _PLACES:
        if expression.search(path):
            return ("backup", part, None) if part == "cron" and _BACKUP.search(path) else (area, part, None)
    return None


def _jobs(facts: Facts) -> dict[str, Fact]:
    """Return the programs that cron starts."""
    found: dict[str, Fact] = {}
    for fact in facts.named("cron.entry"):
        for word in re.findall(r"/[^\s;|&<>\"']+", text_of(fact, "command")):
            found.setdefault(word, fact)
    return found

"""Who a host is: its system and its service manager, from safe reads."""

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from vigie.domain.action import Completed, EffectClass
from vigie.domain.host import Host, HostStatus, Sudo
from vigie.policy.shell import classify

if TYPE_CHECKING:
    from vigie.knowledge.library import Knowledge

OS_RELEASE = "cat /etc/os-release"
UNAME = "uname -sr"
# Asked once: each refusal is a line in the host's own log of logins.
SUDO = "id -u; command -v sudo && sudo -n -l"


def lines(knowledge: "Knowledge | None", host: Host) -> list[str]:
    """Return what to read; a detection that is no safe read is left out, whoever wrote it."""
    from vigie.knowledge import detection

    asked = detection.lines(knowledge) if knowledge is not None else []
    own = [OS_RELEASE, UNAME, *([SUDO] if host.sudo is None else [])]
    return [*own, *[line for line in asked if classify(line).effect_class is EffectClass.SAFE_READ]]


def identified(host: Host, answers: list[Completed], knowledge: "Knowledge | None") -> Host:
    """Return the host with what the answers of `lines` say. One that says nothing has no system: None, not a guess."""
    from vigie.knowledge import detection

    said = {answer.line: answer for answer in answers}
    system = _pretty_name(said[OS_RELEASE].text()) or _first_line(said[UNAME])
    found = detection.found(knowledge, answers, host.focus) if knowledge is not None else []
    options = {name: value for name, value in host.options.items() if not name.startswith(detection.OPTION)}
    if found:
        options |= found[0].options()
    manager = found[0].manager.name if found else None
    sudo = _sudo(said[SUDO]) if SUDO in said else host.sudo
    return replace(host, os=system, manager=manager, options=options, status=HostStatus.OK, sudo=sudo)


def _sudo(answer: Completed) -> Sudo | None:
    """Return what `sudo` is to us; None where the host says nothing of the kind."""
    user, *found = answer.text().splitlines() or [""]
    if not user.strip().isdigit():
        return None
    if int(user) == 0:
        return Sudo.NEEDLESS
    if not found:
        return Sudo.ABSENT
    return Sudo.ALLOWED if answer.rc == 0 else Sudo.PASSWORD


def _pretty_name(text: str) -> str | None:
    for line in text.splitlines():
        name, _, value = line.partition("=")
        if name == "PRETTY_NAME":
            try:
                words = shlex.split(value)
            except ValueError:
                return None
            return " ".join(words)[:100] or None
    return None


def _first_line(answer: Completed) -> str | None:
    lines = answer.text().strip().splitlines()
    return lines[0][:100] if answer.rc == 0 and lines else None

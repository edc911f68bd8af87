"""Writes a new agent with its passing test: into a checkout when the program runs from one, else into the home."""

import re
from pathlib import Path

import vigie
from vigie.agents.registry import plain, released
from vigie.domain.errors import BadUsage, Permanent

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_ ][A-Za-z0-9]+){0,2}")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")


def write(name: str, home: Path, *, checkout: Path | None = None) -> list[Path]:
    """Write an agent of that name and its test; return both files, the agent first.

    Args:
        name: any way of writing one to three words: `disk-usage`, `DiskUsageAgent`.
        home: where it goes without a checkout.
        checkout: a source tree; found by itself when not given.

    Raises:
        BadUsage: it is no name, or it is taken.
        Permanent: the folder cannot be written.
    """
    words = _words(name)
    title = "_".join(words)
    tree = checkout or find_checkout()
    if tree is not None:
        agent, test = tree / "src/vigie/agents" / f"{title}.py", tree / "tests/unit/agents" / f"test_{title}.py"
    else:
        agent, test = home / "agents" / f"{title}.py", home / "agents" / "tests" / f"test_{title}.py"
    _check_free(title, agent, test)
    kind = "".join(word.capitalize() for word in words)
    try:
        for path, body in ((agent, _agent(title, kind)), (test, _test(title, kind, agent, is_released=tree is not None))):
            path.parent.mkdir(mode=0o755 if tree else 0o700, parents=True, exist_ok=True)
            path.write_text(body, encoding="utf-8")
            path.chmod(0o644 if tree else 0o600)
    except OSError as error:
        raise Permanent("agent.folder", path=str(agent.parent), seen=error.strerror or str(error)) from error
    return [agent, test]


def _check_free(title: str, *paths: Path) -> None:
    for known in released():
        if plain(title) == plain(known):
            raise BadUsage("agent.exists", name=title, path=known)
    for path in paths:
        if path.exists():
            raise BadUsage("agent.exists", name=title, path=str(path))


def find_checkout() -> Path | None:
    """Return the source tree that this program runs from; None for an installed one."""
    tree = Path(vigie.__file__).resolve().parents[2]
    is_tree = (
        (tree / "pyproject.toml").is_file() and (tree / "tests/unit/agents").is_dir() and (tree / "src/vigie/agents").is_dir()
    )
    return tree if is_tree else None


def _words(name: str) -> list[str]:
    if not _NAME.fullmatch(name.strip()):
        raise BadUsage("agent.bad_name", name=name)
    words = [word.lower() for part in re.split(r"[-_ ]", name.strip()) for word in _WORDS.findall(part)]
    words = words[:-1] if len(words) > 1 and words[-1] == "agent" else words
    if not words or words == ["agent"] or not plain("_".join(words)):
        raise BadUsage("agent.bad_name", name=name)
    return words


def _agent(title: str, kind: str) -> str:
    said = title.replace("_", " ")
    return f'''"""{kind}: say here in one sentence what it is for."""

from typing import ClassVar

from vigie.agents.agent import Agent, capability
from vigie.domain.host import Host
from vigie.i18n import Language
from vigie.reasoning.looks import Look


class {kind}(Agent):
    """What it does, what it needs, what can go wrong."""

    name = "{title}"
    description: ClassVar[dict[Language, str]] = {{
        "en": "Looks after {said}.",
        "fr": "S’occupe de {said}.",
    }}

    @capability
    async def look(self, host: Host, probe: str) -> list[str]:
        """Read a probe on a host and return what it shows, a line a fact."""
        facts = await self._bench.observe(host, [Look.of(probe, {{}})], actor=f"agent:{{self.name}}")
        return [f"{{fact.subject}} {{fact.name}} = {{fact.value}}" for fact in facts]
'''


def _test(title: str, kind: str, agent: Path, *, is_released: bool) -> str:
    if is_released:
        head = f"from vigie.agents.agent import Agent\nfrom vigie.agents.{title} import {kind}\n"
    else:
        head = (
            "from pathlib import Path\n\nfrom vigie.agents.agent import Agent\nfrom vigie.agents.registry import kind_of\n\n"
            f'{kind} = kind_of(Path(__file__).parent.parent / "{agent.name}", "{title}")\n'
        )
    return f'''"""What {title} promises."""

{head}

def test_it_is_an_agent_of_its_own_name() -> None:
    assert issubclass({kind}, Agent)
    assert {kind}.name == "{title}"


def test_it_says_in_both_languages_what_it_is_for() -> None:
    assert set({kind}.description) == {{"en", "fr"}}
    assert all({kind}.description.values())


def test_what_it_can_be_asked_is_declared() -> None:
    assert [capability.name for capability in {kind}.capabilities()] == ["look"]
'''

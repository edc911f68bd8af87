"""The documentation says what is so: commands, settings, routes, happenings, plug-ins, the walk of a log line, its own examples.

`python -m tests.unit.test_docs` from the top folder writes the tables of errors in the troubleshooting pages anew.
"""

import importlib
import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel
from tests.warm import Warm
from typer.core import TyperArgument, TyperGroup

import vigie
from vigie import config, i18n
from vigie.i18n import LANGUAGES, Language
from vigie.interfaces.cli import usage
from vigie.interfaces.cli.commands import application
from vigie.interfaces.settings_file import OpenIdPart, SettingsFile, SourcePart, read
from vigie.knowledge.library import HERE as KNOWLEDGE
from vigie.knowledge.library import Knowledge
from vigie.policy import examples, models

TOP = Path(__file__).resolve().parents[2]
SOURCES = TOP / "src/vigie"
GUIDE = TOP / "docs/guide"
PAGES = sorted(
    page for page in (*TOP.glob("*.md"), *TOP.glob("docs/**/*.md"), *TOP.glob("changes/*.md"), *TOP.glob("requirements/*.md"))
)
BEGIN, END = "<!-- errors -->", "<!-- /errors -->"


def _text(*parts: str) -> str:
    return TOP.joinpath(*parts).read_text(encoding="utf-8")


def _named(path: Path) -> str:
    return str(path.relative_to(TOP))


# ---- the references ------------------------------------------------------------------------------------------------


def _sections(page: str) -> dict[str, str]:
    parts = re.split(r"^#{2,3} (.+)$", page, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _commands() -> Iterator[tuple[str, Any]]:
    for path, command in usage.commands(usage.build(application())):
        if path != "vigie":
            yield path.removeprefix("vigie "), command


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_is_in_the_reference_with_every_option(language: Language) -> None:
    sections = _sections(_text("docs/guide", language, "reference-cli.md"))
    missing = []
    for words, command in _commands():
        section = sections.get(words)
        if section is None:
            missing.append(words)
            continue
        if isinstance(command, TyperGroup):
            continue
        for parameter in command.params:
            if isinstance(parameter, TyperArgument):
                names = [str(parameter.name).upper()]
            else:
                names = [name for name in (*parameter.opts, *parameter.secondary_opts) if name != "--help"]
            missing += [f"{words} {name}" for name in names if f"`{name}" not in section]
    assert not missing


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_reference_invents_no_command_and_no_option(language: Language) -> None:
    known = dict(_commands())
    invented = []
    for words, section in _sections(_text("docs/guide", language, "reference-cli.md")).items():
        if words not in known:
            invented += re.findall(r"^`(vigie [^`]*)`$", section, flags=re.MULTILINE)
            continue
        own = {name for parameter in known[words].params for name in getattr(parameter, "opts", ())}
        rows = re.findall(r"^\| `(--[a-z-]+)", section, flags=re.MULTILINE)
        invented += [f"{words} {name}" for name in rows if name not in own]
    assert not invented


def _settings(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _settings(kind, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_setting_is_documented_and_no_other(language: Language) -> None:
    settings = {*_settings(SettingsFile), *_settings(SourcePart, "sources."), *_settings(OpenIdPart, "openid.")}
    page = _text("docs/guide", language, "settings.md").partition("\n## ")[0]
    documented = set(re.findall(r"^\| `([a-z_.]+)` \|", page, flags=re.MULTILINE))
    assert documented == settings


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_variable_of_the_environment_is_documented(language: Language) -> None:
    read_by_us = set(re.findall(r"\"((?:VIGIE|XDG)_[A-Z_]+)\"", _text("src/vigie/config.py")))
    read_by_run = set(re.findall(r"VIGIE_[A-Z]+", _text("run")))
    page = _text("docs/guide", language, "settings.md")
    assert {name for name in read_by_us | read_by_run if name not in page} == set()


async def test_every_route_is_in_both_references_and_no_other(tmp_path: Path) -> None:
    from vigie.app import build
    from vigie.interfaces.api.application import create

    async with build(config.load({}, home=tmp_path / "home")) as services:
        described = create(services).openapi()["paths"]
    routes = {f"{method.upper()} {path}" for path, methods in described.items() for method in methods}
    routes |= {"GET /docs", "GET /openapi.json"}  # they describe the others, not themselves
    for language in LANGUAGES:
        page = _text("docs/guide", language, "reference-api.md")
        assert set(re.findall(r"^\| `([A-Z]+ /[^`]*)` \|", page, flags=re.MULTILINE)) == routes


def _happenings() -> set[str]:
    """Return every kind of happening that the program writes."""
    written = re.compile(r"(?:\.tell|\bappend|_journal|\.note)\(\s*\"([a-z]+\.[a-z_]+)\"")
    named = re.compile(r"^[A-Z_]+ = \"((?:action|backup|fleet|gate|host)\.[a-z_]+)\"", re.MULTILINE)  # the gate's own, by name
    chosen = re.compile(r"append\(\s*\"([a-z]+\.[a-z_]+)\" if [^,]*? else \"([a-z]+\.[a-z_]+)\"")
    kinds: set[str] = set()
    for file in SOURCES.rglob("*.py"):
        source = file.read_text(encoding="utf-8")
        kinds |= {*written.findall(source), *(named.findall(source) if file.parent.name == "policy" else ())}
        kinds |= {kind for pair in chosen.findall(source) for kind in pair}
    return kinds - {"backup.restore"}  # the cause of a restore's plan


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_happening_has_a_sentence(language: Language) -> None:
    kinds = _happenings()
    assert {"case.opened", "action.intent", "action.result", "host.read", "agent.paused"} <= kinds
    silent = []
    for kind in kinds:
        area, _, name = kind.partition(".")
        if area not in i18n.areas(language) or f"happenings.{name}" not in i18n.area_of(language, area):
            silent.append(kind)
    assert not silent


# ---- errors --------------------------------------------------------------------------------------------------------


def _errors(language: Language) -> Iterator[tuple[str, str, str]]:
    for area in i18n.areas(language):
        texts = i18n.area_of(language, area)
        for key, what in texts.items():
            if key.startswith("errors.") and key.endswith(".what"):
                name = key.removeprefix("errors.").removesuffix(".what")
                yield f"{area}.{name}", what, texts.get(f"errors.{name}.next", "")


def errors_table(language: Language) -> str:
    """Return the table of all errors, as the troubleshooting page holds it."""
    head = {"en": ("code", "it says", "do"), "fr": ("code", "il est dit", "faites")}[language]
    rows = [f"| {head[0]} | {head[1]} | {head[2]} |", "| --- | --- | --- |"]
    for code, what, then in _errors(language):
        cells = (each.replace("|", "\\|").replace("\n", " ") for each in (what, then))
        rows.append(f"| `{code}` | {' | '.join(cells)} |")
    return "\n".join(rows)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_troubleshooting_page_tells_every_error_as_the_program_does(language: Language) -> None:
    page = _text("docs/guide", language, "troubleshooting.md")
    table = page.partition(BEGIN)[2].partition(END)[0].strip()
    assert table == errors_table(language), "write it anew: python -m tests.unit.test_docs"


# ---- plug-ins and the walk -----------------------------------------------------------------------------------------


def test_every_kind_of_plug_in_is_named_for_those_who_add_one(tmp_path: Path) -> None:
    from vigie.interfaces.discovered import plugins

    kinds = {row["kind"] for row in plugins(Knowledge((KNOWLEDGE,)))}
    kinds |= {"transport", "language"}
    kinds |= {folder.name for folder in KNOWLEDGE.iterdir() if folder.is_dir() and not folder.name.startswith("_")}
    for page in ("CONTRIBUTING.md", "ARCHITECTURE.md"):
        words = _text(page).lower()
        singular = {kind: re.sub(r"ies$", "y", kind).removesuffix("s") if kind != "remedies" else "remedy" for kind in kinds}
        assert {kind for kind, one in singular.items() if one not in words} == set(), page


def _walked() -> list[tuple[str, str]]:
    return re.findall(r"`([a-z_/]+\.py)`: `([A-Za-z_.]+)`", _text("ARCHITECTURE.md"))


def test_the_walk_goes_through_files_and_functions_that_exist() -> None:
    walked = _walked()
    assert len(walked) >= 40
    wrong = []
    for file, name in walked:
        if not (SOURCES / file).is_file():
            wrong.append(file)
            continue
        found: Any = importlib.import_module("vigie." + file.removesuffix(".py").replace("/", "."))
        for part in name.split("."):
            found = getattr(found, part, None)
        if found is None:
            wrong.append(f"{file}: {name}")
    assert not wrong


_OF_THE_TREE = "src|tests|docs|bench|console|changes|requirements"
_OF_THE_PACKAGE = "policy|cases|agents|reasoning|memory|signals|collectors|interfaces|lab|tools(?=/[a-z_/]+\\.py)"


@pytest.mark.parametrize("page", PAGES, ids=_named)
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    linked = [target for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text) if "://" not in target]
    gone = [target for target in linked if not (page.parent / target).exists() and not target.startswith("docs/pictures/")]
    for top, folders in ((TOP, _OF_THE_TREE), (SOURCES, _OF_THE_PACKAGE)):
        named = re.findall(rf"`((?:{folders})/[A-Za-z0-9_./-]+)`", text)
        gone += [path for path in named if "NAME" not in path and not (top / path).exists()]
    assert not [path for path in gone if path != "bench/RESULTS.md"]  # written by ./run bench


@pytest.mark.parametrize("page", ["README.md", "README.fr.md"])
def test_the_picture_of_the_console_is_there(page: str) -> None:
    pictures = re.findall(r"\]\((docs/pictures/[^)]+)\)", _text(page))
    assert pictures
    assert all((TOP / picture).is_file() for picture in pictures)


# ---- what it tells people to type ------------------------------------------------------------------------------------

_TYPED = re.compile(r"(?:\./run|\bvigie)((?: (?:[a-z]+|--[a-z-]+))+)")
_OF_RUN = {"test", "check", "bench", "lock"}
_PLANNED = {"ask", "logs", "metrics", "search", "infra", "drill", "mcp", "triage"}


def _wrong_commands(text: str, allowed: frozenset[str] | set[str] = frozenset()) -> list[str]:
    known = dict(_commands())
    wrong = []
    for typed in _TYPED.findall(text):
        words = typed.split()
        if words[0] in _OF_RUN | allowed or words[0].startswith("--"):
            continue
        path = next((path for path in (" ".join(words[:2]), words[0]) if path in known), None)
        options = {name for one in getattr(known.get(path or ""), "params", ()) for name in getattr(one, "opts", ())}
        options |= {"--json", "--csv", "--lang", "--help"}
        if path is None or (isinstance(known[path], TyperGroup) and len(words) > 1 and words[1].isalpha()):
            wrong.append(typed)
        else:
            wrong += [f"{path} {word}" for word in words if word.startswith("--") and word not in options]
    return wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_that_a_sentence_tells_to_type_exists(language: Language) -> None:
    texts = {f"{area}.{key}": words for area in i18n.areas(language) for key, words in i18n.area_of(language, area).items()}
    wrong = {key: _wrong_commands(words) for key, words in texts.items() if "vigie " in words or "./run" in words}
    assert {key: typed for key, typed in wrong.items() if typed} == {}


@pytest.mark.parametrize("page", PAGES, ids=_named)
def test_every_command_that_a_page_tells_to_type_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    code = "\n".join([*re.findall(r"```sh\n(.*?)```", text, re.DOTALL), *re.findall(r"`((?:vigie|\./run) [^`]*)`", text)])
    assert _wrong_commands(code, _PLANNED) == []


def test_every_command_that_the_program_itself_tells_to_type_exists() -> None:
    told = [
        _text("src/vigie/interfaces/doctor.py"),
        *[page.read_text() for page in SOURCES.glob("interfaces/api/page_templates/*.html")],
    ]
    assert [
        typed for text in told for typed in _wrong_commands("\n".join(re.findall(r"[\">]((?:vigie|\./run) [^\"<]*)", text)))
    ] == []


def test_the_readme_counts_right() -> None:
    from vigie.lab.demo import Demo

    known = Knowledge((KNOWLEDGE,))
    more = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")[len(Demo.scenarios()) - 2]
    readme = _text("README.md")
    assert f"{len(known.causes)} causes and {len(known.remedies)} remedies" in readme
    assert f"{len(known.causes)} described causes" in readme
    assert f"{more} more scenarios" in readme.lower()
    assert f"{len(known.causes)} causes et {len(known.remedies)} remèdes" in _text("README.fr.md")


# ---- both languages ------------------------------------------------------------------------------------------------


def _shape(page: str) -> list[str]:
    """Return what must be alike in two languages: levels of headings, rows of tables, and which examples run."""
    shape, fenced = [], False
    for line in page.splitlines():
        if line.startswith("```"):
            fenced = not fenced
            shape += [line] if fenced else []
        elif fenced:
            continue
        elif line.startswith("#"):
            shape.append(line.partition(" ")[0])
        elif line.startswith("<!--"):
            shape.append(line)
        elif line.startswith(("| ", "- ")):
            shape.append(line[0])
    return shape


def test_the_readme_has_the_same_parts_in_both_languages() -> None:
    assert _shape(_text("README.md")) == _shape(_text("README.fr.md"))


def test_the_guide_has_the_same_pages_in_both_languages() -> None:
    pages = [sorted(page.name for page in (GUIDE / language).glob("*.md")) for language in LANGUAGES]
    assert pages[0] == pages[1]
    assert {"getting-started.md", "safety.md", "troubleshooting.md"} <= set(pages[0])


@pytest.mark.parametrize("name", sorted(page.name for page in (GUIDE / "en").glob("*.md")))
def test_a_page_of_the_guide_has_the_same_parts_in_both_languages(name: str) -> None:
    assert _shape(_text("docs/guide/en", name)) == _shape(_text("docs/guide/fr", name))


# ---- nothing that is of one machine only ---------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=_named)
def test_no_page_names_a_path_of_one_machine_or_a_registry(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    homes = re.compile(r"(?<![\w.~])/(?:work|root|home/\w+|Users/\w+)/\S*")
    registries = re.compile(r"(?:pypi|pythonhosted|npmjs|yarnpkg|crates\.io|docker\.io|ghcr\.io|proxy\.golang)\S*", re.IGNORECASE)
    assert not homes.findall(text)
    assert not registries.findall(text)


# ---- examples ------------------------------------------------------------------------------------------------------

_MARKED = re.compile(r"<!-- (run|config|program|knowledge: [a-z]+) -->\n```[a-z]+\n(.*?)```", re.DOTALL)
_EXIT_CODES_OF_A_CASE = {0, 1, 4}
_LIMIT_S = 120


def _examples(kind: str) -> list[Any]:
    return [
        pytest.param(page, what, body, id=f"{_named(page)}-{number}")
        for page in PAGES
        for number, (what, body) in enumerate(_MARKED.findall(page.read_text(encoding="utf-8")))
        if what.partition(":")[0] == kind
    ]


def _lines(body: str) -> list[list[str]]:
    lines = [shlex.split(line, comments=True) for line in body.replace("\\\n", " ").splitlines()]
    return [words for words in lines if words]


def test_some_examples_are_marked_as_running() -> None:
    assert len(_examples("run")) >= 12


def _in_english(page: Path) -> bool:
    return "fr" not in (page.parent.name, page.suffixes[0].strip("."))


def test_the_examples_are_the_same_in_both_languages() -> None:
    commands = [
        [[words[:3] for words in _lines(one.values[2])] for one in _examples("run") if _in_english(one.values[0]) is english]
        for english in (True, False)
    ]
    assert commands[0] == commands[1]


@pytest.mark.parametrize(("page", "_what", "body"), [one for one in _examples("run") if _in_english(one.values[0])])
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_an_example_really_runs(page: Path, _what: str, body: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    language = "en" if _in_english(page) else "fr"
    environment = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": str(tmp_path),
        "VIGIE_HOME": str(tmp_path / "vigie"),
        "LANG": f"{language}_XX.UTF-8",
        "PYTHONPATH": str(TOP / "src"),
    }
    monkeypatch.chdir(tmp_path)
    for words in _lines(body):
        assert words[0] in ("./run", "vigie"), f"only our own commands are marked as running, not {words[0]}"
        # Not all of the machine, on which other tests start and break servers: a folder of its own.
        narrowed = ["--focus", str(tmp_path)] if words[1:3] == ["host", "add"] and "local" in words else []
        code, said, noted = Warm.ready().run([*words[1:], *narrowed], environment, b"", _LIMIT_S)
        fine = _EXIT_CODES_OF_A_CASE if words[1] == "work" else {0}
        assert code in fine, f"{shlex.join(words)}\n{said.decode()}\n{noted.decode()}"
        assert b"Traceback" not in noted


@pytest.mark.parametrize(("_page", "_what", "body"), _examples("config"))
def test_an_example_of_settings_is_taken(_page: Path, _what: str, body: str, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(body, encoding="utf-8")
    assert read(tmp_path / "config.yaml") != SettingsFile()


@pytest.mark.parametrize(("_page", "what", "body"), _examples("knowledge"))
def test_an_example_of_knowledge_is_taken(_page: Path, what: str, body: str, tmp_path: Path) -> None:
    kind = what.partition(": ")[2]
    (tmp_path / kind).mkdir()
    (tmp_path / kind / "example.yaml").write_text(body, encoding="utf-8")
    known = getattr(Knowledge((KNOWLEDGE, tmp_path)), kind)
    example = known[yaml.safe_load(body)["name"]]
    released = Knowledge((KNOWLEDGE,))
    assert set(example.look_alikes) <= set(released.causes)
    assert set(example.remedies) <= set(released.remedies)


@pytest.mark.parametrize(("_page", "_what", "body"), _examples("program"))
def test_an_example_of_a_program_is_taken_and_holds(_page: Path, _what: str, body: str, tmp_path: Path) -> None:
    (tmp_path / "shopctl.yaml").write_text(body, encoding="utf-8")
    try:
        assert all(each.holds for each in examples.tried(models.learn(tmp_path)))
    finally:
        models.forget()


def test_the_version_in_the_code_is_the_projects() -> None:
    assert f'version = "{vigie.__version__}"' in _text("pyproject.toml")


if __name__ == "__main__":
    for each in LANGUAGES:
        path = GUIDE / each / "troubleshooting.md"
        before, _, rest = path.read_text(encoding="utf-8").partition(BEGIN)
        path.write_text(f"{before}{BEGIN}\n{errors_table(each)}\n{END}{rest.partition(END)[2]}", encoding="utf-8")

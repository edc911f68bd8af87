"""Both languages are complete, say the same, and are what they claim to be: French reads as French."""

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import vigie
from vigie import i18n, safe_yaml
from vigie.i18n import LANGUAGES, Language

SOURCES = Path(vigie.__file__).parent
CATALOGUES = SOURCES / "i18n"
KNOWLEDGE = SOURCES / "knowledge"
AREAS = sorted({area for language in LANGUAGES for area in i18n.areas(language)})
SLOT = re.compile(r"\{(\w+)\}")

# Sentences that are the same in both languages, and why they may be.
SAME_WORDS = {
    "agent": "the word is the same",
    "agents": "the word is the same",
    "action": "the word is the same",
    "actions": "the word is the same",
    "arguments": "the word is the same",
    "cause": "the word is the same",
    "image": "the word is the same",
    "pid": "the abbreviation is the same",
    "shell": "the word is the same",
    "options": "the word is the same",
    "phase": "the word is the same",
    "plan": "the word is the same",
    "propose": "the word is the same",
    "rollback": "the word is the same",
    "ticket": "the word is the same",
    "commandes": "the word is the same",
    "date": "the word is the same",
    "port": "the word is the same",
    "ok": "the word is the same",
    "diagnostic": "the word is the same",
    "english": "each language is called by its own name",
    "français": "each language is called by its own name",
    "version": "the word is the same",
    "urgent": "the word is the same",
    "total": "the word is the same",
    "type": "the word is the same",
    "description": "the word is the same",
    "documentation": "the word is the same",
}
_LETTERS = re.compile(r"[^\W\d_]")
_CODE = re.compile(r"`[^`]*`|\b[a-z]+://\S*|\b[\w./-]+\.(?:yaml|py|md|db)\b|--[a-z-]+|\{\w+\}")


def _texts(language: Language) -> Iterator[tuple[str, str]]:
    for area in i18n.areas(language):
        for key, words in i18n.area_of(language, area).items():
            yield f"{area}.{key}", words


@functools.cache
def _knowledge() -> list[tuple[str, str, str]]:
    """Return every text that knowledge and code carry in both languages at once."""
    return [
        (f"{path.parent.name}/{path.stem}#{number}", en, fr)
        for path in sorted(KNOWLEDGE.glob("*/*.yaml"))
        if path.parent.name != "programs"  # no words for people, and many
        for number, (en, fr) in enumerate(_pairs(safe_yaml.parse(path.read_text(encoding="utf-8"))))
    ]


def _pairs(tree: object) -> Iterator[tuple[str, str]]:
    if isinstance(tree, dict):
        if set(tree) == {"en", "fr"} and all(isinstance(each, str) for each in tree.values()):
            yield tree["en"], tree["fr"]
            return
        for each in tree.values():
            yield from _pairs(each)
    elif isinstance(tree, list):
        for each in tree:
            yield from _pairs(each)


@functools.cache
def _trees() -> list[tuple[str, ast.Module]]:
    files = [path for path in sorted(SOURCES.rglob("*.py")) if "scripts" not in path.parts]
    return [(str(path.relative_to(SOURCES)), ast.parse(path.read_text(encoding="utf-8"))) for path in files]


def _spoken() -> Iterator[tuple[str, str, str]]:
    """Yield every text that plug-ins carry beside their code, so that adding one edits nothing else."""
    for file, tree in _trees():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Dict):
                continue
            pairs = [(_word(key), _word(words)) for key, words in zip(node.keys, node.values, strict=True)]
            said = {key: words for key, words in pairs if key and words}
            if set(said) == {"en", "fr"}:
                yield f"{file}:{node.lineno}", said["en"], said["fr"]


def _word(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


@functools.cache
def _french() -> list[tuple[str, str]]:
    return [*_texts("fr"), *[(where, fr) for where, _, fr in (*_spoken(), *_knowledge())]]


# ---- complete ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("area", AREAS)
def test_an_area_has_the_same_keys_in_both_languages(area: str) -> None:
    keys = [set(i18n.area_of(language, area)) for language in LANGUAGES]
    assert keys[0] == keys[1]


@pytest.mark.parametrize("area", AREAS)
def test_a_sentence_has_the_same_slots_in_both_languages(area: str) -> None:
    en, fr = (i18n.area_of(language, area) for language in LANGUAGES)
    assert {key for key in en if sorted(set(SLOT.findall(en[key]))) != sorted(set(SLOT.findall(fr[key])))} == set()


def test_a_piece_of_knowledge_has_the_same_variables_in_both_languages() -> None:
    assert [where for where, en, fr in _knowledge() if set(SLOT.findall(en)) != set(SLOT.findall(fr))] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_key_is_written_twice_in_a_file(language: Language) -> None:
    for path in sorted((CATALOGUES / language).glob("*.yaml")):
        node = yaml.compose(path.read_text(encoding="utf-8"))
        assert node is None or _twice(node) == [], path.name


def _twice(node: yaml.Node) -> list[str]:
    if not isinstance(node, yaml.MappingNode):
        return []
    names = [str(key.value) for key, _ in node.value]
    return [name for name in set(names) if names.count(name) > 1] + [each for _, value in node.value for each in _twice(value)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_says_what_why_and_what_to_do(language: Language) -> None:
    for area in i18n.areas(language):
        keys = set(i18n.area_of(language, area))
        names = {key.rpartition(".")[0] for key in keys if key.startswith("errors.")}
        assert {f"{name}.{part}" for name in names for part in ("what", "why", "next")} <= keys, area


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_empty_or_ends_in_blanks(language: Language) -> None:
    joints = {"diagnosis.or", "diagnosis.and"}  # they stand between two others
    texts = {key: words for key, words in _texts(language) if key not in joints}
    assert {key for key, words in texts.items() if not words.strip()} == set()
    assert {key for key, words in texts.items() if any(line != line.rstrip() for line in words.split("\n"))} == set()


# ---- used ----------------------------------------------------------------------------------------------------------

_TEXT_CALLS = {"text", "_text", "_t", "says"}
_ERRORS = {"Permanent", "Transient", "BadUsage", "Refused", "NeedsApproval", "Failure", "Turned"}


def _calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            yield str(name), node


def _literals(node: ast.Call) -> Iterator[str]:
    for argument in node.args:
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            yield argument.value


def _used() -> Iterator[tuple[str, str]]:
    """Yield (file, key) for each key of a sentence or an error that stands in the code as it is."""
    for file, tree in _trees():
        for name, call in _calls(tree):
            for key in _literals(call):
                if not re.fullmatch(r"[a-z]+(\.[a-z0-9_]+)+", key):
                    continue
                if name in _ERRORS:
                    yield file, ".".join((key.partition(".")[0], "errors", key.partition(".")[2], "what"))
                elif name in _TEXT_CALLS and key.partition(".")[0] in AREAS:
                    yield file, key


def test_every_key_that_the_code_names_is_in_the_catalogues() -> None:
    used = list(_used())
    assert len(used) > 100
    assert [(file, key) for file, key in used if not i18n.has(key)] == []


# ---- French is French ----------------------------------------------------------------------------------------------


def _is_wordless(words: str) -> bool:
    return not _LETTERS.search(_CODE.sub("", words))


def test_no_sentence_was_left_in_english() -> None:
    fr = dict(_texts("fr"))
    same = {key: words for key, words in _texts("en") if fr.get(key) == words and not _is_wordless(words)}
    assert {key: words for key, words in same.items() if words.casefold() not in SAME_WORDS} == {}


def test_no_piece_of_knowledge_and_no_plug_in_was_left_in_english() -> None:
    same = [(where, en) for where, en, fr in (*_knowledge(), *_spoken()) if en == fr and not _is_wordless(en)]
    assert [each for each in same if each[1].casefold() not in SAME_WORDS] == []


# A sign of two parts stands off its word: by a space of any width. Times, paths, options and addresses are no sentences.
_NO_SPACE = re.compile(r"[\w»)\]}’](?:[;!?](?=\s|$|[»)])|:(?=\s|$))")
_STRAIGHT = re.compile(r"[A-Za-zÀ-ÿ]'[A-Za-zÀ-ÿ{]")
_SHOWS_CODE = {"yaml.expected.mapping": "« clé: valeur » is YAML, shown as it is written"}
_GUILLEMETS = re.compile(r"«(?![ \u00a0\u202f])|(?<![ \u00a0\u202f])»")


@pytest.mark.parametrize(
    ("mistake", "what"),
    [
        pytest.param(_NO_SPACE, "a sign of two parts needs a space before it", id="spaces"),
        pytest.param(_STRAIGHT, "the apostrophe is ’", id="apostrophes"),
        pytest.param(_GUILLEMETS, "guillemets stand off what they hold", id="guillemets"),
        pytest.param(re.compile(r"[“”]"), "French quotes with guillemets", id="quotes"),
        pytest.param(re.compile(r"\.\.\."), "an ellipsis is …", id="ellipses"),
    ],
)
def test_french_is_set_as_french(mistake: re.Pattern[str], what: str) -> None:
    wrong = {where: words for where, words in _french() if mistake.search(_CODE.sub("x", words))}
    assert {where: words for where, words in wrong.items() if where not in _SHOWS_CODE} == {}, what


def test_french_addresses_its_reader_as_vous() -> None:
    familiar = re.compile(r"\b(?:tu|toi|ton|tes|ta)\b", re.IGNORECASE)
    assert {where: words for where, words in _french() if familiar.search(words)} == {}


def test_one_space_is_used_before_the_signs_throughout() -> None:
    kinds = {mark for _, words in _french() for mark in re.findall(r"([ \u00a0\u202f])[;:!?»](?=\s|$)", _CODE.sub("x", words))}
    assert len(kinds) == 1

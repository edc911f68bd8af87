"""The one reader of the environment and of the settings file."""

from pathlib import Path

import pytest

from vigie import config
from vigie.app import build
from vigie.domain.errors import BadUsage


def _written(home: Path, text: str) -> dict[str, str]:
    (home / "config.yaml").write_text(text, encoding="utf-8")
    return {"VIGIE_HOME": str(home)}


def test_the_home_is_the_one_that_is_named(tmp_path: Path) -> None:
    assert config.surroundings({"VIGIE_HOME": str(tmp_path), "XDG_DATA_HOME": "/elsewhere"}).home == tmp_path


def test_without_a_name_the_home_is_in_the_data_folder() -> None:
    assert config.surroundings({"XDG_DATA_HOME": "/data"}).home == Path("/data/vigie")
    assert config.surroundings({}).home == Path("~/.local/share/vigie").expanduser()


@pytest.mark.parametrize(
    ("values", "language"),
    [
        ({"LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LC_ALL": "fr_CA", "LANG": "en_US"}, "fr"),
        ({}, "en"),
    ],
)
def test_the_language_is_the_one_of_the_locale(values: dict[str, str], language: str) -> None:
    assert config.surroundings(values).language == language


def test_the_language_of_the_home_comes_before_that_of_the_locale(tmp_path: Path) -> None:
    values = _written(tmp_path, "language: fr\n") | {"LANG": "en_GB.UTF-8"}
    assert config.surroundings(values).language == "fr"
    assert config.load(values).language == "fr"


@pytest.mark.parametrize("text", ["language: [\n", "language: de\n", "- 1\n", "\ufeff\x00"])
def test_a_settings_file_that_names_no_language_leaves_it_to_the_locale(tmp_path: Path, text: str) -> None:
    assert config.surroundings(_written(tmp_path, text) | {"LANG": "fr_FR"}).language == "fr"


async def test_what_a_case_may_use_is_what_the_settings_say(tmp_path: Path) -> None:
    settings = config.load(_written(tmp_path, "limits: {actions: 3, minutes: 7}\n"))
    async with build(settings) as services:
        budget = services.desk._life._limits.budget()
    assert (budget.actions, budget.minutes) == (3, 7)


def test_a_home_without_a_settings_file_has_the_defaults(tmp_path: Path) -> None:
    settings = config.load({"VIGIE_HOME": str(tmp_path)})
    assert settings.database_url is None
    assert settings.interfaces.port is None
    assert settings.interfaces.bind == "127.0.0.1"
    assert settings.crash_at is None


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing yet\n"])
def test_an_empty_file_says_nothing(tmp_path: Path, text: str) -> None:
    assert config.load(_written(tmp_path, text)).interfaces.port is None


def test_the_file_is_read(tmp_path: Path) -> None:
    settings = config.load(
        _written(
            tmp_path,
            "language: fr\nserver: {port: 9000, host_names: [Vigie.Lan]}\nlimits: {actions: 3}\nknowledge: [mine]\n"
            "sources:\n  - {host: web, path: /var/log/web.log, service: web}\n",
        )
    )
    assert settings.language == "fr"
    assert settings.interfaces.port == 9000
    assert settings.interfaces.host_names == ("vigie.lan",)
    assert settings.limits.actions == 3
    assert settings.knowledge == (tmp_path / "mine",)
    assert [(source.host, source.service) for source in settings.sources] == [("web", "web")]


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("server:\n  port: many\n", 2, 3),
        ("server:\n  prot: 80\n", 2, 3),
        ("server: [\n", 2, 1),
        ("limits:\n  actions: 0\n", 2, 3),
        ("colour: red\n", 1, 1),
    ],
)
def test_a_broken_file_is_told_with_its_line_and_column(tmp_path: Path, text: str, line: int, column: int) -> None:
    with pytest.raises(BadUsage) as caught:
        config.load(_written(tmp_path, text))
    assert caught.value.key == "yaml.broken"
    assert (caught.value.values["line"], caught.value.values["column"]) == (line, column)
    assert "config.yaml" in caught.value.what("fr") + caught.value.why("fr")


def test_the_point_to_die_at_comes_from_the_environment(tmp_path: Path) -> None:
    assert config.load({"VIGIE_HOME": str(tmp_path), "VIGIE_CRASH_AT": "after_intent"}).crash_at == "after_intent"

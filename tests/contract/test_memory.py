"""What holds for every table, store and error of the memory."""

import ast
import re
from pathlib import Path

import pytest

import vigie.memory
from vigie import i18n
from vigie.memory.schema import metadata

FILES = sorted(Path(vigie.memory.__file__).parent.rglob("*.py"))
# One chain per installation: its rows carry the tenant, its head cannot.
OF_NO_TENANT = {"journal_head"}
# Where statements are built: the tenant's filter, the chain itself, and the tables' own life.
VERSIONS = {file.name for file in FILES if file.parent.name == "versions"}
BUILDERS = {"scope.py", "journal.py", "migrate.py", "env.py", "schema.py", *VERSIONS}
KEY = re.compile(r'"((?:database|home|journal|artefact|approval|backup|case|host)\.[a-z_]+)"')
NAMES_OF_FILES = {"home.key", "journal.head"}
ERRORS = sorted({key for file in FILES for key in KEY.findall(file.read_text())} - NAMES_OF_FILES)


@pytest.mark.parametrize("table", metadata.sorted_tables, ids=lambda table: table.name)
def test_each_row_belongs_to_a_tenant(table: object) -> None:
    name, columns, key = table.name, table.c, table.primary_key  # type: ignore[attr-defined]  # a Table
    if name in OF_NO_TENANT:
        return
    assert not columns.tenant.nullable
    assert "tenant" in key or name == "journal"


@pytest.mark.parametrize("file", [file for file in FILES if file.name not in BUILDERS], ids=lambda file: file.name)
def test_stores_reach_rows_through_the_tenants_filter_only(file: Path) -> None:
    words = {"select", "insert", "update", "delete"}
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy"):
            assert not words & {name.name for name in node.names}, f"{file.name} builds its own statements"


@pytest.mark.parametrize("key", ERRORS)
def test_each_error_is_told_in_both_languages_with_the_same_values(key: str) -> None:
    area, _, name = key.partition(".")
    slots = {}
    for language in i18n.LANGUAGES:
        sentences = [i18n.area_of(language, area)[f"errors.{name}.{part}"] for part in ("what", "why", "next")]
        assert all(sentences)
        slots[language] = set(re.findall(r"\{(\w+)\}", " ".join(sentences)))
    assert slots["en"] == slots["fr"]


def test_the_errors_were_found() -> None:
    assert len(ERRORS) > 20

"""The files that should not change unnoticed: what people write is one of them, the rows of a database are not."""

import json
import subprocess
import sys
from pathlib import Path

import vigie.knowledge


def test_of_a_database_only_what_people_write_is_told(tmp_path: Path) -> None:
    cluster = tmp_path / "main"
    (cluster / "base" / "1").mkdir(parents=True)
    for name in ("PG_VERSION", "postgresql.conf", "pg_hba.conf", "base/1/2619"):
        (cluster / name).write_text(name)
    told = _told(tmp_path)
    assert f"{cluster}/postgresql.conf" in told
    assert f"{cluster}/pg_hba.conf" in told
    assert not {f"{cluster}/PG_VERSION", f"{cluster}/base", f"{cluster}/base/1/2619"} & told


def test_of_other_folders_all_that_is_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "app.py").write_text("1")
    assert f"{tmp_path}/base/app.py" in _told(tmp_path)


def _told(folder: Path) -> set[str]:
    script = Path(vigie.knowledge.__file__).parent / "scripts" / "files_state.py"
    out = subprocess.run([sys.executable, script, folder], check=True, capture_output=True, text=True, timeout=30).stdout
    return {json.loads(line)[0] for line in out.splitlines()}

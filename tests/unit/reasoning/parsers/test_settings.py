"""Reading configuration of any of the usual forms."""

import pytest

from vigie.reasoning.settings import is_settings, settings


def read(text: str, name: str = "/etc/app.conf") -> dict[str, str]:
    return {".".join(part for part in (one.section, one.key) if part): one.value for one in settings(text, name)}


@pytest.mark.parametrize(
    ("text", "name", "found"),
    [
        ("[web]\nport = 8000 ; old\nhost: a\n", "/a.ini", {"web.port": "8000", "web.host": "a"}),
        ("export WORKERS=4\nNAME='a b'\nEMPTY=\n# X=1\n", "/a/.env", {"WORKERS": "4", "NAME": "a b", "EMPTY": ""}),
        (
            "http {\n  server {\n    listen 80;\n    client_max_body_size 1m;\n  }\n}\n",
            "/etc/nginx/nginx.conf",
            {"http.server.listen": "80", "http.server.client_max_body_size": "1m"},
        ),
        ("maxmemory 64mb\nsave 900 1\nsave 60 100\n", "/redis.conf", {"maxmemory": "64mb", "save": "900 1", "save#2": "60 100"}),
        (
            "a:\n  b: 1\n  c:\n    - x: y\n    - z\nd: 'q: r'\n",
            "/a.yaml",
            {"a.b": "1", "a.c.0.x": "y", "a.c.1": "z", "d": "q: r"},
        ),
        ('{"a": {"b": [1, "x"]}, "c": null}', "/a.json", {"a.b.0": "1", "a.b.1": "x", "c": "null"}),
        ("shared_buffers = 128MB\t# min 128kB\nport = 5432\n", "/postgresql.conf", {"shared_buffers": "128MB", "port": "5432"}),
        ("{broken", "/a.json", {}),
    ],
)
def test_settings_are_read(text: str, name: str, found: dict[str, str]) -> None:
    assert read(text, name) == found


@pytest.mark.parametrize(
    "line",
    [
        "password = hunter2",
        "API_KEY=hunter2",
        "db.passwd: hunter2",
        'SECRET_KEY="hunter2"',
        "url = postgres://app:hunter2@db/app",
        "auth_token hunter2",
    ],
)
def test_a_secret_leaves_only_a_mark(line: str) -> None:
    (setting,) = settings(line, "/etc/app.conf")
    assert "hunter2" not in setting.value
    assert setting.secret
    (again,) = settings(line, "/etc/app.conf")
    (other,) = settings(line.replace("hunter2", "hunter3"), "/etc/app.conf")
    assert setting.value == again.value
    assert setting.value != other.value


def test_a_line_number_is_that_of_the_file() -> None:
    assert [one.line for one in settings("# a\n\n[x]\nb = 1\nc = 2\n", "/a.ini")] == [4, 5]


@pytest.mark.parametrize(
    ("path", "is_one"), [("/a/app.ini", True), ("/a/.env.local", True), ("/a/photo.jpg", False), ("/a/notes.txt", False)]
)
def test_a_configuration_file_is_known_by_its_name(path: str, is_one: bool) -> None:
    assert is_settings(path) is is_one

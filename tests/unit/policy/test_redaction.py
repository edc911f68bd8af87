import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.policy import redaction
from vigie.policy.redaction import MARK, redact

# (text, the secret in it). The secrets are made up here; parts are joined so that no scanner takes them for real ones.
SHAPES = [
    ("postgresql://shop:hunter2pass@db.example/shop", "hunter2pass"),
    ("redis://:s3cr3tredis@127.0.0.1:6379/0", "s3cr3tredis"),
    ("amqp://u:p@ss!word@mq:5672/v", "p@ss!word"),
    ("https://oauth2:gitpass99@git.example/x.git", "gitpass99"),
    ("DB_PASSWORD=correct-horse", "correct-horse"),
    ("export MYSQL_PWD='battery staple'", "battery staple"),
    ("password: swordfish", "swordfish"),
    ('{"user": "a", "password": "sword\\"fish"}', 'sword\\"fish'),
    ('{\\"password\\": \\"swordfish\\"}', "swordfish"),
    ("'secret_key' => 'abcdef123456'", "abcdef123456"),
    ("SECRET_KEY_BASE=0123456789abcdef", "0123456789abcdef"),
    ("$config['db_password'] = 'phpsecret';", "phpsecret"),
    ("api_key=zzzzYYYY1111", "zzzzYYYY1111"),
    ("client_secret: q1w2e3r4t5", "q1w2e3r4t5"),
    ("mot de passe : baguette42", "baguette42"),
    ("<password>xmlsecret</password>", "xmlsecret"),
    ("Authorization: Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
    ("authorization: Bearer abcdef.ghijkl", "abcdef.ghijkl"),
    ("-H 'Authorization: token 0123456789abcdef'", "0123456789abcdef"),
    ("X-Api-Key: 99887766554433", "99887766554433"),
    ("Cookie: session=abcdef0123", "abcdef0123"),
    ("Set-Cookie: sid=zz99; HttpOnly", "zz99"),
    ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----", "MIIE"),
    ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNz", "b3BlbnNz"),
    ("key AKIA" + "ABCDEFGHIJKLMNOP used", "AKIAABCDEFGHIJKLMNOP"),
    ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCY"),
    ("ghp_" + "a1B2" * 9, "a1B2" * 9),
    ("github_pat_" + "A1b2" * 10, "A1b2" * 10),
    ("glpat-" + "abcdefghij1234567890", "abcdefghij1234567890"),
    ("xoxb-" + "123456789012-abcdefghijkl", "123456789012-abcdefghijkl"),
    ("https://hooks.slack.com/services/T000/B000/XXXXyyyyZZZZ", "XXXXyyyyZZZZ"),
    ("https://discord.com/api/webhooks/1234567890123/abcdefghijABCDEFGHIJ12", "abcdefghijABCDEFGHIJ12"),
    ("sk_live_" + "abcdefghij0123", "abcdefghij0123"),
    ("sk-proj-" + "abcdefghijklmnopqrstuvwx", "abcdefghijklmnopqrstuvwx"),
    ("AIza" + "SyA-1234567890abcdefghijklmnopqrstu", "SyA-1234567890abcdefghijklmnopqrstu"),
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0." + "abcdefABCDEF123456", "abcdefABCDEF123456"),
    ("npm_" + "a" * 36, "a" * 36),
    ("bot123456789:AA" + "b" * 33, "b" * 33),
    ("DefaultEndpointsProtocol=https;AccountKey=abcd1234efgh5678==;", "abcd1234efgh5678"),
    ("root:$6$saltsalt$" + "hashhashhash:19000:0", "hashhashhash"),
    ("SCRAM-SHA-256$4096:c2FsdA==$a2V5:c2VydmVy", "a2V5:c2VydmVy"),
    ("requirepass foobared99", "foobared99"),
    ("CONFIG SET requirepass foobared99", "foobared99"),
    ("CREATE USER 'a' IDENTIFIED BY 'sqlsecret'", "sqlsecret"),
    ("ALTER ROLE shop PASSWORD 'pgsecret'", "pgsecret"),
    ("machine h login me password netrcpw", "netrcpw"),
    ("mysql -u root -phunter2 shop", "hunter2"),
    ("redis-cli -a foobared ping", "foobared"),
    ("sshpass -p hunter22 ssh h", "hunter22"),
    ("curl -u admin:hunter222 http://x", "hunter222"),
    ("tool --password hunter3 --verbose", "hunter3"),
    ("tool --api-token=tok12345", "tok12345"),
    ("openssl rsa -passin pass:keypw", "keypw"),
    ("db.example:5432:shop:shop:pgpasspw", "pgpasspw"),
    ("bind_pw = ldapsecret", "ldapsecret"),
]

ORDINARY = [
    "Failed password for root from 192.0.2.4 port 22 ssh2",
    "sudo: a password is required",
    "GET /login?next=/account HTTP/1.1 200 512",
    "http://127.0.0.1:8080/health returned 502",
    '2026-11-20T10:36:11Z web ERROR relation "orders" does not exist',
    "upstream timed out (110: Connection timed out) while reading response header",
    "Unexpected token < in JSON at position 0",
    "max_tokens: 512, tokens=12",
    "PWD=/srv/app OLDPWD=/",
    "password = ${DB_PASSWORD}",
    "PasswordAuthentication no",
    "password_encryption = scram-sha-256",
    "worker-1 key=orders:17 took 12 ms",
    "root:x:0:0:root:/root:/bin/bash",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample user@host",
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "secret is missing; token: invalid",
    "listen 443 ssl; ssl_certificate_key /etc/ssl/private/x.key;",
    "mysql -p shop < dump.sql",
]


@pytest.mark.parametrize(("text", "secret"), SHAPES, ids=range(len(SHAPES)))
def test_a_secret_of_a_known_shape_is_gone(text: str, secret: str) -> None:
    hidden = redact(f"before\n{text}\nafter")
    assert secret not in hidden
    assert MARK in hidden
    assert hidden.startswith("before")


@pytest.mark.parametrize(("text", "secret"), SHAPES, ids=range(len(SHAPES)))
def test_redacting_twice_changes_nothing(text: str, secret: str) -> None:
    assert redact(redact(text)) == redact(text)


NAMED = [shape for shape in redaction._SHAPES if isinstance(shape, redaction._Named)]
WORDS = (
    *("password", "DB_PASS", "api-key", "mot de passe", "mot de_passe", "secret", "bindpw", "connection-string", "pa\u017fsword"),
    *(
        "tok",
        "en",
        "key",
        "x",
        "é",
        "_",
        ".",
        "-",
        "$",
        " ",
        "\n",
        "unexpected ",
        "'",
        '"',
        "[",
        "]",
        "\\",
        "=",
        ": ",
        "=>",
        '": "',
    ),
    *("hunter2", "true", "12", "[redacted]", "/home", "a" * 130),
)


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_is_untouched(text: str) -> None:
    assert redact(text) == text


def test_what_is_around_a_secret_stays() -> None:
    assert redact("postgres://shop:pw123@db:5432/shop?x=1") == f"postgres://shop:{MARK}@db:5432/shop?x=1"
    assert redact('{"password": "a", "port": 1}') == f'{{"password": "{MARK}", "port": 1}}'


@given(st.text(alphabet="pasword=:secrt'\"[] \n{}<>@/-ab1", max_size=80))
def test_redacting_any_text_twice_changes_nothing(text: str) -> None:
    assert redact(redact(text)) == redact(text)


@given(st.lists(st.sampled_from(WORDS), max_size=12).map("".join))
def test_a_name_is_found_wherever_a_search_of_the_whole_text_finds_it(text: str) -> None:
    expected = text
    for shape in NAMED:
        expected = shape.pattern.sub(shape.instead, expected)
    found = text
    for shape in NAMED:
        found = shape.sub(found)
    assert found == expected


@pytest.mark.parametrize(
    "text",
    [
        "a-" * 40_000,
        "curl " * 15_000,
        "password" * 9_000,
        "x://" * 16_000,
        "-----BEGIN PRIVATE KEY-----" * 2_000,
        "'" * 60_000,
        "a.b:" * 16_000,
    ],
)
def test_no_text_takes_long(text: str) -> None:
    began = time.process_time()
    redact(text)
    assert time.process_time() - began < 5

"""What the operating system says is told in the reader's language, and nothing is told without an end."""

import errno
import os

import pytest

from vigie import i18n
from vigie.domain.errors import Permanent


@pytest.mark.parametrize("number", [errno.ENOENT, errno.EACCES, errno.ENOSPC, errno.EROFS, errno.ECONNREFUSED])
def test_a_refusal_of_the_system_is_told_in_french(number: int) -> None:
    french = i18n.system("fr", os.strerror(number))
    assert french != os.strerror(number)
    assert i18n.system("fr", f"[Errno {number}] Whatever it was ('127.0.0.1', 1)") == french
    assert i18n.system("en", os.strerror(number)) != french


@pytest.mark.parametrize("said", ["", "no such container", "[Errno 99999] odd", "[Errno x]", "ENOENT"])
def test_anything_else_is_told_as_it_was_said(said: str) -> None:
    assert i18n.system("fr", said) == said


def test_our_own_short_answers_are_known_too() -> None:
    assert i18n.system("fr", "no answer in time") == "pas de réponse à temps"


def test_an_error_tells_no_value_without_an_end() -> None:
    error = Permanent("host.unknown", host="x" * 65536)
    assert len(error.what("fr")) < 1000
    assert len(str(error)) < 2000


def test_an_error_of_the_system_given_as_it_is_is_told_in_french_too() -> None:
    refused = PermissionError(errno.EACCES, os.strerror(errno.EACCES), "/root/key")
    assert "accès refusé" in Permanent("host.key_file", host="web", path="/root/key", reason=refused).why("fr")

"""What protects a host and does so less than before, or not as it must: a trouble even where nobody notices anything."""

import re
from collections.abc import Callable, Iterator

from vigie.domain.fact import Fact, Value
from vigie.reasoning.derived import made
from vigie.reasoning.facts import Facts
from vigie.reasoning.house import House, tail, text_of, value_of
from vigie.reasoning.times import Times

_BLOCKS = frozenset(("drop", "reject"))
_WHO_MAY_WHAT = re.compile(
    r"^/etc/(sudoers(\.d/.*)?|pam\.d/.*|security/.*|ssh/sshd_config.*|shadow|gshadow)$|/\.ssh/authorized_keys2?$"
)
# Settings that programs of several makers protect themselves with, and the values that take the protection away.
_OFF = frozenset(("no", "off", "false", "0", "none", "disabled", "disable", "trust", "optional"))
_ON = frozenset(("yes", "on", "true", "1", "enabled", "without-password"))
_PROTECTS = re.compile(
    r"^(requirepass|protected-mode|ssl|tls|ssl_verify_client|verify|strictmodes|usepam|auth|authentication|authorization|fsync)$"
    r"|require_?(auth|tls|ssl)|(auth|tls|ssl|csrf)_?(enabled|required)|verify_(ssl|tls)|secure_cookies?|pubkeyauthentication",
    re.IGNORECASE,
)
_OPENS = re.compile(
    r"^(permitrootlogin|passwordauthentication|permitemptypasswords|hostbasedauthentication|gatewayports|autoindex)$"
    r"|allow_?(anonymous|all|root|empty)|anonymous_?enable|debug_?mode",
    re.IGNORECASE,
)


def weakened(facts: Facts, house: House, _times: Times) -> Iterator[Fact]:
    """Yield `security.weakened`: `{what}`."""
    for name, what, counts in _SIGNS:
        for fact in facts.named(name):
            if counts(fact, house):
                value: dict[str, Value] = {"what": what, "key": text_of(fact, "key") or None}
                yield made("security.weakened", fact.subject, value, (fact,))


def loosened(fact: Fact) -> bool:
    """Say whether a changed setting protects less than it did."""
    key = text_of(fact, "key").partition("#")[0].rpartition(".")[2]
    before, after = (str(value_of(fact, side) or "").strip().lower() for side in ("before", "after"))
    if _PROTECTS.search(key):
        return bool(before) and before not in _OFF and (after in _OFF or not after)
    return bool(_OPENS.search(key)) and after in _ON and before not in _ON


def _protected(fact: Fact, _house: House) -> bool:
    return value_of(fact, "after") is None and text_of(fact, "verdict") in _BLOCKS


def _gives_rights(fact: Fact, _house: House) -> bool:
    return value_of(fact, "after") is not None and bool(_WHO_MAY_WHAT.search(tail(fact)))


def _is_stranger(fact: Fact, house: House) -> bool:
    return house.service_of(value_of(fact, "pid")) is None and bool(text_of(fact, "starter"))


_SIGNS: tuple[tuple[str, str, Callable[[Fact, House], bool]], ...] = (
    ("change.firewall", "firewall", _protected),
    ("change.setting", "setting", lambda fact, _house: loosened(fact)),
    ("change.file", "access", _gives_rights),
    ("change.link", "access", _gives_rights),
    ("key.exposed", "key", lambda _fact, _house: True),
    ("process.strange", "process", _is_stranger),
)

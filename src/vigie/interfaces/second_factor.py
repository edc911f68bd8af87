"""A second factor at the sign-in: codes of an authenticator (TOTP, RFC 6238), each good once."""

import base64
import secrets

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from vigie.domain.errors import BadUsage
from vigie.interfaces.services import Services

_STEP_S = 30
_DIGITS = 6
_KEY_BYTES = 20
# A clock may be a step off, in either direction.
_STEPS = (0, -1, 1)


async def is_on(services: Services, name: str) -> bool:
    """Say whether a person has to show a code."""
    return await services.store.secrets.get(_secret(name)) is not None


async def begin(services: Services, name: str) -> tuple[str, str]:
    """Return a new key for a person's authenticator, as text and as the address behind a QR code; a code confirms it."""
    key = secrets.token_bytes(_KEY_BYTES)
    await services.store.secrets.put(_secret(name, "new"), key)
    return base64.b32encode(key).decode(), _totp(key).get_provisioning_uri(name, "Vigie")


async def confirm(services: Services, name: str, code: str) -> None:
    """Ask for codes from now on, once a first one has shown that the authenticator has the key.

    Raises:
        BadUsage: nothing was begun, or the code is not the right one.
    """
    key = await services.store.secrets.get(_secret(name, "new"))
    if key is None or (step := _step(services, key, code)) is None:
        raise BadUsage("person.wrong_code")
    await services.store.secrets.put(_secret(name), key)
    await services.store.secrets.remove(_secret(name, "new"))
    await services.store.cursors.set(_cursor(name), {"step": step})


async def accepts(services: Services, name: str, code: str) -> bool:
    """Use a code up; True for the right one that was not used before, and for anything where no code is asked for."""
    key = await services.store.secrets.get(_secret(name))
    if key is None:
        return True
    step = _step(services, key, code)
    used = (await services.store.cursors.get(_cursor(name)) or {}).get("step")
    if step is None or (isinstance(used, int) and step <= used):
        return False
    await services.store.cursors.set(_cursor(name), {"step": step})
    return True


async def forget(services: Services, name: str) -> None:
    """Ask a person for no code any more."""
    for which in ("", "new"):
        await services.store.secrets.remove(_secret(name, which))


def _step(services: Services, key: bytes, code: str) -> int | None:
    now = int(services.clock.now().timestamp()) // _STEP_S
    if not (code.isascii() and code.isdigit() and len(code) == _DIGITS):
        return None
    for off in _STEPS:
        try:
            _totp(key).verify(code.encode(), (now + off) * _STEP_S)
        except InvalidToken:
            continue
        return now + off
    return None


def _totp(key: bytes) -> TOTP:
    return TOTP(key, _DIGITS, SHA1(), _STEP_S)  # noqa: S303  # what authenticators know; in an HMAC it is not broken


def _secret(name: str, which: str = "") -> str:
    return f"person:{name}:totp{which and '-' + which}"


def _cursor(name: str) -> str:
    return f"totp:{name}"

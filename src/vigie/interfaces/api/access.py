"""Access tokens: signed (JWT, HS256), short-lived, and good only while the sign-in they came of was not ended."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

import jwt

from vigie.interfaces.services import Services

TTL_S = 15 * 60.0
REFRESH_TTL_S = 14 * 86_400.0
_ALGORITHM = "HS256"
_ISSUER = "vigie"
_KEY = "api:access-key"


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says; what its person may do is looked up, so that a change holds at once."""

    person: str
    family: str


async def sign(services: Services, person: str, family: str) -> str:
    """Return an access token."""
    now = services.clock.now()
    claims = {
        "iss": _ISSUER,
        "aud": services.tenant,
        "sub": person,
        "fam": family,
        "iat": now,
        "exp": now + timedelta(seconds=TTL_S),
    }
    return jwt.encode(claims, await _key(services), algorithm=_ALGORITHM)


async def read(services: Services, token: str) -> Claims | None:
    """Return what a token says; None when it was not made here, is over, or its sign-in was ended."""
    try:
        said = jwt.decode(
            token,
            await _key(services),
            algorithms=[_ALGORITHM],
            audience=services.tenant,
            issuer=_ISSUER,
            options={"require": ["exp", "sub", "fam"]},
        )
    except jwt.InvalidTokenError:
        return None
    claims = Claims(str(said["sub"]), str(said["fam"]))
    return claims if await services.store.tokens.is_live(claims.family) else None


async def _key(services: Services) -> bytes:
    key = await services.store.secrets.get(_KEY)
    if key is None:
        key = secrets.token_bytes(32)
        await services.store.secrets.put(_KEY, key)
        # Another process may have made one at the same moment: both go on with the one that is there.
        key = await services.store.secrets.get(_KEY) or key
    return key
